"""What an activity (or a scope) awaits beside its work: kept when it is left, so that it can go on as it was (P-6.1).

A withdrawal gives nobody more time: a timer goes on with the moment at which it was due, and one that has fired since the
activity was entered is not among what is kept.
"""

from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.scopes import copy

if TYPE_CHECKING:
    from engine.bpmn.specs.events import Catcher
    from engine.bpmn.tokens import Token

AWAITED: Final = "armed"  # under this name a token, and its memory in the history, keeps it


def awaited_by(token: "Token") -> list[list[Any]]:
    """What can still happen while ``token`` runs: [element, armed token, what it waits for]."""
    return [[child.task_spec.name, child.id, copy(child.internal_data)] for child in token.children if child.is_armed]


def await_again(token: "Token", kept: list[Any] | None) -> None:
    """Let the boundary events of ``token`` wait as they did. What a history of the first versions does not tell begins anew: the
    names alone (of a multi-instance), or nothing at all (None)."""
    known = {each if isinstance(each, str) else each[0]: each for each in kept or ()}
    for boundary in token.task_spec.boundaries:
        entry = known.get(boundary.name)
        if kept is None or isinstance(entry, str):
            boundary.arm(token)
        elif entry is not None:
            await_as_before(boundary, token, entry)


def await_as_before(catcher: "Catcher", watched: "Token", kept: list[Any]) -> None:
    """Let it wait below ``watched`` under its old id, for what it waited for then."""
    _, token_id, data = kept
    armed = watched.put_inside(catcher, token_id)
    armed._set_state(TaskState.WAITING)
    armed.internal_data = copy(data)
