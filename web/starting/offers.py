"""What somebody can start: items of the bureau by their type, plain processes, and first of all what this person starts most."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from flask import url_for

from engine.access import Verb, may
from engine.approval.item import Item, deployed_item
from engine.approval.item.code import ITEM_TYPES
from engine.commands.running.instances import BEGUN_ELSEWHERE
from engine.records import record
from web.frame.auth import current_actor, services
from web.wording.i18n import choose
from web.wording.i18n import translate as _
from web.wording.words import word

PROCESS, OFTEN = "process", "often"  # kinds beside the two digits of an item's type
MOST_OFTEN = 6
AT_ONCE = (
    200  # offers that one page shows of all kinds; of more, it shows of each kind so many, and the search the rest
)
OF_EACH = 24


@record
class Offer:
    """An item or a plain process on the page 发起申请. ``ref`` is what its draft is kept under."""

    name: str
    url: str
    kind: str
    ref: str
    what: str  # the code of the item, or the key of the process
    searched: str
    item: Item | None = None
    department: str = ""
    process: Any = None


@record
class Group:
    """The offers of one kind, or those that are used most."""

    kind: str
    name: str
    offers: tuple[Offer, ...]


def offered() -> list[Offer]:
    """Items for those who file cases, by code; plain processes for all, by name."""
    queries = services().queries
    rows = queries.definitions.items()
    # What was deployed together with an item is part of it: it is started by filing a case, or by the process itself.
    of_items = {row["deployment_id"] for row in rows}
    plain = [
        row
        for row in queries.definitions.startable()
        if row["deployment_id"] not in of_items and row["key"] not in BEGUN_ELSEWHERE
    ]
    found = []
    if may(current_actor(), Verb.FILE_CASE).allowed:
        departments = {row["code"]: row["name"] for row in queries.admin.departments()}
        items = [deployed_item(row["source"]) for row in rows]
        found = [_of_item(item, departments.get(item.department, item.department)) for item in items]
    return found + [_of_process(row) for row in plain]


def found(offers: Iterable[Offer], text: str) -> list[Offer]:
    """Those in whose name, code or department every word of ``text`` stands."""
    words = text.casefold().split()
    return [each for each in offers if all(word in each.searched for word in words)]


def grouped(offers: Iterable[Offer]) -> list[Group]:
    """What this person started most, if anything, then all by kind: the types in the order of the catalogue, processes last."""
    offers = list(offers)
    used = Counter(services().queries.instances.lately_started(current_actor()))
    often = sorted((each for each in offers if used[each.what]), key=lambda each: -used[each.what])[:MOST_OFTEN]
    groups = [Group(kind=OFTEN, name=_("常用"), offers=tuple(often))] if often else []
    kinds = sorted({each.kind for each in offers}, key=lambda kind: (kind == PROCESS, kind))
    return groups + [
        Group(kind=kind, name=_kind_name(kind), offers=tuple(each for each in offers if each.kind == kind))
        for kind in kinds
    ]


def _kind_name(kind: str) -> str:
    if kind == PROCESS:
        return _("内部流程")
    return word(kind, "item_type") if kind in ITEM_TYPES else _("其他事项")


def _of_item(item: Item, department: str) -> Offer:
    return Offer(
        name=choose(item.name, item.name_en or item.name),
        url=url_for("applications.show", code=item.code),
        kind=item.item_code.item_type,
        ref=item.code,
        what=item.code,
        searched=f"{item.name} {item.name_en} {item.code} {department}".casefold(),
        item=item,
        department=department,
    )


def _of_process(row: dict[str, Any]) -> Offer:
    return Offer(
        name=row["name"],
        url=url_for("start.process", key=row["key"]),
        kind=PROCESS,
        ref=f"process:{row['key']}",
        what=row["key"],
        searched=f"{row['name']} {row['key']}".casefold(),
        process=row,
    )
