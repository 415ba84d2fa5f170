"""Limits 时限 over HTTP: the clocks of a case with the sum behind each date; suspensions, extension, correction demands."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from engine import plain
from engine.access import Verb
from engine.approval.suspension import SuspensionKind
from engine.calendar import DayKind, DayRow
from engine.commands.administration.calendar import ChangeOfficeHours
from engine.commands.cases.corrections import DemandCorrection
from engine.commands.cases.extensions import RequestExtension
from engine.commands.cases.suspending import ExtendSuspension, ResumeCase, SuspendCase
from engine.commands.procedures.second_notices import ApproveSecondNotice, RefuseSecondNotice, RequestSecondNotice
from web.api.acting import created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Day, Listing, Name, Out, PageQuery
from web.frame.policy import asks, asks_thing
from web.parts import clockview
from web.parts.casefile import open_case

clocks = Noun(blueprint, "clocks")

Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Length = Annotated[str, StringConstraints(pattern=r"^\d{1,4}(\.5)?(wd|nd|m)$")]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Line(Out):
    code: str
    zh: str
    en: str


class CountedDay(Out):
    date: date
    note: str = Field(description="start, counted, skipped, paused or rolled.")
    kind: str
    name: str
    firm: bool
    count: float | None


class Text(Out):
    zh: str
    en: str


class Sum(Out):
    lines: list[Line]
    days: list[CountedDay]
    text: Text


class Suspended(Out):
    id: str
    kind: str
    start: datetime
    end: datetime | None
    reason: str
    notice_no: str
    planned: str | None


class ExplainedClock(Out):
    id: str
    kind: str
    state: str
    limit: str
    extension: str | None
    source: str
    started_at: datetime
    due_at: datetime
    due_date: date
    provisional: bool
    stopped_at: datetime | None
    remaining: float = Field(description="In the clock's own unit, below zero when it is over; months in days.")
    remaining_unit: Literal["wd", "nd", "h"] = Field(description="Working days, days or office hours.")
    task_id: str | None
    suspension_id: str | None = Field(
        description="Of a special procedure: the suspension whose planned time this counts."
    )
    procedure: str | None = Field(description="Which special procedure, such as `hearing`.")
    suspensions: list[Suspended]
    explanation: Sum


class LedgerEntry(Out):
    seq: int
    clock_id: str
    clock_kind: str
    kind: str = Field(description="suspended, resumed, replanned, extended, continued or reprojected.")
    at: datetime
    suspension_id: str
    cause: str
    limit: str | None = Field(validation_alias="limit_text")
    reason: str
    notice_no: str
    approved_by: str
    due_before: datetime | None
    due_at: datetime
    provisional: bool
    calendar_version: int
    recorded_at: datetime
    recorded_by: str


class CaseClocks(Out):
    no: str
    items: list[ExplainedClock]
    ledger: list[LedgerEntry] = Field(description="Append-only, in order.")


class NewSuspension(Body):
    kind: SuspensionKind
    reason: Reason
    planned: Length | None = Field(None, description="Needed for the grounds of art. 45, such as `10wd`.")


class Suspension(Out):
    no: str
    suspension_id: str
    notice_no: str
    until: datetime | None


class MoreTime(Body):
    more: Length
    reason: Reason


class Replanned(Out):
    no: str
    suspension_id: str
    planned: str
    until: datetime


class Resumed(Out):
    no: str
    state: str


class ReasonBody(Body):
    reason: Reason


class Requested(Out):
    no: str
    instance_id: str
    extension: str
    approvers: str


class NewDemand(Body):
    items: Annotated[str, StringConstraints(min_length=1, max_length=10_000)] = Field(
        description="One demand a line: `material：what is asked`."
    )


class Demanded(Out):
    no: str
    demands: int
    window_until: datetime | None
    late: bool


class Approved(Out):
    no: str
    approved_by: str


class AskedLeader(Out):
    no: str
    leader: str = Field(description="Who leads, in words.")
    told: int = Field(description="How many people were asked.")


class NoticeRefused(Out):
    no: str
    refused_by: str


class ProposedCalendar(Body):
    text: str | None = Field(None, max_length=100_000, description="A year file, or")
    day: Day | None = Field(None, description="one day")
    kind: DayKind | None = Field(None, description="of this kind.")


class MovedLimit(Out):
    case_no: str | None
    title: str
    kind: str
    before: datetime
    after: datetime
    days: int
    firm: bool


class Shift(Out):
    days: int
    limits: int


class PreviewedCalendar(Out):
    seen: int
    moved: int
    firmed: int = Field(description="Provisional dates that would become firm.")
    broken: int
    by_days: list[Shift]
    items: list[MovedLimit] = Field(description="The first hundred, by their present end.")


class Season(Body):
    am_start: TimeOfDay
    am_end: TimeOfDay
    pm_start: TimeOfDay
    pm_end: TimeOfDay
    first: tuple[int, int] | None = Field(None, description="Month and day, for a season.")
    last: tuple[int, int] | None = None
    name: Name = ""


class NewHours(Body):
    hours: list[Season] = Field(min_length=1, max_length=5, description="The last one holds all year.")


class ChangedHours(Out):
    version: int


class Revision(Out):
    version: int
    what: Literal["CalendarYearLoaded", "CalendarDayChanged", "OfficeHoursChanged"]
    detail: str
    changed_at: datetime
    changed_by: str
    seen: int
    moved: int
    failed: int
    finished_at: datetime | None


class RevisionList(Listing):
    items: list[Revision]


@clocks.get(
    "/cases/<no>/clocks",
    asks_thing(Verb.VIEW_CASE),
    zh="办件的时限和计算过程",
    answers={200: CaseClocks},
    errors=(404,),
)
def get_clocks(no: str) -> Any:
    """Get the limits of a case, each with the sum that made its date, and the ledger of its clocks."""
    case = open_case(no)
    return {"no": case.no, "items": clockview.as_json(case), "ledger": queries().clocks.ledger(case.row["id"])}


@clocks.post(
    "/cases/<no>/suspensions",
    asks_thing(Verb.SUSPEND_CASE),
    zh="启动特别程序或挂起",
    body=NewSuspension,
    answers={201: Suspension},
    errors=(404, 409),
)
def suspend(no: str, body: NewSuspension) -> Answer:
    """Begin a special procedure or a suspension; the applicant is told in writing before it takes effect."""
    result = execute(SuspendCase(no=no, kind=body.kind.value, reason=body.reason, planned=body.planned or ""))
    return created(result, f"/cases/{no}/clocks")


@clocks.post(
    "/cases/<no>/suspensions/<suspension_id>/extend",
    asks_thing(Verb.SUSPEND_CASE),
    zh="延长特别程序的计划时间",
    body=MoreTime,
    answers={200: Replanned},
    errors=(404, 409),
)
def extend_suspension(no: str, suspension_id: str, body: MoreTime) -> Any:
    """Give a special procedure more time, in writing, before its planned time is over."""
    return execute(ExtendSuspension(no=no, suspension_id=suspension_id, more=body.more, reason=body.reason))


@clocks.post(
    "/cases/<no>/suspensions/<suspension_id>/resume",
    asks_thing(Verb.SUSPEND_CASE),
    zh="结束特别程序或挂起",
    answers={200: Resumed},
    errors=(404, 409),
)
def resume(no: str, suspension_id: str) -> Any:
    """End a suspension; the limits end later by what it took."""
    return execute(ResumeCase(no=no, suspension_id=suspension_id))


@clocks.post(
    "/cases/<no>/extension",
    asks_thing(Verb.REQUEST_EXTENSION),
    zh="申请延长办理期限",
    body=ReasonBody,
    answers={201: Requested},
    errors=(404, 409),
)
def request_extension(no: str, body: ReasonBody) -> Answer:
    """Ask for a longer limit, once and before it ends; the right head decides in the inbox."""
    result = execute(RequestExtension(no=no, reason=body.reason))
    return created(result, f"/process-instances/{result['instance_id']}")


@clocks.post(
    "/cases/<no>/demands",
    asks_thing(Verb.DEMAND_CORRECTION),
    zh="提出补正要求",
    body=NewDemand,
    answers={201: Demanded},
    errors=(404, 409),
)
def demand(no: str, body: NewDemand) -> Answer:
    """Say what the one correction notice shall ask for."""
    return created(execute(DemandCorrection(no=no, items=body.items)), f"/cases/{no}")


@clocks.post(
    "/cases/<no>/second-notice",
    asks_thing(Verb.APPROVE_NOTICE),
    zh="批准再次补正告知",
    body=ReasonBody,
    answers={200: Approved},
    errors=(404, 409),
)
def approve_second_notice(no: str, body: ReasonBody) -> Any:
    """Allow one further correction notice, as a leader."""
    return execute(ApproveSecondNotice(no=no, reason=body.reason))


@clocks.post(
    "/cases/<no>/second-notice/request",
    asks_thing(Verb.DEMAND_CORRECTION),
    zh="申请再次补正告知",
    body=ReasonBody,
    answers={201: AskedLeader},
    errors=(404, 409),
)
def request_second_notice(no: str, body: ReasonBody) -> Answer:
    """Ask a leader to allow one further correction notice; whoever leads is told."""
    return created(execute(RequestSecondNotice(no=no, reason=body.reason)), f"/cases/{no}/clocks")


@clocks.post(
    "/cases/<no>/second-notice/refuse",
    asks_thing(Verb.APPROVE_NOTICE),
    zh="不同意再次补正告知",
    body=ReasonBody,
    answers={200: NoticeRefused},
    errors=(404, 409),
)
def refuse_second_notice(no: str, body: ReasonBody) -> Any:
    """Do not allow the further notice that was asked for, as a leader."""
    return execute(RefuseSecondNotice(no=no, reason=body.reason))


# ---------------------------------------------------------------- calendar


@clocks.post(
    "/calendar/preview",
    asks(Verb.MANAGE_CALENDAR),
    zh="预览日历变更的影响",
    body=ProposedCalendar,
    answers={200: PreviewedCalendar},
)
def preview(body: ProposedCalendar) -> Any:
    """Tell what a year file or a change of one day would move, before it is applied. Nothing is changed."""
    if (body.text is None) == (body.day is None or body.kind is None):
        raise plain.refused("text", "给出 text，或 day 和 kind", "give text, or day and kind")
    if body.text is not None:
        return clockview.preview_json(clockview.preview_of_year(body.text))
    assert body.day is not None and body.kind is not None  # checked above
    return clockview.preview_json(clockview.preview_of_day(DayRow(date=body.day, kind=body.kind)))


@clocks.put(
    "/calendar/hours", asks(Verb.MANAGE_CALENDAR), zh="设置办公时间", body=NewHours, answers={200: ChangedHours}
)
def change_hours(body: NewHours) -> Any:
    """Set the office hours: seasons first, the last entry holds all year."""
    result = execute(ChangeOfficeHours(hours=tuple(each.model_dump() for each in body.hours)))
    return {"version": result["version"]}


@clocks.get(
    "/calendar/revisions",
    asks(Verb.VIEW_CALENDAR),
    zh="日历变更记录",
    query=PageQuery,
    answers={200: RevisionList},
)
def list_revisions(query: PageQuery) -> Any:
    """List the versions of the calendar, newest first, with what became of the open limits."""
    page = queries().clocks.revisions(after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}
