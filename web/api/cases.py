"""Cases 办件 over HTTP: filing, reading, correcting the form, withdrawing, and the documents that were issued."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from engine.access import Verb, may
from engine.approval.applicant import ApplicantKind
from engine.approval.case_state import CaseState
from engine.approval.certificate import CertificateState
from engine.approval.outcome import words_of_state
from engine.approval.rating import RatingState
from engine.commands.cases.certificates import EndCertificate
from engine.commands.cases.filing import ChangeCaseForm, FileCase, WithdrawCase, WithdrawCommitment
from engine.commands.procedures.ratings import RateCase
from engine.errors import NotFound
from engine.store.base.paging import Row
from web.api.acting import actor, created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Code, CountedListing, CountedQuery, Login, Name, Out, Remark, Variables, told_total
from web.frame.filters import masked
from web.frame.policy import asks, asks_thing
from web.parts.casefile import open_case

cases = Noun(blueprint, "cases")

Text = Annotated[str, StringConstraints(max_length=200)]
IdNumber = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class AgentIn(Body):
    name: Text = Field(min_length=1)
    id_number: Text = ""
    phone: Text = ""
    authorised: bool = False


class ApplicantIn(Body):
    kind: Literal["person", "organisation"]
    name: Text = Field(min_length=1)
    id_number: IdNumber | None = Field(
        None,
        description="Identity card number, or unified social credit code; left out where the item asks for a telephone only.",
    )
    legal_representative: Text = ""
    phone: Text = ""
    address: Text = ""
    agent: AgentIn | None = None


class PaperIn(Body):
    form: Literal["original", "copy", "electronic"] = "original"
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class NewCase(Body):
    item: Code = Field(description="The code of the item 事项.")
    applicant: ApplicantIn
    form: Variables = Field({}, description="The application, as the item's start form wants it.")
    title: Name = ""
    channel: Literal["window", "phone", "online", "mail", "terminal", "meeting"] = "window"
    urgency: int = Field(0, ge=0, le=2)
    offered: dict[Code, PaperIn] = Field({}, description="Materials handed in on paper, by code.")
    chosen: dict[Name, list[Login]] = Field(
        {}, max_length=50, description="Who acts at the steps that are chosen at the start: {element_id: [logins]}."
    )


class FiledCase(Out):
    id: str
    no: str
    instance_id: str
    query_code: str = Field(description="For the applicant's own enquiries; told once.")


class CaseSummary(Out):
    no: str
    item_code: str
    item_name: str
    title: str
    state: CaseState
    state_zh: str
    applicant_kind: ApplicantKind
    applicant_name: str
    applicant_id: str = Field(description="Masked in lists.")
    channel: str
    urgency: int
    instance_id: str | None
    filed_by: str
    created_at: datetime
    received_at: datetime | None
    accepted_at: datetime | None
    decided_at: datetime | None
    finished_at: datetime | None
    result: str | None
    promised_due: datetime | None
    statutory_due: datetime | None
    due_provisional: bool


class CaseList(CountedListing):
    items: list[CaseSummary]


class Clock(Out):
    kind: str
    state: str
    limit: str = Field(validation_alias="limit_text")
    started_at: datetime
    due_at: datetime
    provisional: bool
    stopped_at: datetime | None


class Opinion(Out):
    round: int
    branch: str
    value: str
    reason: str
    conditions: str
    deemed: bool = Field(description="Recorded because the limit passed in silence.")
    given_by: str
    given_at: datetime


class DocumentSummary(Out):
    id: str
    kind: str
    number: str
    title: str
    issued_by: str
    issued_at: datetime


class Document(DocumentSummary):
    body: str = Field(description="Plain text.")


class Certificate(Out):
    number: str
    title: str
    code: str = Field(description="``main``, or the branch of a package whose own licence it is.")
    holder: str
    issued_on: date | None
    valid_from: date | None
    valid_until: date | None = Field(description="The last day; null where no law ends it.")
    note: str
    document_id: str = Field(description="Its paper, among the documents.")
    state: CertificateState
    ended_on: date | None
    ended_by: str
    reason: str


class Case(CaseSummary):
    applicant: Variables
    form: Variables
    clocks: list[Clock]
    opinions: list[Opinion]
    documents: list[DocumentSummary]
    certificates: list[Certificate] = Field(description="The licences that it granted, each by itself.")
    children: list[str] = Field(description="Numbers of the cases that hang under this one.")


class CasesQuery(CountedQuery):
    item: Code | None = None
    state: CaseState | None = None
    text: Name = Field("", description="In number, title or applicant.")


class FormChange(Body):
    form: Variables = Field(description="The fields that change; the others stay.")


class ChangedForm(Out):
    no: str
    changed: list[str]


class WithdrawalReason(Body):
    reason: Remark = ""


class StateOfCase(Out):
    no: str
    state: CaseState


@cases.post("/cases", asks(Verb.FILE_CASE), zh="登记办件", body=NewCase, answers={201: FiledCase}, errors=(404, 409))
def file_case(body: NewCase) -> Answer:
    """File a case and start the item's process."""
    command = FileCase(
        item_code=body.item,
        applicant=body.applicant.model_dump(exclude_none=True),
        form=body.form,
        title=body.title,
        channel=body.channel,
        urgency=body.urgency,
        offered={code: paper.model_dump() for code, paper in body.offered.items()},
        chosen=body.chosen,
    )
    result = execute(command)
    return created(result, f"/cases/{result['no']}")


