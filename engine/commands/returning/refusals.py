"""What follows when a node is refused (P-2.1): its process ends, or the case returns. Registered for ``Moving``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands.returning import returns
from engine.commands.running import moving
from engine.errors import Conflict, StepFailed
from engine.runtime.return_events import Resubmit
from engine.runtime.return_policy import ReturnPolicy

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.runtime.refusal import Refused


def _end(instance: Moving, refused: Refused) -> None:
    """``onReject="end"``: everything that runs in the process is cancelled in this transaction (P-2.2). The caller of a called
    process decides itself what the result means (P-2.4)."""
    instance.end_process(refused.token_id, refused.reason, outcome=refused.outcome)


def _return(instance: Moving, refused: Refused) -> None:
    """``onReject="return:<element>"``. That this is not possible here is no fault of who refused, but of the model."""
    target = refused.way.argument
    try:
        returns.perform(
            instance.context, instance, refused.token_id, target, refused.reason, _way_back(instance, refused)
        )
    except Conflict as error:
        raise StepFailed(
            f"{refused.reason}，应退回「{target}」，但退不回去：{error.zh}",
            f'{refused.label} was refused and should return to "{target}", which cannot be: {error.en}',
            element_id=refused.element_id,
            element_name=refused.element_name,
            instance_id=instance.id,
            reason="refusal-cannot-return",
        ) from error


def _way_back(instance: Moving, refused: Refused) -> Resubmit:
    """How it comes back, as the node says (P-3.6). A ballot is always voted on anew."""
    task = next((each for each in instance.before.tasks if each.token_id == refused.token_id), None)
    if task is None or task.settings.get("ballot"):
        return Resubmit.STEP
    return ReturnPolicy.read(task.settings).resubmit("")


moving.REFUSALS.update({"end": _end, "return": _return})
