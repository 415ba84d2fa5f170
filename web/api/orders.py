"""Supervision orders and scans over HTTP."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from engine.access import Verb
from engine.commands.limits.scanning import AnswerFinding, ScanClocks
from engine.commands.supervision.orders import AnswerOrder, CloseOrder, EscalateOrder, IssueOrder, ReturnOrder
from engine.errors import NotFound
from engine.store.base.paging import Row
from web.api.acting import actor, created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import CountedListing, CountedQuery, Listing, Name, Out, PageQuery, Remark, Variables, told_total
from web.api.supervision import Reason, SupervisionMove, Words, seen, thing
from web.frame.policy import asks, asks_thing
from web.supervision.boardview import departments_of

orders = Noun(blueprint, "supervision-orders")
scans = Noun(blueprint, "scans")


class Order(Out):
    id: str
    level: int = Field(description="1 reminder, 2 order, 3 public notice.")
    state: Literal["open", "answered", "closed", "withdrawn"]
    number: str
    case_no: str
    title: str
    card_id: str | None
    department: str
    addressees: list[str]
    body: str
    issued_at: datetime
    issued_by: str
    due_at: datetime
    answer: str
    answered_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    steps: list[Variables] = Field(description="Sent back, escalated: what, at, by, reason, level.")


class OrderList(CountedListing):
    items: list[Order]


class OrdersQuery(CountedQuery):
    state: Literal["open", "answered", "closed", "withdrawn"] | None = None
    level: int | None = Field(None, ge=1, le=3)


class NewOrder(Body):
    no: Name
    level: Literal[1, 2, 3]
    text: Remark


@orders.get("/supervision-orders", asks_thing(Verb.VIEW_CARD), zh="督办单", query=OrdersQuery, answers={200: OrderList})
def list_orders(query: OrdersQuery) -> Any:
    """List supervision orders, newest first: those that the caller may see."""
    page = queries().supervision.orders(
        state=query.state, level=query.level, after=query.after, limit=query.limit, count=query.total, **seen()
    )
    return {"items": page.rows, "next": page.next, "total": told_total(page)}


@orders.get(
    "/supervision-orders/<order_id>",
    asks_thing(Verb.VIEW_CARD),
    zh="一份督办单",
    answers={200: Order},
    errors=(404,),
)
def get_order(order_id: str) -> Row:
    """Get one supervision order."""
    return thing(queries().supervision.order(order_id), order_id)


@orders.post(
    "/supervision-orders",
    asks(Verb.MANAGE_CARDS),
    zh="发督办",
    body=NewOrder,
    answers={201: SupervisionMove},
    errors=(404,),
)
def issue_order(body: NewOrder) -> Answer:
    """Issue a supervision order on a case."""
    made = execute(IssueOrder(no=body.no, level=body.level, text=body.text))
    return created(made, f"/supervision-orders/{made['id']}")


@orders.post(
    "/supervision-orders/<order_id>/answer",
    asks_thing(Verb.ANSWER_CARD),
    zh="回复督办",
    body=Words,
    answers={200: SupervisionMove},
    errors=(404, 409),
)
def answer_order(order_id: str, body: Words) -> Any:
    """Answer a supervision order."""
    return execute(AnswerOrder(order_id=order_id, text=body.text))


@orders.post(
    "/supervision-orders/<order_id>/return",
    asks(Verb.MANAGE_CARDS),
    zh="退回重报",
    body=Reason,
    answers={200: SupervisionMove},
    errors=(404, 409),
)
def return_order(order_id: str, body: Reason) -> Any:
    """Send an answer back: another one is due."""
    return execute(ReturnOrder(order_id=order_id, reason=body.reason))


@orders.post(
    "/supervision-orders/<order_id>/escalate",
    asks(Verb.MANAGE_CARDS),
    zh="督办升级",
    body=Reason,
    answers={200: SupervisionMove},
    errors=(404, 409),
)
def escalate_order(order_id: str, body: Reason) -> Any:
    """Raise a supervision order by one level."""
    return execute(EscalateOrder(order_id=order_id, reason=body.reason))


@orders.post(
    "/supervision-orders/<order_id>/close",
    asks(Verb.MANAGE_CARDS),
    zh="督办销号",
    body=Reason,
    answers={200: SupervisionMove},
    errors=(404, 409),
)
def close_order(order_id: str, body: Reason) -> Any:
    """Close a supervision order."""
    return execute(CloseOrder(order_id=order_id, reason=body.reason))


# ---------------------------------------------------------------- scans


class Scan(Out):
    id: str
    trigger: Literal["daily", "hand"]
    started_at: datetime
    started_by: str
    found: int
    answered: int


class ScanList(Listing):
    items: list[Scan]


class Finding(Out):
    id: str
    case_no: str
    title: str
    department: str
    due_at: datetime
    situation: Literal["near", "over"]
    answer: Literal["finish", "extend"] | None
    note: str
    answered_at: datetime | None
    answered_by: str | None


class FindingList(Listing):
    items: list[Finding]


class Scanned(Out):
    run_id: str
    found: int


class FindingAnswer(Body):
    answer: Literal["finish", "extend"]
    note: Remark = ""


class AnsweredFinding(Out):
    id: str
    answer: str


@scans.get("/scans", asks(Verb.VIEW_BOARD), zh="扫描记录", query=PageQuery, answers={200: ScanList})
def list_scans(query: PageQuery) -> Any:
    """List the scans, newest first: how much was found, how much is answered."""
    page = queries().supervision.runs(after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


@scans.get(
    "/scans/<run_id>/findings",
    asks(Verb.VIEW_BOARD),
    zh="扫描发现",
    query=PageQuery,
    answers={200: FindingList},
    errors=(404,),
)
def list_findings(run_id: str, query: PageQuery) -> Any:
    """List what a scan found, the most urgent first."""
    if queries().supervision.run(run_id) is None:
        raise NotFound(f"没有扫描记录 {run_id}。", f"There is no scan {run_id}.", run_id=run_id)
    departments = departments_of(actor())
    narrow: dict[str, Any] = {}
    if departments is not None:
        narrow = {"codes": queries().supervision.department_codes(departments), "login": actor().login}
    page = queries().supervision.findings(run_id, after=query.after, limit=query.limit, **narrow)
    return {"items": page.rows, "next": page.next}


@scans.post("/scans", asks(Verb.MANAGE_CARDS), zh="巡检", answers={200: Scanned})
def start_scan() -> Any:
    """Scan all clocks now."""
    return execute(ScanClocks())


@scans.post(
    "/scan-findings/<finding_id>/answer",
    asks_thing(Verb.ANSWER_CARD),
    zh="回复扫描发现",
    body=FindingAnswer,
    answers={200: AnsweredFinding},
    errors=(404, 409),
)
def answer_finding(finding_id: str, body: FindingAnswer) -> Any:
    """Answer a finding: will finish in time, or will ask for an extension."""
    return execute(AnswerFinding(finding_id=finding_id, answer=body.answer, note=body.note))
