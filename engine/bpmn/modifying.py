"""What only administrators and takers-back do to a running or ended instance: undo one decision, jump, reopen.

All of them put tokens where the lineage (see ``engine.bpmn.returning``) or the administrator says; ``engine.bpmn.soundness`` checks
the instance afterwards.
"""

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.expressions import LOOP_COUNTER
from engine.bpmn.returning import ARRIVED, Ground, admit_again, arm_again, levels, renew, retire
from engine.bpmn.soundness import ahead, beyond, far, stretch
from engine.bpmn.specs.base import Node
from engine.bpmn.specs.events import StartEvent
from engine.bpmn.specs.gateways import Join
from engine.bpmn.specs.loops import MultiInstance
from engine.bpmn.specs.tasks import HumanTask
from engine.bpmn.tokens import Instance, SubInstance, Token
from engine.errors import Conflict
from engine.runtime.lineage import Lineage, Passage, Undoing
from engine.runtime.returning import Returned
from engine.runtime.step import ActivityState, Variables


def undoing_of(instance: Instance, token_id: str, lineage: Lineage) -> Undoing:
    """What would go if the decision made with this token were taken back. Raises Conflict when it cannot be."""
    ground, passage = _ground_of(instance, token_id, lineage)
    undoing = _undoing(ground, passage)
    if ground.interrupted(undoing):
        raise Conflict(
            "不能撤回：事件子流程已中断当时的其他并行分支，无法恢复",
            "It cannot be taken back: an event subprocess has ended the other parallel branches of that time",
            reason="interrupted",
        )
    return undoing


def take_back(instance: Instance, token_id: str, lineage: Lineage, seen: Variables, by: str | None) -> Returned:
    """Let the token of a completed task wait again, under its old id, and undo all that came of it (P-6.1).

    Unlike a return it may reach through a join: what had come from other branches waits there again (P-6.2). Of a multi-instance
    that is over only this instance, which saw ``seen`` as its own variables and was added by ``by``, is not complete any more;
    those that its end had cancelled wait again too.
    """
    undoing_of(instance, token_id, lineage)
    ground, passage = _ground_of(instance, token_id, lineage)
    if ground.is_whole(passage):
        return _reopen_task(ground, passage)
    return _reopen_body(ground, passage, seen, by)


def _reopen_task(ground: Ground, passage: Passage) -> Returned:
    container, undoing = ground.container, _undoing(ground, passage)
    node = container.spec.node(passage.element_id)
    assert isinstance(node, HumanTask)
    retired = retire(ground, undoing, as_it_was=True)
    node.reopen(Token(container, node, container.task_tree, TaskState.FUTURE, passage.token_id), passage.memory or {})
    admit_again(ground, undoing)
    return Returned(
        token_id=passage.token_id,
        renewed=passage.token_id,
        element_id=passage.element_id,
        retired=retired,
        undone=undoing.removed - {passage.token_id},
    )


def _reopen_body(ground: Ground, instance: Passage, seen: Variables, by: str | None) -> Returned:
    container, passage = ground.container, _body_of(ground, instance)
    undoing = _undoing(ground, instance)
    retired = retire(ground, undoing, as_it_was=True)
    node = container.spec.node(passage.element_id)
    assert isinstance(node, MultiInstance) and passage.memory is not None
    body = Token(container, node, container.task_tree, TaskState.FUTURE, passage.token_id)
    opened = node.reopen(body, passage.memory)
    admit_again(ground, undoing)
    item = seen.get(node.repetition.item or "")
    node.begin_again(body, seen[LOOP_COUNTER] - 1, item, by, instance.token_id)
    return Returned(
        token_id=instance.token_id,
        renewed=instance.token_id,
        element_id=passage.element_id,
        retired=retired,
        undone=undoing.removed - {passage.token_id},
        opened=opened,
    )


