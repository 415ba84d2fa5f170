"""What follows when somebody answers to the one who asked him: a delegate, a signer before, a signer after.

An answer goes back to the task that asked (``parent_id``), and from there up. It is stored, whole, before anything is
decided on its kind (P-4.5). Whoever may only advise changes nothing but the opinions; whoever may decide and says no decides
for the one who asked, as far as that one could himself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.commands.running import eligibility, seats
from engine.commands.running.seats import Answer
from engine.commands.running.story import Story
from engine.commands.tasks.handling import task_of
from engine.errors import Conflict
from engine.runtime import ballot_settings
from engine.runtime.ballot import Choice
from engine.runtime.delegation import DelegationRecalled
from engine.runtime.signers import (
    SEAT_AT,
    Plan,
    Position,
    Signer,
    SignerAnswered,
    SignerAsked,
    SignerRemoved,
    SignersAdded,
    SignerState,
    verdicts,
)
from engine.runtime.task import Power, Seat, TaskCompleted
from engine.store import tables

if TYPE_CHECKING:
    from engine.commands.running.moving import Moving
    from engine.context import CommandContext
    from engine.store.base.unit_of_work import Values


# ---------------------------------------------------------------- delegates


@seats.answers(Seat.DELEGATE)
def _delegate_answered(context: CommandContext, instance: Moving, answer: Answer) -> None:
    """The answer goes back to the person who asked (P-5.2); with the power to decide it is that person's decision."""
    asker = asker_of(context, answer)
    if answer.task.power is Power.DECIDE and answer.outcome is not None:
        decide_for(context, instance, asker, answer)
        return
    _store(instance, answer)
    seats.resume(context, asker, "answered")


# ---------------------------------------------------------------- signers


@seats.answers(Seat.BEFORE)
def _signed_before(context: CommandContext, instance: Moving, answer: Answer) -> None:
    asker = asker_of(context, answer)
    _note(context, asker, answer)
    if _objects(answer):
        drop_signers(context, asker, Position.BEFORE)
        overrule(context, instance, asker, answer)
        return
    _store(instance, answer)
    go_on_before(context, asker)


@seats.answers(Seat.AFTER)
def _signed_after(context: CommandContext, instance: Moving, answer: Answer) -> None:
    asker = asker_of(context, answer)
    _note(context, asker, answer)
    _store(instance, answer)
    if _objects(answer):
        drop_signers(context, asker, Position.AFTER)
        seats.follow(context, instance, _as_answer_of(asker, answer))
        return
    go_on_after(context, instance, asker)


@seats.holds_back
def _waits_for_those_after(context: CommandContext, instance: Moving, answer: Answer) -> bool:
    """My decision is stored; if others sign after me it waits for them (P-4.1). A refusal needs nobody's signature more.

    Nor does it wait when none of them may sign any more: all were recused or disabled since they were added.
    """
    row = task_row(context, answer.task.id)
    if not Plan.from_json(row["signers"]).pending(Position.AFTER):
        return False
    if _is_refusal(verdicts_of(row), answer.outcome):
        drop_signers(context, row, Position.AFTER)
        return False
    _store(instance, answer)
    ask_due(context, row, Position.AFTER)
    return bool(Plan.from_json(row["signers"]).pending(Position.AFTER))


def go_on_before(context: CommandContext, asker: Values) -> None:
    """Ask the next signers before ``asker``; when none is left, the task is his again (P-4.4)."""
    ask_due(context, asker, Position.BEFORE)
    if not Plan.from_json(asker["signers"]).pending(Position.BEFORE):
        seats.resume(context, asker, "answered")


def go_on_after(context: CommandContext, instance: Moving, asker: Values) -> None:
    """Ask the next signers after ``asker``; when none is left, his stored decision takes its way (P-4.4)."""
    ask_due(context, asker, Position.AFTER)
    if asker["closed_at"] is None or Plan.from_json(asker["signers"]).pending(Position.AFTER):
        return
    sent = Story.of(context, asker["instance_id"]).filled.get(asker["id"], {})
    stored = Answer(
        task=task_of(asker), outcome=asker["outcome"], comment=asker["comment"], variables=sent, is_stored=True
    )
    seats.follow(context, instance, stored)


def ask_due(context: CommandContext, asker: Values, position: Position) -> None:
    """Give a task to every signer whose turn it is. Those after wait until ``asker`` has decided."""
    if position is Position.AFTER and asker["closed_at"] is None:
        return
    while due := Plan.from_json(asker["signers"]).due(position):
        for signer in due:
            _ask(context, asker, signer)


