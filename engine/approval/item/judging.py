"""How a check of an item says what it found: too long a limit, an error, a warning."""

from collections.abc import Iterator

from engine.approval.finding import ItemFinding, Severity
from engine.approval.item.terms import SourcedLimit
from engine.calendar import Limit


def longer(
    shorter: Limit, longer: Limit, code: str, zh: str, en: str, element: str, basis: str
) -> Iterator[ItemFinding]:
    """Yield an error when the first limit is longer than the second, a warning when nobody can say."""
    within = shorter.within(longer)
    if within is False:
        yield error(code, zh, en, element, basis)
    elif within is None:
        yield warning(
            f"{code}-unknown",
            f"{shorter.text()}与{longer.text()}单位不同，请人工核对：{zh}",
            f"{shorter} and {longer} have different units, please check: {en}",
            element,
            basis,
        )


def error(code: str, zh: str, en: str, element: str, basis: str = "") -> ItemFinding:
    return ItemFinding(severity=Severity.ERROR, code=code, zh=zh, en=en, element=element, basis=basis)


def warning(code: str, zh: str, en: str, element: str, basis: str = "") -> ItemFinding:
    return ItemFinding(severity=Severity.WARNING, code=code, zh=zh, en=en, element=element, basis=basis)


def capped(
    found: SourcedLimit, cap: Limit, code: str, zh: str, en: str, element: str, basis: str
) -> Iterator[ItemFinding]:
    yield from longer(
        found.limit,
        cap,
        code,
        f"{zh}{found.limit.text()}超过上限{cap.text()}。",
        f"{en} of {found.limit} is longer than {cap}.",
        element,
        basis,
    )
