"""How a rule speaks: codes with their sentences in one catalogue, and the notebook into which findings are written."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from engine.bpmn.words import Words, kind_words
from engine.records import record
from engine.runtime.finding import Change, Finding, Severity

ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING
INFO: Final = Severity.INFO


class Place(Protocol):
    """Where a finding belongs: an element of the graph, or anything else with these five facts."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


@record
class Spot:
    """A place that is no element of the graph (the file itself, an extension element...)."""

    file: str
    line: int = 0
    id: str = ""
    name: str = ""
    kind: str = ""


@record(kw_only=False)
class Code:
    """One kind of finding. The sentences say what is wrong and what to do; ``{it}`` is the element, by kind and name."""

    code: str
    severity: Severity
    zh: str
    en: str
    about: str  # for docs/bpmn-findings.md: why this matters, with the chapter of the specification where there is one
    change: Words | None = None  # what normalising does about it, if the designer consents


class Catalogue:
    """All codes, by name. Each module of rules adds its own, beside the rules that use them."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}

    def add(self, *codes: Code) -> None:
        """Enter codes; a code is entered once."""
        for code in codes:
            if code.code in self._codes:
                raise ValueError(f"finding code {code.code} is entered twice")
            self._codes[code.code] = code

    def __getitem__(self, code: str) -> Code:
        return self._codes[code]

    def all(self) -> tuple[Code, ...]:
        """Return every code, in alphabetical order."""
        return tuple(self._codes[code] for code in sorted(self._codes))


CATALOGUE: Final = Catalogue()
MOST_OF_A_KIND: Final = 500  # findings of one code in one file that are written out

CATALOGUE.add(
    Code(
        "more-findings",
        INFO,
        "还有{count}条 {code} 没有列出；请先改正已列出的",
        "There are {count} more findings of {code} that are not listed; correct the listed ones first.",
        "At most 500 findings of one code are written out for one file.",
    )
)


def label(place: Place) -> Words:
    """Name an element so that a designer finds it: kind and name, or id; a nameless flow also by its ends."""
    kind = kind_words(place.kind, getattr(place, "trigger", ""))
    shown = _shown(place)
    if not shown:
        return Words(kind.zh or "此元素", f"the {kind.en}" if kind.en else "this element")
    ends = Words("", "")
    if not place.name:
        source, target = getattr(place, "source", None), getattr(place, "target", None)
        if source is not None and target is not None:
            ends = Words(
                f"（从「{_shown(source)}」到「{_shown(target)}」）", f" (from “{_shown(source)}” to “{_shown(target)}”)"
            )
    return Words(f"{kind.zh}「{shown}」{ends.zh}", f"{kind.en} “{shown}”{ends.en}".strip())


def _shown(place: Place) -> str:
    return clip(place.name or place.id, 60)


@dataclass(slots=True)
class Notebook:
    """Collects findings in the order in which they are found; the same finding is written once."""

    findings: list[Finding] = field(default_factory=list)
    _seen: set[tuple[str, str, int, str, str]] = field(default_factory=set)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)  # by file and code

    def report(self, code: str, place: Place, severity: Severity | None = None, /, **words: object) -> None:
        """Write one finding. ``words`` fill the sentences; a ``Words`` value gives each language its own."""
        entry = CATALOGUE[code]
        self._counts[place.file, code] += 1
        if self._counts[place.file, code] > MOST_OF_A_KIND:
            return
        it = label(place)
        zh, en = _fill(entry.zh, it, words, "zh"), _fill(entry.en, it, words, "en")
        if entry.change is not None:
            zh += f"；可以自动修正：{_fill(entry.change.zh, it, words, 'zh')}"
            en += f" Can be normalised: {_fill(entry.change.en, it, words, 'en')}"
        finding = Finding(
            severity=severity or entry.severity,
            code=code,
            zh=zh,
            en=en,
            file=place.file,
            line=place.line,
            element=place.id,
            element_name=place.name,
        )
        key = (code, finding.file, finding.line, finding.element, finding.en)
        if key not in self._seen:
            self._seen.add(key)
            self.findings.append(finding)

    def close(self) -> None:
        """Say how many findings of a kind were not written out."""
        for (file, code), count in list(self._counts.items()):
            if count > MOST_OF_A_KIND:
                self.report("more-findings", Spot(file=file), count=count - MOST_OF_A_KIND, code=code)


@dataclass(slots=True)
class Ledger:
    """The changes that normalising makes or would make. Without consent a change is a finding, and only listed."""

    notebook: Notebook
    consent: bool | frozenset[str] = False
    changes: list[Change] = field(default_factory=list)
    _listed: set[Change] = field(default_factory=set)

    def consents(self, code: str) -> bool:
        """Did the caller agree to changes of this code?"""
        return self.consent if isinstance(self.consent, bool) else code in self.consent

    def propose(self, code: str, place: Place, /, **words: object) -> bool:
        """List one change; return whether to make it.

        Without consent it is written as a finding. If that is an error the change is made all the same, on the working
        copy only (nothing of a refused file is kept), so that the rules behind do not report what follows from it.
        """
        entry = CATALOGUE[code]
        consented = self.consents(code)
        sentence = entry.change or Words(entry.zh, entry.en)
        it = label(place)
        change = Change(
            code=code,
            zh=_fill(sentence.zh, it, words, "zh"),
            en=_fill(sentence.en, it, words, "en"),
            file=place.file,
            line=place.line,
            element=place.id,
            applied=consented,
        )
        if change not in self._listed:
            self._listed.add(change)
            self.changes.append(change)
        if not consented:
            self.notebook.report(code, place, **words)
        return consented or entry.severity is Severity.ERROR


def _fill(template: str, it: Words, words: Mapping[str, object], language: str) -> str:
    values = {key: value.of(language) if isinstance(value, Words) else value for key, value in words.items()}
    text = template.format(it=it.of(language), **values)
    return text[:1].upper() + text[1:]


def clip(text: str, limit: int = 80) -> str:
    """Return ``text`` on one line and not longer than ``limit`` characters, for quoting in a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