def _undoing(ground: Ground, passage: Passage) -> Undoing:
    """Not what its boundary events have begun beside it while it waited: that did not come of the decision."""
    over = passage if ground.is_whole(passage) else _body_of(ground, passage)
    return ground.lineage.reopening(over.token_id, ground.parked)


def _body_of(ground: Ground, passage: Passage) -> Passage:
    """The multi-instance task that was over with this instance, or another one. Raises Conflict when it cannot go on."""
    body = ground.lineage.passages.get(passage.origins[0]) if len(passage.origins) == 1 else None
    if body is None or body.state is not ActivityState.COMPLETED or body.memory is None:
        raise Conflict(
            "不能撤回多实例环节中的一份，请由后一环节退回整个环节",
            "One instance of a multi-instance task cannot be taken back; let the next task return to the whole of it",
            reason="multi-instance",
        )
    return body


def _ground_of(instance: Instance, token_id: str, lineage: Lineage) -> tuple[Ground, Passage]:
    passage = lineage.passages.get(token_id)
    if passage is None or passage.state is not ActivityState.COMPLETED or token_id in instance.tasks:
        raise Conflict(
            "不能撤回：这一步已被退回或流程已另行推进；需要更正请联系现在的办理人",
            "It cannot be taken back: this step was returned, or the process has gone another way; tell whoever has the case now.",
            reason="not-on-the-way",
        )
    container: Instance | SubInstance | None = instance
    if passage.inside is not None:
        container = instance.subprocesses.get(passage.inside)
    if container is None:
        raise Conflict(
            "不能撤回：它所在的子流程已经结束",
            "It cannot be taken back: the subprocess in which it stands has ended",
            reason="scope-ended",
        )
    ground = Ground.of(container, lineage)
    return ground, passage


# -- jump ----------------------------------------------------------------------------------------------------------------


def jump(token: Token, element_id: str) -> Token:
    """Cancel what ``token`` stands for in the scope of ``element_id``, and put a new token into that element."""
    for container, here in levels(token):
        node = container.spec.task_specs.get(element_id)
        if node is not None:
            _check_landing(node)
            _check_alone(container, here, node)
            at = Token(container, node, container.task_tree, TaskState.FUTURE)
            if isinstance(node, Join):  # a fork, which no other flow enters: all that it waits for is here
                at.internal_data[ARRIVED] = dict.fromkeys(node.incoming, here.id)
            here.cancel()
            node.start(at, here.id)
            return at
    raise Conflict(
        f"不能跳转到「{element_id}」：它不在当前环节所在的流程或外层流程中；子流程内的环节请先跳转到子流程",
        f'Nothing can jump to "{element_id}": it is neither in the process of this task nor in one around it; to get into a '
        "subprocess, jump to the subprocess",
        reason="not-in-scope",
        element_id=element_id,
    )


def _check_alone(container: Instance | SubInstance, here: Token, node: Node) -> None:
    """Raise Conflict when the token would run through what another one is still to run through, and it would be done twice.

    It is so when both can come to the same element before a join brings them together, and could not before; also behind a join
    that the token leaves behind, which lets the others through without it, and behind one that it passes by itself.
    """
    others = [each for each in container.task_tree.children if each is not here and not each.is_armed]
    before, after = ahead(container.spec, here), stretch(container.spec, node.name)
    known = [ahead(container.spec, each) for each in others]
    mine = far(container.spec, [node.name], frozenset().union(*known))
    for other, theirs in zip(others, known, strict=True):
        if (after | mine) & theirs and not before & theirs:
            raise _twice(node, other)
    rest = beyond(container, here, after)
    if after & rest and not before & rest:
        raise _twice(node, others[0])