def _ask(context: CommandContext, asker: Values, signer: Signer) -> None:
    """Open the signer's task. Who may not act here any more (recused, disabled since he was added) is passed over."""
    instance = context.uow.get(tables.process_instance, (asker["instance_id"],))
    assert instance is not None
    found = eligibility.find(context, instance, eligibility.ElementFacts.of(asker), [signer.login], way="sign")
    if signer.login in found.refused:
        reason = found.refused[signer.login].zh
        told = SignerRemoved(task_id=asker["id"], signer_id=signer.id, login=signer.login, reason=reason)
        context.record(asker["instance_id"], told)
        return
    context.record(asker["instance_id"], SignerAsked(task_id=asker["id"], signer_id=signer.id))
    decides = signer.power is Power.DECIDE
    seats.open_seat(
        context,
        asker["instance_id"],
        like=asker,
        seat=SEAT_AT[signer.position],
        assignee=signer.login,
        power=signer.power,
        parent_id=asker["id"],
        added_by=asker["assignee"],
        task_id=signer.id,
        outcomes=verdicts_of(asker) if decides else (),
        settings=advisers_settings(asker["settings"]),
    )


def drop_signers(context: CommandContext, asker: Values, *positions: Position, reason: str = "decided") -> None:
    """Take out whoever has not signed yet, with everything that he asked of others: it is decided without them."""
    for signer in Plan.from_json(asker["signers"]).pending(*positions):
        context.record(
            asker["instance_id"],
            SignerRemoved(task_id=asker["id"], signer_id=signer.id, login=signer.login, reason=reason),
        )
        close_below(context, signer.id, reason)


def sign_again(context: CommandContext, asker: Values, reason: str) -> None:
    """The decision of ``asker`` was taken back: a signature after it stood for that decision, and is asked for again with the
    next one. What was not signed yet is taken back; what was signed stays to be read."""
    plan = Plan.from_json(asker["signers"])
    wanted = [
        each for each in plan.signers if each.position is Position.AFTER and each.state is not SignerState.REMOVED
    ]
    drop_signers(context, asker, Position.AFTER, reason=reason)
    # After the second withdrawal the first signature is not asked for twice.
    latest = {each.login: each for each in wanted}
    first = 1 + max((each.batch for each in plan.signers), default=-1)
    again = tuple(
        replace(each, id=context.new_id(), batch=first + each.batch, state=SignerState.PLANNED, outcome=None)
        for each in latest.values()
    )
    if again:
        told = SignersAdded(
            task_id=asker["id"],
            position=Position.AFTER,
            signers=tuple(signer.to_json() for signer in again),
            reason=reason,
            element_name=asker["element_name"],
        )
        context.record(asker["instance_id"], told)


def ask_no_more(context: CommandContext, row: Values, reason: str) -> None:
    """Take back all that the holder of an open task asked of others, because the task goes to somebody else (P-5.3)."""
    drop_signers(context, row, reason=reason)
    recall_delegates(context, row, reason)
    seats.resume(context, row, reason)


def recall_delegates(context: CommandContext, row: Values, reason: str) -> bool:
    """Take back what the holder of ``row`` asked by delegation, also of a delegate who has answered and waits for those who sign
    after him; False when there is nothing to take back."""
    asked = [
        child
        for child in seats.of_token(context, row["token_id"])
        if child["parent_id"] == row["id"]
        and child["seat"] == Seat.DELEGATE.value
        and (child["closed_at"] is None or seats.awaits_signers(context, child))
    ]
    for child in asked:
        told = DelegationRecalled(
            task_id=row["id"], delegate_task_id=child["id"], delegate=child["assignee"] or "", reason=reason
        )
        context.record(row["instance_id"], told)
        close_below(context, child["id"], reason)
    return bool(asked)


# ---------------------------------------------------------------- deciding for another


def decide_for(context: CommandContext, instance: Moving, asker: Values, answer: Answer) -> None:
    """Complete ``asker``'s task with the answer of somebody who may decide for him: "B on behalf of A" in the history."""
    seats.resume(context, asker, "answered")
    task = task_of(asker)
    completed = TaskCompleted(task_id=task.id, element_id=task.element_id, element_name=task.element_name)
    if not task.is_sealed:
        completed = TaskCompleted(
            task_id=task.id,
            element_id=task.element_id,
            element_name=task.element_name,
            outcome=answer.outcome,
            comment=answer.comment,
            variables=answer.variables,
        )
    before, context.acts_for = context.acts_for, asker["principal"] or asker["assignee"]
    context.record(asker["instance_id"], completed)
    seats.give(context, instance, _as_answer_of(asker, answer))
    context.acts_for = before


