"""Items 事项 and credit events 信用记录 over HTTP."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from engine.access import Verb
from engine.commands.procedures.credit import RecordCredit, RepairCredit
from engine.errors import NotFound
from engine.events import as_json
from web.api.acting import created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Day, Identified, Listing, Name, Out, PageQuery, Variables
from web.api.tasks import FormField, told
from web.frame.filters import masked
from web.frame.policy import asks
from web.parts import formview
from web.parts.casefile import item_of

items = Noun(blueprint, "items")
credit = Noun(blueprint, "credit")


class ItemSummary(Out):
    code: str
    version: int
    name: str
    process_key: str
    created_at: datetime


class ItemList(Out):
    items: list[ItemSummary]


class MaterialRule(Out):
    code: str
    name: str
    material_class: str
    necessity: str
    form: str
    copies: int
    condition: str
    requirement: str


class Item(ItemSummary):
    name_en: str
    department: str
    infotype: str
    audience: list[str]
    materials: list[MaterialRule]
    guide: Variables
    form: list[FormField] = Field(description="What the application asks for at first: the `form` of `POST /cases`.")
    form_names: list[str] = Field(
        description="All names; some are asked for only when what others hold makes them show."
    )


class CreditEvent(Out):
    id: str
    applicant_id: str = Field(description="Masked unless asked for by the number itself.")
    applicant_name: str
    kind: str
    reason: str
    recorded_at: datetime
    expires_at: datetime | None
    repaired_at: datetime | None
    repaired_by: str | None


class CreditList(Listing):
    items: list[CreditEvent]


class CreditQuery(PageQuery):
    applicant_id: Name | None = None


class NewCreditEvent(Body):
    applicant_name: Name = Field(min_length=1)
    applicant_id: str = Field(min_length=1, max_length=40)
    reason: Name = Field(min_length=1)
    kind: Literal["tolerance_breach", "false_commitment", "commitment_broken", "serious"] = "serious"
    expires_on: Day | None = Field(None, description="The last day on which it counts.")


class Repair(Body):
    reason: Name = Field(min_length=1)


class RepairedCredit(Identified):
    repaired_at: datetime


@items.get("/items", asks(Verb.VIEW_DEFINITIONS), zh="事项", answers={200: ItemList})
def list_items() -> Any:
    """List the items that can be applied for, each in its newest version."""
    return {"items": queries().definitions.items()}


@items.get("/items/<code>", asks(Verb.VIEW_DEFINITIONS), zh="一个事项", answers={200: Item}, errors=(404,))
def get_item(code: str) -> Any:
    """Get an item with its materials, the texts of its guide and the fields of its application."""
    row = queries().definitions.item(code)
    if row is None:
        raise NotFound(f"没有编码为 {code} 的事项。", f"There is no item {code}.", code=code)
    item = item_of(row["id"])
    bound = formview.of_item(item)
    view = bound.view(None) if bound else None
    asked = {
        "form": [told(field) for field in view.flat()] if view else [],
        "form_names": bound.form.keys if bound else [],
    }
    return as_json(item) | row | asked


@credit.get("/credit-events", asks(Verb.MANAGE_CREDIT), zh="信用记录", query=CreditQuery, answers={200: CreditList})
def list_credit_events(query: CreditQuery) -> Any:
    """List recorded breaches, newest first."""
    page = queries().admin.credit_events(applicant_id=query.applicant_id, after=query.after, limit=query.limit)
    rows = page.rows
    if query.applicant_id is None:
        rows = [row | {"applicant_id": masked(row["applicant_id"])} for row in rows]
    return {"items": rows, "next": page.next}


@credit.post(
    "/credit-events", asks(Verb.MANAGE_CREDIT), zh="记入信用记录", body=NewCreditEvent, answers={201: Identified}
)
def record_credit(body: NewCreditEvent) -> Answer:
    """Record a breach that is known from outside."""
    result = execute(
        RecordCredit(
            applicant_name=body.applicant_name,
            applicant_id=body.applicant_id,
            reason=body.reason,
            kind=body.kind,
            expires_on=body.expires_on.isoformat() if body.expires_on else None,
        )
    )
    return created(result, "/credit-events")


@credit.post(
    "/credit-events/<credit_id>/repair",
    asks(Verb.MANAGE_CREDIT),
    zh="信用修复",
    body=Repair,
    answers={200: RepairedCredit},
    errors=(404, 409),
)
def repair_credit(credit_id: str, body: Repair) -> Any:
    """Repair an applicant's credit: the breach no longer blocks."""
    return execute(RepairCredit(credit_id=credit_id, reason=body.reason))
