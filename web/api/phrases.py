"""常用语 over HTTP: one's own, and for administrators those of the bureau."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from engine.access import Verb
from engine.commands.administration.phrases import AddPhrase, ChangePhrase, RemovePhrase
from web.api.acting import actor, created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Identified, Out
from web.frame.policy import asks, signed_in

phrases = Noun(blueprint, "phrases")

Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Phrase(Out):
    id: str
    owner: str | None = Field(description="Null: of the whole bureau.")
    body: str


class PhraseList(Out):
    items: list[Phrase]


class NewPhrase(Body):
    body: Words
    shared: bool = Field(False, description="Of the whole bureau; administrators only.")


class PhraseWords(Body):
    body: Words


@phrases.get("/phrases", signed_in, zh="常用语", answers={200: PhraseList})
def list_phrases() -> Any:
    """List the caller's phrases, then those of the bureau."""
    return {"items": queries().inbox.phrases(actor())}


@phrases.post(
    "/phrases", asks(Verb.ARRANGE_INBOX), zh="添加常用语", body=NewPhrase, answers={201: Identified}, errors=(403,)
)
def add_phrase(body: NewPhrase) -> Any:
    """Add a phrase; words that are there already are not added twice."""
    return created(execute(AddPhrase(body=body.body, shared=body.shared)), "/phrases")


@phrases.patch(
    "/phrases/<phrase_id>",
    asks(Verb.ARRANGE_INBOX),
    zh="修改常用语",
    body=PhraseWords,
    answers={200: Identified},
    errors=(403, 404, 409),
)
def change_phrase(phrase_id: str, body: PhraseWords) -> Any:
    """Write a phrase anew."""
    return execute(ChangePhrase(phrase_id=phrase_id, body=body.body))


@phrases.delete(
    "/phrases/<phrase_id>", asks(Verb.ARRANGE_INBOX), zh="删除常用语", answers={204: None}, errors=(403, 404)
)
def remove_phrase(phrase_id: str) -> Any:
    """Remove a phrase."""
    execute(RemovePhrase(phrase_id=phrase_id))
    return Answer(status=204)
