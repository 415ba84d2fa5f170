"""Hotline orders, objections against a publicity, and sealed applicants over HTTP."""

from typing import Any, Literal

from pydantic import Field

from engine.access import Verb
from engine.commands.cases.sealing import RevealApplicant
from engine.commands.procedures.hotline_callers import RecallOrder, UrgeOrder
from engine.commands.procedures.publicity import RaiseObjection
from engine.commands.procedures.remedies import TakeRemedy
from web.api.acting import execute
from web.api.blueprint import blueprint
from web.api.cases import StateOfCase
from web.api.endpoint import Noun
from web.api.reading import Body
from web.api.shapes import Name, Out, Remark, Variables
from web.frame.policy import asks_thing

matters = Noun(blueprint, "matters")


class Urging(Body):
    text: Remark = Field(min_length=1, description="What the caller said.")


class Recall(Body):
    reason: Remark = Field(min_length=1)


class NewObjection(Body):
    by: Literal["tax", "social_insurance", "other_organ", "creditor", "employee", "investor", "other"]
    name: Name = Field(min_length=1, description="Who objects.")
    text: Remark = Field(min_length=1, description="Facts and reasons.")


class NewRemedy(Body):
    kind: Literal["review", "litigation"]
    organ: Name = Field(min_length=1, description="The organ of review, or the court.")
    number: Name = Field(min_length=1, description="The number of its case.")


class Look(Body):
    reason: Remark = Field(min_length=1, description="Why; it stands in the history of the case.")


class RemedyTaken(StateOfCase):
    premature: bool = Field(description="A lawsuit without the review that has to come first (行政复议法 23).")


class SealedApplicant(Out):
    no: str
    applicant: Variables


@matters.post(
    "/cases/<no>/urge",
    asks_thing(Verb.GUIDE_ORDER),
    zh="催办工单",
    body=Urging,
    answers={200: StateOfCase},
    errors=(404, 409),
)
def urge(no: str, body: Urging) -> Any:
    """Record that the caller urged; the unit is told."""
    return execute(UrgeOrder(no=no, text=body.text))


@matters.post(
    "/cases/<no>/recall",
    asks_thing(Verb.GUIDE_ORDER),
    zh="收回改派",
    body=Recall,
    answers={200: StateOfCase},
    errors=(404, 409),
)
def recall(no: str, body: Recall) -> Any:
    """Take an order back from its unit, to dispatch it anew."""
    return execute(RecallOrder(no=no, reason=body.reason))


@matters.post(
    "/cases/<no>/objections",
    asks_thing(Verb.TAKE_OBJECTION),
    zh="登记异议",
    body=NewObjection,
    answers={200: StateOfCase},
    errors=(404, 409),
)
def objections(no: str, body: NewObjection) -> Any:
    """Write down an objection within the publicity."""
    return execute(RaiseObjection(no=no, by=body.by, name=body.name, text=body.text))


@matters.post(
    "/cases/<no>/remedies",
    asks_thing(Verb.TAKE_REMEDY),
    zh="登记复议、诉讼",
    body=NewRemedy,
    answers={200: RemedyTaken},
    errors=(404, 409),
)
def remedies(no: str, body: NewRemedy) -> Any:
    """Write down that an answer is contested before an organ of review or a court."""
    return execute(TakeRemedy(no=no, kind=body.kind, organ=body.organ, number=body.number))


@matters.post(
    "/cases/<no>/applicant",
    asks_thing(Verb.REVEAL_APPLICANT),
    zh="查看保密申请人",
    body=Look,
    answers={200: SealedApplicant},
    errors=(404, 409),
)
def applicant(no: str, body: Look) -> Any:
    """Look up who a sealed applicant is; who looked, and why, is kept."""
    return execute(RevealApplicant(no=no, reason=body.reason))