def _twice(node: Node, other: Token) -> Conflict:
    label = other.task_spec.element_name or other.task_spec.element_id
    return Conflict(
        f"不能跳转到「{node.element_name or node.element_id}」：并行分支「{label}」还在办理，其后的环节会办理两次；"
        "请先退回到分支之前，或只在本分支内跳转",
        f'Nothing can jump to "{node.element_name or node.element_id}" while the parallel branch at "{label}" runs: what '
        "follows would be done twice; return to before the fork, or jump within the branch",
        reason="runs-twice",
        element_id=node.element_id,
    )


def landings(token: Token) -> list[Node]:
    """Where the token can be put, in its own scope and in those around it."""
    nodes = (node for container, _ in levels(token) for node in container.spec.task_specs.values())
    return [node for node in nodes if node.name == node.element_id and _obstacle(node) is None]


def _check_landing(node: Node) -> None:
    obstacle = _obstacle(node)
    if obstacle is not None:
        raise obstacle


def _obstacle(node: Node) -> Conflict | None:
    label = node.element_name or node.element_id
    if isinstance(node, Join) and len(node.incoming) > 1:
        return Conflict(
            f"不能跳转到汇聚网关「{label}」，它要等待所有分支；请选择它之后的环节",
            f'Nothing can jump to the join "{label}", which waits for all its branches; choose what comes after it',
            reason="is-join",
            element_id=node.element_id,
        )
    if node.is_boundary or node.is_event_subprocess or isinstance(node, StartEvent):
        return Conflict(
            f"不能跳转到「{label}」，事件只能由它等待的事情触发；请选择一个环节",
            f'Nothing can jump to "{label}": an event is triggered by what it waits for; choose a task',
            reason="is-event",
            element_id=node.element_id,
        )
    return None


# -- reopen --------------------------------------------------------------------------------------------------------------


def reopenings(instance: Instance, lineage: Lineage) -> list[Passage]:
    """The passages at which an ended instance can be reopened without leaving half of a fork behind, latest first; one for each
    element."""
    ground = Ground.of(instance, lineage)
    found: dict[str, Passage] = {}
    for passage in reversed(lineage.passages.values()):
        node = ground.node(passage)
        if node is None or passage.element_id in found or not ground.is_of(passage, node) or not is_place(node):
            continue
        undoing = lineage.undoing(passage.token_id)
        if not undoing.joined and undoing.removed.issuperset(_cut_off(ground)):
            found[passage.element_id] = passage
    return list(found.values())


def is_place(node: Node) -> bool:
    """Is it something that can begin by itself, an activity or a gateway, and no event?"""
    return not (node.is_boundary or node.is_event_subprocess or isinstance(node, StartEvent)) and bool(node.outgoing)


def _cut_off(ground: Ground) -> set[str]:
    """The tokens that had not come to their end when the instance was ended."""
    cancelled = {
        passage.token_id
        for passage in ground.lineage.passages.values()
        if passage.state is ActivityState.CANCELLED
        and (node := ground.node(passage)) is not None
        and ground.is_of(passage, node)
    }
    for passage in ground.lineage.passages.values():
        cancelled.difference_update(passage.origins)
    return cancelled


def reopen(instance: Instance, element_id: str, lineage: Lineage) -> Returned:
    """Let an ended instance go on from an element that it has executed. Raises Conflict with the possible elements."""
    possible = reopenings(instance, lineage)
    for passage in possible:
        if passage.element_id == element_id:
            instance.ended = instance.end_code = None
            instance.completed = False
            instance.success = True
            arm_again(instance)
            return renew(Ground.of(instance, lineage), passage)
    labels = [passage.element_name or passage.element_id for passage in possible]
    raise Conflict(
        f"不能从「{element_id}」重新打开：它没有执行过，或只是并行分支中的一支。可选的环节：{'、'.join(labels) or '无'}",
        f'The instance cannot be reopened at "{element_id}": it was not executed, or is one of several parallel branches. '
        f"Possible: {', '.join(labels) or 'none'}",
        reason="not-a-place",
        element_id=element_id,
        possible=[passage.element_id for passage in possible],
    )