def overrule(context: CommandContext, instance: Moving, asker: Values, answer: Answer) -> None:
    """A signer with the power to decide said no: the refusal of the node, or of the seat for which ``asker`` sits there.

    Nobody hands on more than he has: a signer of one member of a ballot refuses as that member, not as the ballot.
    """
    if asker["seat"] != Seat.HOLDER.value:
        decide_for(context, instance, asker, answer)
        return
    drop_signers(context, asker)
    seats.supersede(context, asker, "refused-by-signer")
    seats.follow(context, instance, _as_answer_of(asker, answer))


def close_below(context: CommandContext, task_id: str, reason: str) -> None:
    """Close a task and everything that its holder, and those asked by him, asked of others; nobody signs there any more, also
    not after somebody who has answered already: his answer would come to a task that no longer waits for it."""
    row = context.uow.get(tables.task, (task_id,))
    if row is None:
        return  # a planned signer: he has no task yet
    drop_signers(context, row, reason=reason)
    for child in seats.of_token(context, row["token_id"]):
        is_asked = child["parent_id"] == task_id and child["seat"] == Seat.DELEGATE.value
        if is_asked and (child["closed_at"] is None or seats.awaits_signers(context, child)):
            close_below(context, child["id"], reason)
    seats.cancel(context, row, reason)


# ---------------------------------------------------------------- pieces


def task_row(context: CommandContext, task_id: str) -> Values:
    """The row of a task that is known to exist."""
    row = context.uow.get(tables.task, (task_id,))
    assert row is not None, task_id
    return row


def asker_of(context: CommandContext, answer: Answer) -> Values:
    """The row of the task whose holder asked for this answer."""
    parent_id = task_row(context, answer.task.id)["parent_id"]
    assert parent_id is not None, answer.task.id
    return task_row(context, parent_id)


def advisers_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of whoever is asked: he reads the form and writes what the node's ``adviserFields`` lets him.

    What the node demands of its decision (``requireFields``) it does not demand of an opinion.
    """
    kept = {name: value for name, value in settings.items() if name != "requireFields"}
    return kept | {"fields": str(settings.get("adviserFields") or "*:read")}


def _as_answer_of(asker: Values, answer: Answer) -> Answer:
    return Answer(task=task_of(asker), outcome=answer.outcome, comment=answer.comment, variables=answer.variables)


def _note(context: CommandContext, asker: Values, answer: Answer) -> None:
    answered = SignerAnswered(task_id=asker["id"], signer_id=answer.task.id, outcome=answer.outcome)
    context.record(asker["instance_id"], answered)


def _objects(answer: Answer) -> bool:
    """Whether a signer who may decide said no."""
    return answer.task.power is Power.DECIDE and _is_refusal(answer.task.outcomes, answer.outcome)


def verdicts_of(row: Values) -> tuple[str, ...]:
    """(yes, no) of the node of ``row``, or () where it cannot be refused; a ballot says itself which outcome is which."""
    if not row["settings"].get("ballot"):
        return verdicts(row["outcomes"])
    node, _ = ballot_settings.parse(row["settings"], row["outcomes"])
    return (node.code(Choice.APPROVE), node.code(Choice.REJECT))


def _is_refusal(found: Sequence[str], outcome: str | None) -> bool:
    """Whether ``outcome`` is the second of (yes, no)."""
    return outcome is not None and outcome in found[1:2]


def _store(instance: Moving, answer: Answer) -> None:
    """Write what was sent with the answer into the process, before anything else comes of it."""
    if not answer.variables:
        return
    signs = answer.task.seat in (Seat.BEFORE, Seat.AFTER)
    if answer.task.form_key is None and (signs or answer.task.power is Power.ADVISE):
        raise Conflict(
            f"「{answer.task.label}」没有表单，您不能另外提交数据；请只填写意见。",
            f"{answer.task.label} has no form, so there is nothing that you may write; send your opinion only.",
            task_id=answer.task.id,
        )
    instance.move(lambda execution: execution.store_variables(answer.task.token_id, answer.variables))
