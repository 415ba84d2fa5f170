"""A failed ballot that returns the case to an earlier node: ``onReject="return:<element>"`` (P-2.1, P-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands import returns
from engine.commands.ballots import REFUSALS
from engine.errors import Conflict, StepFailed

if TYPE_CHECKING:
    from engine.commands.ballot_box import Box
    from engine.commands.moving import Moving


def _return(instance: Moving, box: Box, outcome: str) -> None:
    """Return from the ballot's token. That this is not possible here is no fault of the last voter, but of the model."""
    target = box.node.on_reject.argument
    try:
        returns.perform(
            instance.context, instance, box.row["token_id"], target, f"「{box.label}」表决未通过（{outcome}）"
        )
    except Conflict as error:
        raise StepFailed(
            f"「{box.label}」表决未通过，应退回「{target}」，但退不回去：{error.zh}",
            f'{box.label} is not passed and should return to "{target}", which cannot be: {error.en}',
            element_id=box.row["element_id"],
            element_name=box.row["element_name"],
            instance_id=instance.id,
            reason="ballot-cannot-return",
        ) from error


REFUSALS["return"] = _return
