"""What can go wrong, in words for a person: a few kinds, each with one HTTP status.

Every error carries its sentence in Chinese and in English and, where it helps, ``facts`` (JSON values) that a page or an
API client may show beside it. Raise the kind that tells the *caller* what to do next; the sentence names the thing and the
way out.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar


class SpokenError(Exception):
    """Base of everything that is told to a person or a program in both languages."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(self, zh: str, en: str, **facts: Any) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.facts = facts

    def message(self, language: str = "zh") -> str:
        """Return the sentence in ``language`` ("zh" or "en")."""
        return self.zh if language.startswith("zh") else self.en


class BanjieError(SpokenError):
    """Base of all errors that are meant to be read by the person or the program that caused them."""


class Unavailable(SpokenError):
    """Something that the house stands on does not answer; it is nobody's fault and passes. ``facts["retry_after"]`` is the
    number of seconds to wait.

    Deliberately no BanjieError: whoever turns the errors of a step into an incident, or the error of one among many into a
    line of a report, must not take this one. It ends the transaction, and the whole command is run again.
    """

    status = 503
    code = "unavailable"


class InvalidInput(BanjieError):
    """The request is understood but a value in it is wrong; ``facts["fields"]`` maps field names to reasons."""

    status = 422
    code = "invalid-input"


def gathered(*checks: Callable[[], Any]) -> list[Any]:
    """Make every check and return what they return; raise what they refuse as one InvalidInput, so that nobody mends the one
    fault only to be told the other."""
    found: list[Any] = []
    faults: list[InvalidInput] = []
    for check in checks:
        try:
            found.append(check())
        except InvalidInput as fault:
            faults.append(fault)
    if faults:
        raise faults[0] if len(faults) == 1 else together(faults)
    return found


def together(faults: Sequence[InvalidInput], kind: type[InvalidInput] = InvalidInput) -> InvalidInput:
    """Several refusals as one of this kind: each sentence once, the fields of all."""
    facts: dict[str, Any] = {}
    for fault in faults:
        facts |= {name: value for name, value in fault.facts.items() if name not in facts}
    for name in ("fields", "fields_en"):
        facts[name] = {key: text for fault in faults for key, text in fault.facts.get(name, {}).items()}
    sentences = {_ended(fault.zh, "。"): _ended(fault.en, ".") for fault in faults}
    return kind("".join(sentences), " ".join(sentences.values()), **facts)


def _ended(sentence: str, stop: str) -> str:
    return sentence if sentence.endswith(("。", ".", "！", "？", "!", "?")) else sentence + stop


class ModelRefused(BanjieError):
    """A BPMN file has errors and was not stored; ``facts["findings"]`` names each by element and line."""

    status = 422
    code = "model-refused"


class NotSignedIn(BanjieError):
    """Nobody is signed in, or the token is unknown, expired or revoked."""

    status = 401
    code = "not-signed-in"


class Forbidden(BanjieError):
    """The person is known and may not do this."""

    status = 403
    code = "forbidden"


class NotFound(BanjieError):
    """There is no such thing, or this person may not know of it."""

    status = 404
    code = "not-found"


class Conflict(BanjieError):
    """Somebody else was faster, or the thing is not in the state that this needs; facts say who, when and which."""

    status = 409
    code = "conflict"


class RuleForbids(Conflict):
    """What a person asked for is against a rule of the office and begins only after what the sentence names; a verb of a
    service task may raise it. Nothing of it is kept and nothing is broken: the person reads it, no incident is opened."""


class TooLarge(BanjieError):
    """The upload or request is larger than allowed."""

    status = 413
    code = "too-large"


class WrongContentType(BanjieError):
    """The body is of another type, in another encoding or packed; ``facts["expected"]`` is what is read here."""

    status = 415
    code = "unsupported-media-type"


class TooManyRequests(BanjieError):
    """Too many tries; ``facts["retry_after"]`` is the number of seconds to wait."""

    status = 429
    code = "too-many-requests"


class StepFailed(BanjieError):
    """The machine could not take the step: an expression failed, no flow matched, a limit was reached.

    ``facts`` name the element (``element_id``, ``element_name``, ``process_key``) and the ``reason`` code. Nothing of the
    step is kept; the process engine opens an incident.
    """

    status = 409
    code = "step-failed"
