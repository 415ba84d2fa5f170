"""One case within one command: its row, its parts as values of the office, and how a change of it is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from engine.access import Verb, require
from engine.approval.applicant import Applicant
from engine.approval.case import Acceptance, Case, Result
from engine.approval.case_state import CaseState
from engine.approval.clock_kind import OF_STEPS, ClockKind
from engine.approval.document import Desk, Document, DocumentKind
from engine.approval.filing import CasePartKept, DocumentKept, MaterialKept
from engine.approval.item.terms import InfoType
from engine.calendar import ReceiptRule
from engine.commands.cases import issuers
from engine.commands.cases.clock_desk import ClockDesk
from engine.errors import Conflict, NotFound
from engine.store import tables
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.access import InstanceFacts
    from engine.approval.clock import Clock, Suspension
    from engine.approval.item import Item
    from engine.approval.item.terms import SourcedLimit
    from engine.approval.material import MaterialSlot
    from engine.approval.stored import Stored
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.events import Event
    from engine.store.base.unit_of_work import Values

Part = TypeVar("Part", bound="Stored")
_RESULTS = frozenset(each.value for each in Result)  # a verification case has results of its own


@dataclass(slots=True)
class CaseFile:
    """A case under the lock of its instance. Reading gives values of :mod:`engine.approval`; the rest records events."""

    context: CommandContext
    row: Values
    _slots: dict[str, MaterialSlot] | None = None
    _time: ClockDesk | None = None

    # ---- which case

    @classmethod
    def of(cls, context: CommandContext, moving: Moving) -> CaseFile:
        """The case that this instance handles. Raises Conflict when the process runs without one."""
        row = cases.of_instance(context.uow, moving.id, moving.variables.get("case_id"))
        if row is None:
            raise Conflict(
                "本流程须通过受理事项发起：这个流程实例没有对应的办件。",
                "This process is started by filing a case; this instance handles none.",
                instance_id=moving.id,
            )
        return cls(context, row)

    @classmethod
    def open(cls, context: CommandContext, no: str, verb: Verb) -> CaseFile:
        """The case with this number, if the actor may do ``verb`` on it. Raises NotFound or Forbidden."""
        row = cases.by_number(context.uow, no.replace(" ", ""))
        if row is None:
            raise NotFound(f"没有编号为 {no} 的办件，或您无权查看。", f"No case {no}, or not for you to see.")
        found = cls(context, row)
        require(context.actor, verb, found.access_facts)
        return found

    @property
    def access_facts(self) -> InstanceFacts:
        return cases.facts(self.context.uow, self.row)

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def number(self) -> str:
        return str(self.row["no"])

    @property
    def stream(self) -> str:
        """The history in which everything about the case stands: that of its process instance."""
        return str(self.row["instance_id"])

    @property
    def now(self) -> datetime:
        """The present moment in the bureau's zone: documents and periods of law speak of local days."""
        return self.context.calendar.local(self.context.now)

    # ---- reading

    @property
    def item(self) -> Item:
        """The version of the item under which the case was filed."""
        return cases.item(self.context.uow, self.row["item_id"])

    @property
    def applicant(self) -> Applicant:
        return Applicant.from_json(self.row["applicant"])

    @property
    def facts(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.row["facts"]
        return found

    @property
    def case(self) -> Case:
        """The case as the rules see it."""
        facts, local = self.facts, self._local
        acceptance, resumes_to, result = facts.get("acceptance"), facts.get("resumes_to"), self.row["result"]
        return Case(
            id=self.id,
            number=self.number,
            item_code=self.row["item_code"],
            infotype=InfoType(facts["infotype"]),
            state=CaseState(self.row["state"]),
            received_at=local("received_at"),
            accepted_at=local("accepted_at"),
            decided_at=local("decided_at"),
            finished_at=local("finished_at"),
            acceptance=None if acceptance is None else Acceptance(acceptance),
            result=Result(result) if result in _RESULTS else None,
            corrections=facts.get("corrections", 0),
            resumes_to=None if resumes_to is None else CaseState(resumes_to),
        )

    @property
    def slots(self) -> dict[str, MaterialSlot]:
        """The materials by code."""
        if self._slots is None:
            self._slots = cases.slots(self.context.uow, self.id)
        return self._slots

    @property
    def time(self) -> ClockDesk:
        """The clocks of the case and of the steps of its process."""
        if self._time is None:
            self._time = ClockDesk(self.context, self.stream, self.id)
        return self._time

    @property
    def clocks(self) -> dict[str, Clock]:
        """The clocks by id."""
        return self.time.clocks

    def part(self, name: str, kind: type[Part]) -> Part | None:
        """A part of the case (``tolerance``, ``commitment``, ``review`` ...), or None."""
        value = self.facts.get(name)
        return None if value is None else kind.from_json(value)

    def _local(self, column: str) -> datetime | None:
        moment = self.row[column]
        return None if moment is None else self.context.calendar.local(moment)

    # ---- writing

    def tell(self, *events: Event) -> None:
        """Record what happened to the case."""
        self.context.record(self.stream, *events)

    def move(self, moved: tuple[Case, list[Event]]) -> Case:
        """Record a move that a method of ``Case`` allowed; the row follows. Returns the case as it stands."""
        self.tell(*moved[1])
        return self.case

    def keep(self, name: str, value: Stored | None, events: Iterable[Event] = ()) -> None:
        """Record events and the part of the case that they leave behind."""
        kept = None if value is None else value.to_json()
        self.tell(*events, CasePartKept(case_id=self.id, part=name, value=kept))

    def keep_slots(self, changed: Mapping[str, MaterialSlot], events: Iterable[Event] = ()) -> None:
        """Record events and the materials that they changed."""
        self.tell(*events)
        before = dict(self.slots)
        for code, slot in changed.items():
            if before.get(code) != slot:
                self.slots[code] = slot
                self.tell(MaterialKept(case_id=self.id, code=code, value=slot.to_json()))

    def keep_slot(self, moved: tuple[MaterialSlot, list[Event]]) -> None:
        """Record one material's move."""
        slot, events = moved
        self.keep_slots({slot.code: slot}, events)

    # ---- clocks

    def start_clock(
        self,
        kind: ClockKind,
        limit: SourcedLimit,
        *,
        at: datetime | None = None,
        receipt: ReceiptRule = ReceiptRule.AS_IS,
    ) -> Clock:
        """Start a clock at ``at`` (now when left out), which may lie in the past."""
        mode, source = self.item.limits.mode, limit.source
        return self.time.start(kind, limit.limit, at=at, mode=mode, source=source, receipt=receipt)

    def stop_clocks(self, *kinds: ClockKind, at: datetime | None = None) -> None:
        """Stop the clocks of these kinds that have not stopped yet; when no kind is named all of them but those of steps,
        which end with their steps."""
        wanted = self.time.open(*kinds) if kinds else [each for each in self.time.open() if each.kind not in OF_STEPS]
        self.time.stop(wanted, at=at)

    def pause_clocks(self, kinds: Iterable[ClockKind], suspension: Suspension) -> None:
        """Let the clocks of these kinds stand still, but not those of steps that are part of a special procedure."""
        wanted = set(kinds)
        self.time.pause((each for each in self.time.open() if each.kind in wanted and not each.within), suspension)

    def resume_clocks(self) -> None:
        """Let all clocks run again that stand still."""
        self.time.resume()

    def clock(self, kind: ClockKind) -> Clock | None:
        """The latest clock of a kind, or None."""
        return self.time.latest(kind)

    # ---- documents

    @property
    def desk(self) -> Desk:
        """Where documents of this case are written today."""
        issuer = issuers.of_department(self.context, self.item.department)
        return Desk(issuer=issuer, item=self.item, case=self.case, applicant=self.applicant, on=self.now.date())

    def issue(self, kind: DocumentKind, write: Callable[[Desk, int], Document]) -> Document:
        """Write a document with the next number of its kind, and keep it."""
        desk = self.desk
        prefix = desk.issuer.number_prefix(kind, self.now.year)
        document = write(desk, cases.next_serial(self.context.uow, tables.document_number, prefix))
        self.tell(
            *document.issue(),
            DocumentKept(
                case_id=self.id,
                document_id=self.context.new_id(),
                document_kind=document.kind.value,
                number=document.number,
                title=document.title,
                body=document.text(),
                facts={
                    "fields": dict(document.fields),
                    "issuer": document.issuer,
                    "addressee": document.addressee,
                    "issued_on": document.issued_on.isoformat(),
                },
            ),
        )
        return document