@cases.get("/cases", asks_thing(Verb.VIEW_CASE), zh="办件", query=CasesQuery, answers={200: CaseList})
def list_cases(query: CasesQuery) -> Any:
    """List cases, newest first.

    Administrators, supervisors and auditors see all of them, everybody else those that they filed.
    """
    everything = may(actor(), Verb.VIEW_ALL_CASES).allowed
    page = queries().cases.page(
        item_code=query.item,
        state=query.state.value if query.state else None,
        text=query.text,
        filed_by=None if everything else actor().login,
        after=query.after,
        limit=query.limit,
        count=query.total,
    )
    rows = [_in_words(row) | {"applicant_id": masked(row["applicant_id"])} for row in page.rows]
    return {"items": rows, "next": page.next, "total": told_total(page)}


@cases.get("/cases/<no>", asks_thing(Verb.VIEW_CASE), zh="一个办件", answers={200: Case}, errors=(404,))
def get_case(no: str) -> Any:
    """Get one case by its number, with its limits, opinions and documents."""
    row, found = open_case(no).row, queries().cases
    return _in_words(row) | {
        "clocks": found.clocks(row["id"]),
        "opinions": found.opinions(row["id"]),
        "documents": found.documents(row["id"]),
        "certificates": [each.to_json() for each in found.certificates(row)],
        "children": [child["no"] for child in found.children(row["id"])],
    }


class CertificateEnd(Body):
    number: Name = Field(min_length=1)
    state: Literal["cancelled", "revoked"]
    reason: Remark
    basis: Remark = Field(description="The rule that allows it.")


class EndedCertificate(Out):
    no: str
    number: str
    state: CertificateState


@cases.post(
    "/cases/<no>/certificates/end",
    asks_thing(Verb.END_CERTIFICATE),
    zh="注销、撤销证照",
    body=CertificateEnd,
    answers={200: EndedCertificate},
    errors=(404, 409),
)
def end_certificate(no: str, body: CertificateEnd) -> Any:
    """Cancel or revoke one licence of a case; the others of its package stay."""
    return execute(EndCertificate(no=no, number=body.number, state=body.state, reason=body.reason, basis=body.basis))


class NewRating(Body):
    grade: int = Field(ge=1, le=5, description="5 非常满意, 4 满意, 3 基本满意, 2 不满意, 1 非常不满意.")
    reasons: list[Code] = Field(
        default_factory=list, description="slow, repeated, unlisted, unclear, attitude, charged, other."
    )
    text: Remark = ""
    channel: Literal["pc", "mobile", "code", "tablet", "window"] = "window"
    anonymous: bool = Field(False, description="Who rectifies learns neither the case nor the applicant.")


class TakenRating(Out):
    no: str
    grade: int
    state: RatingState


@cases.post(
    "/cases/<no>/rating",
    asks_thing(Verb.RATE_CASE),
    zh="登记评价",
    body=NewRating,
    answers={200: TakenRating},
    errors=(404, 409),
)
def rate_case(no: str, body: NewRating) -> Any:
    """Write down the applicant's rating, once for each matter within seven days; a poor one is called back about."""
    given = body.model_dump() | {"reasons": tuple(body.reasons)}
    return execute(RateCase(no=no, **given))


@cases.get(
    "/cases/<no>/documents/<document_id>",
    asks_thing(Verb.VIEW_CASE),
    zh="一份文书",
    answers={200: Document},
    errors=(404,),
)
def get_document(no: str, document_id: str) -> Row:
    """Get one document that was issued in a case, with its text."""
    case = open_case(no)
    row = queries().cases.document(document_id)
    if row is None or row["case_id"] != case.row["id"]:
        raise NotFound(f"办件 {no} 没有这份文书。", f"Case {no} has no such document.")
    return row


@cases.patch(
    "/cases/<no>/form",
    asks_thing(Verb.CHANGE_CASE),
    zh="修改申请表",
    body=FormChange,
    answers={200: ChangedForm},
    errors=(404, 409),
)
def change_form(no: str, body: FormChange) -> Any:
    """Correct the application form, before acceptance."""
    return execute(ChangeCaseForm(no=no, form=body.form))


@cases.post(
    "/cases/<no>/withdraw",
    asks_thing(Verb.WITHDRAW_CASE),
    zh="撤回申请",
    body=WithdrawalReason,
    answers={200: StateOfCase},
    errors=(404, 409),
)
def withdraw(no: str, body: WithdrawalReason) -> Any:
    """Withdraw the application for the applicant, before the decision."""
    return execute(WithdrawCase(no=no, reason=body.reason))


@cases.post(
    "/cases/<no>/withdraw-commitment",
    asks_thing(Verb.WITHDRAW_CASE),
    zh="撤回承诺",
    body=WithdrawalReason,
    answers={200: StateOfCase},
    errors=(404, 409),
)
def withdraw_commitment(no: str, body: WithdrawalReason) -> Any:
    """Withdraw the commitment for the applicant: the case goes back to the ordinary procedure."""
    return execute(WithdrawCommitment(no=no, reason=body.reason))


def _in_words(row: Row) -> Row:
    return row | {"state_zh": words_of_state(CaseState(row["state"]), row["item_code"])[0]}
