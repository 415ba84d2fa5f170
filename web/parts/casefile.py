"""A case as pages show it: loaded once with its parts, judged against the clock and against who is looking."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.access import Actor, InstanceFacts, Verb, may, not_found, require
from engine.approval.case_state import CaseState
from engine.approval.clock_kind import OF_STEPS, ClockKind
from engine.approval.item import Item, deployed_item
from engine.approval.outcome import words_of_result, words_of_state
from engine.calendar import Limit, Unit
from engine.errors import Forbidden, NotFound
from engine.records import record
from web.frame import deadlines
from web.frame.auth import current_actor, services
from web.frame.deadlines import Deadline
from web.parts import standingin
from web.wording.i18n import choose
from web.wording.words import word

Row = dict[str, Any]
STANDING = ("special", "suspended")  # the states in which the promised clock does not run
PARTS = OF_STEPS | {ClockKind.BRANCH}  # the clocks of a step or of one department
LEADING = ("promised", "statutory")  # the clocks by which a case as a whole is judged


@record(kw_only=False)
class ClockView:
    """A clock with its lamp; a clock that has stopped is judged by the moment at which it stopped."""

    row: Row
    deadline: Deadline

    @property
    def is_running(self) -> bool:
        return bool(self.row["state"] == "running")

    @property
    def is_of_case(self) -> bool:
        """Whether it limits the case as a whole; limits of steps and of single departments are told with their tasks."""
        return ClockKind(self.row["kind"]) not in PARTS


@record(kw_only=False)
class CaseView:
    """A case that the present person may see."""

    row: Row
    facts: InstanceFacts
    item: Item

    @property
    def no(self) -> str:
        return str(self.row["no"])

    def may(self, verb: Verb, actor: Actor | None = None) -> bool:
        """Whether the one who looks may also do this."""
        return may(actor or current_actor(), verb, self.facts).allowed

    @property
    def state_word(self) -> str:
        """Where the case stands; a decision is called what it is for this kind of item."""
        return state_word(self.row)

    @property
    def result_word(self) -> str:
        """What came of it, in the words of this kind of item."""
        result = self.row["result"]
        known = words_of_result(self.item).get(result)
        return choose(*known) if known is not None else word(result, "result")

    @property
    def parts(self) -> Mapping[str, Any]:
        """Tolerance, commitment, review … as the case keeps them."""
        found: Mapping[str, Any] = self.row["facts"]
        return found


def state_word(row: Row) -> str:
    """The state of a case in a list."""
    return choose(*words_of_state(CaseState(row["state"]), row["item_code"]))


def open_case(no: str, verb: Verb = Verb.VIEW_CASE) -> CaseView:
    """Load the case with this number, if the present person may do ``verb`` on it. Raises NotFound or Forbidden."""
    queries = services().queries
    row = queries.cases.get(no.replace(" ", ""))
    if row is None:
        raise not_found(InstanceFacts(instance_id=no))
    return _view(row, verb)


def related(row: Row) -> Row:
    """Another case as a line of this one's page; ``visible`` says whether the present person may open it."""
    return row | {"visible": may_open(row), "state_word": state_word(row)}


def around(row: Row) -> list[Row]:
    """The cases that this one came from and led to, for its page and the pages of its tasks."""
    queries = services().queries.cases
    parent = queries.by_id(row["parent_id"]) if row["parent_id"] else None
    return [related(each) for each in ([parent] if parent else []) + queries.children(row["id"])]


def of_instance(instance_id: str) -> CaseView | None:
    """The case that a process instance handles, or None. The caller has asked whether the instance may be seen."""
    no = services().queries.cases.number_of_instance(instance_id)
    row = services().queries.cases.get(no) if no else None
    return None if row is None else CaseView(row, services().queries.cases.facts(row), item_of(row["item_id"]))


def can_open(no: str) -> bool:
    """Whether there is such a case and the present person may see it, by whatever right."""
    try:
        open_case(no)
    except (NotFound, Forbidden):
        return False
    return True


def may_open(row: Row) -> bool:
    """Whether the present person may open this case."""
    return may(current_actor(), Verb.VIEW_CASE, _facts(row)).allowed


def _facts(row: Row) -> InstanceFacts:
    """The facts of a case, with whoever looks where he leads the department of its item; nobody else costs a look-up."""
    facts, actor = services().queries.cases.facts(row), current_actor()
    if not actor.leads:
        return facts
    led = services().queries.supervision.department_codes(actor.leads)
    department = item_of(row["item_id"]).department
    return replace(facts, heads=frozenset({actor.login})) if department in led else facts


def _view(row: Row, verb: Verb) -> CaseView:
    facts = standingin.instance_facts(_facts(row), row["instance_id"])
    require(current_actor(), verb, facts)
    return CaseView(row, facts, item_of(row["item_id"]))


def item_of(item_id: str) -> Item:
    """The version of the item under which a case was filed; versions never change."""
    known = services().models.get(f"item:{item_id}")
    if known is None:
        row = services().queries.definitions.item_version(item_id)
        known = services().models[f"item:{item_id}"] = {"source": row["source"] if row else ""}
    return deployed_item(known["source"])


def clocks_of(case: CaseView) -> list[ClockView]:
    """The limits of a case, those that matter for the whole of it first, stopped ones last."""
    now, calendar = services().engine.now(), services().queries.admin.calendar()
    views = []
    for row in services().queries.cases.clocks(case.row["id"]):
        judged = deadlines.deadline(
            row["due_at"],
            now=row["stopped_at"] or now,
            calendar=calendar,
            since=row["started_at"],
            provisional=row["provisional"],
            unit=Limit.parse(row["limit_text"]).unit,
        )
        views.append(ClockView(row, judged))
    order = {kind: position for position, kind in enumerate(LEADING)}
    return sorted(views, key=lambda view: (view.row["state"] == "stopped", order.get(view.row["kind"], len(order))))


def lamp_of(case_row: Row, unit: Unit | None = None) -> Deadline | None:
    """The lamp of a case in a list: the promised limit while it runs, else the statutory one; None when it has ended.
    ``unit`` is that of the limit, where the caller has read those of a whole list."""
    due_at = case_row["promised_due"] or case_row["statutory_due"]
    if due_at is None or case_row["finished_at"] is not None or case_row["decided_at"] is not None:
        return None
    if case_row["state"] in STANDING:
        return deadlines.standing(due_at, provisional=case_row["due_provisional"])
    return deadlines.deadline(
        due_at,
        now=services().engine.now(),
        calendar=services().queries.admin.calendar(),
        since=case_row["accepted_at"],
        provisional=case_row["due_provisional"],
        unit=unit or services().queries.units.of_cases([case_row["id"]]).get(case_row["id"], Unit.WD),
    )
