"""Return to an earlier node: the retired set goes in one step, one new token stands in the target (P-3.1 to P-3.4).

What descends from what is told by the lineage of the history; what lives is in the instance. Joins that wait lose the arrivals
that go and keep the others, so their counts stay right.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.specs.activities import EventSubProcess, SubProcess
from engine.bpmn.specs.awaited import AWAITED, await_as_before
from engine.bpmn.specs.base import STRAIGHT, Node
from engine.bpmn.specs.gateways import Join
from engine.bpmn.specs.loops import LoopBody
from engine.bpmn.specs.tasks import HumanTask
from engine.bpmn.tokens import Instance, SubInstance, Token
from engine.errors import Conflict
from engine.records import record
from engine.runtime.lineage import Lineage, Passage, Undoing
from engine.runtime.returning import Obstacle, Returned, ReturnTarget
from engine.runtime.step import ActivityState

ARRIVED: Final = "arrived"


def levels(token: Token) -> Iterator[tuple[Instance | SubInstance, Token]]:
    """The scopes around a token, innermost first, each with the token that stands for it there."""
    while True:
        container = token.workflow
        while token.parent is not container.task_tree:
            token = token.parent
        yield container, token
        if container.host is None:
            return
        token = container.host


@record(kw_only=False)
class Ground:
    """One scope as it is now: its lineage brought up to date with what waits at its joins."""

    container: Instance | SubInstance
    lineage: Lineage
    parked: frozenset[str]

    @classmethod
    def of(cls, container: Instance | SubInstance, lineage: Lineage) -> "Ground":
        parked = set()
        for token in container.task_tree.children:
            if is_parked(token):
                parked.add(token.id)
                lineage.passages[token.id] = _passage(token)
        return cls(container, lineage, frozenset(parked))

    @property
    def host_id(self) -> str | None:
        return None if self.container.host is None else self.container.host.id

    def node(self, passage: Passage) -> Node | None:
        node: Node | None = self.container.spec.task_specs.get(passage.element_id)
        return node

    def is_of(self, passage: Passage, node: Node) -> bool:
        """Does it belong to this scope, and as a whole, not as one instance of a loop?"""
        return passage.inside == self.host_id and passage.element_type == node.element_type

    def is_whole(self, passage: Passage) -> bool:
        """The same, by the element that it names."""
        node = self.node(passage)
        return node is not None and self.is_of(passage, node)

    def target(self, passage: Passage) -> ReturnTarget:
        """Judge a passage as a place to return to."""
        node = self.node(passage)
        obstacle, fork = self._obstacle(passage)
        return ReturnTarget(
            token_id=passage.token_id,
            element_id=passage.element_id,
            element_name=passage.element_name,
            element_type=passage.element_type,
            process_key=passage.process_key,
            obstacle=obstacle,
            fork=None if fork is None else fork.element_id,
            fork_name="" if fork is None else fork.element_name,
            reopens=node is not None and is_fork(node),
        )

    def _obstacle(self, passage: Passage) -> tuple[Obstacle | None, Passage | None]:
        if passage.token_id in self.container.tasks:
            return Obstacle.STILL_OPEN, None
        undoing = self.lineage.undoing(passage.token_id, self.parked)
        if not undoing.joined:
            return None, None
        if self.interrupted(undoing):
            return Obstacle.INTERRUPTED, None
        return Obstacle.JOINED, self.lineage.fork_before(passage.token_id, self.parked)

    def interrupted(self, undoing: Undoing) -> bool:
        """Would it undo an event subprocess that has ended more than what is undone?"""
        nodes = (self.node(self.lineage.passages[join]) for join in undoing.joined)
        return any(not isinstance(node, Join) for node in nodes)


def _passage(token: Token) -> Passage:
    """What a join that waits would tell of itself now."""
    node = token.task_spec
    return Passage(
        token_id=token.id,
        element_id=node.element_id,
        element_name=node.element_name,
        element_type=node.element_type,
        process_key=node.process_key,
        origins=node.came_from(token),
        inside=None if token.workflow.host is None else token.workflow.host.id,
    )


def is_parked(token: Token) -> bool:
    """Does it wait at a join for other branches?"""
    return ARRIVED in token.internal_data and token.state == TaskState.WAITING


def is_fork(node: Node) -> bool:
    """Is it a gateway at which parallel branches begin?"""
    return isinstance(node, Join) and len(node.outgoing) > 1


def possible_returns(token: Token, lineage: Lineage) -> list[ReturnTarget]:
    """The executed nodes that people know (tasks, subprocesses, forks) around ``token``, nearest first; each with the reason
    why not, where it cannot be returned to."""
    found: dict[tuple[str | None, str], ReturnTarget] = {}
    for container, here in levels(token):
        ground = Ground.of(container, lineage)
        here_id = here.task_spec.element_id
        before = {passage.token_id for passage in lineage.ancestors(here.id)}
        for passage in reversed(lineage.passages.values()):
            node = ground.node(passage)
            if (
                node is None
                or not _is_offered(node)
                or not ground.is_of(passage, node)
                or passage.element_id == here_id
            ):
                continue
            key = (passage.inside, passage.element_id)
            if passage.token_id in before:
                known = found.get(key)
                if known is None or known.obstacle is Obstacle.OTHER_BRANCH:
                    found[key] = ground.target(passage)
            elif key not in found and not is_fork(node) and passage.token_id not in container.tasks:
                found[key] = _elsewhere(ground, passage)
    return list(found.values())


def _is_offered(node: Node) -> bool:
    if isinstance(node, LoopBody):
        return True
    return is_fork(node) or (isinstance(node, HumanTask | SubProcess) and not node.is_event_subprocess)


def _elsewhere(ground: Ground, passage: Passage) -> ReturnTarget:
    return ReturnTarget(
        token_id=passage.token_id,
        element_id=passage.element_id,
        element_name=passage.element_name,
        element_type=passage.element_type,
        process_key=passage.process_key,
        obstacle=Obstacle.OTHER_BRANCH,
    )


def return_to(element_id: str, token: Token, lineage: Lineage, *, straight: bool = False) -> Returned:
    """Retire everything that descends from the target's last execution before ``token``, and put a new token there.

    The target may stand in the scope of ``token`` or in one around it. With ``straight`` the tokens that go come back to their
    places when the target is left again (P-3.6). Raises Conflict, with the possible nodes, when it is not possible.
    """
    for container, here in levels(token):
        ground = Ground.of(container, lineage)
        for passage in lineage.ancestors(here.id):
            if passage.element_id != element_id:
                continue
            node = ground.node(passage)
            if node is not None and ground.is_of(passage, node) and _is_offered(node):
                target = ground.target(passage)
                if not target.possible:
                    raise _refused(token, lineage, target)
                if straight:
                    _check_straight(ground, node, token)
                return renew(ground, passage, straight=straight)
    raise _unknown(element_id, token, lineage)


def renew(ground: Ground, passage: Passage, *, straight: bool = False) -> Returned:
    """Undo a passage and all that descends from it, and begin it anew, with new limits; tokens of other branches that had come to an
    undone join wait there again."""
    container = ground.container
    undoing = ground.lineage.undoing(passage.token_id, ground.parked)
    places = [_place(token, undoing.removed) for token in container.task_tree.children if not token.is_armed]
    retired = retire(ground, undoing)
    token = _enter(container, passage)
    admit_again(ground, undoing)
    if straight:
        token.internal_data[STRAIGHT] = [place for place in places if place is not None]
    kept = _between(ground, undoing)
    return Returned(
        token_id=token.id,
        renewed=passage.token_id,
        element_id=passage.element_id,
        retired=retired,
        undone=undoing.removed,
        kept=kept if straight else (),
        decided_on=_names_between(container, kept),
    )


def _enter(container: Instance | SubInstance, passage: Passage) -> Token:
    """Put a new token into the target. A gateway is passed again at once: what had arrived there stays consumed."""
    node = container.spec.node(passage.element_id)
    token = Token(container, node, container.task_tree, TaskState.FUTURE)
    if isinstance(node, Join):
        token.internal_data[ARRIVED] = dict(zip(node.incoming, passage.origins, strict=False))
        container.top_workflow.record(ActivityState.ENTERED, token, renews=passage.token_id)
        token._ready()
    else:
        node.start(token, renews=passage.token_id)
    return token


def _place(token: Token, removed: frozenset[str]) -> list[Any] | None:
    """What a living token stands for, if it goes: ``[node, token, what had arrived or None]``."""
    if is_parked(token):
        gone = {flow: origin for flow, origin in token.internal_data[ARRIVED].items() if origin in removed}
        return [token.task_spec.name, token.id, gone] if gone else None
    return [token.task_spec.name, token.id, None] if token.id in removed else None


def retire(ground: Ground, undoing: Undoing, *, as_it_was: bool = False) -> tuple[str, ...]:
    """Cancel what lives of what is undone; a join that also others have come to loses its arrivals only.

    Where an event subprocess had interrupted the scope and goes, its events are awaited again. Those that had not happened go on as
    they waited; the one that had happened begins anew, unless all shall be ``as_it_was``.
    """
    living = [token for token in ground.container.task_tree.children if _has_interrupted(token)]
    retired = tuple(_retire(ground, undoing))
    for token in living:
        if token.id in retired:
            kept = token.internal_data.get(AWAITED, [])
            anew = None if as_it_was else token.task_spec.name
            arm_again(ground.container, [entry for entry in kept if entry[0] != anew])
    return retired


def admit_again(ground: Ground, undoing: Undoing) -> None:
    """Let tokens of other branches that had come to an undone join wait there again."""
    container, lineage = ground.container, ground.lineage
    for join, outside in undoing.joined.items():
        gateway = container.spec.node(lineage.passages[join].element_id)
        assert isinstance(gateway, Join)
        gateway.admit(container, _flows(container, gateway, [lineage.passages[origin] for origin in outside]))


def _retire(ground: Ground, undoing: Undoing) -> Iterator[str]:
    for token in ground.container.task_tree.children:
        if is_parked(token):
            arrived = token.internal_data[ARRIVED]
            kept = {flow: origin for flow, origin in arrived.items() if origin not in undoing.removed}
            if kept:
                token.internal_data[ARRIVED] = kept
                continue
        if token.id in undoing.removed:
            yield token.id
            token.cancel()


def _flows(container: Instance | SubInstance, join: Join, sources: list[Passage]) -> dict[str, str]:
    """Along which flow each of the tokens had come to the join."""
    found: dict[str, str] = {}
    for source in sources:
        for flow in container.spec.node(source.element_id).outgoing:
            if flow.target == join.name and flow.id not in found:
                found[flow.id] = source.token_id
                break
    return found


def _has_interrupted(token: Token) -> bool:
    node = token.task_spec
    return isinstance(node, EventSubProcess) and node.interrupts and token.state != TaskState.WAITING


def arm_again(container: Instance | SubInstance, kept: Sequence[list[Any]] = ()) -> None:
    """Let the event subprocesses wait again that had ceased to, because one of them had interrupted the scope: those that are
    ``kept`` as they waited then."""
    present = {token.task_spec.name for token in container.task_tree.children}
    known = {entry[0]: entry for entry in kept}
    for event_subprocess in container.spec.event_subprocesses:
        if event_subprocess.name in known:
            await_as_before(event_subprocess, container.task_tree, known[event_subprocess.name])
        elif event_subprocess.name not in present:
            event_subprocess.arm(container.task_tree)


def _between(ground: Ground, undoing: Undoing) -> tuple[str, ...]:
    """The elements that were passed between the target and what goes: the straight way back leaves them as they are."""
    living = ground.container.tasks
    passed = [ground.lineage.passages[token_id] for token_id in undoing.removed if token_id != undoing.token_id]
    finished = (
        passage for passage in passed if passage.state is ActivityState.COMPLETED and passage.token_id not in living
    )
    return tuple(dict.fromkeys(passage.element_id for passage in finished))


def _names_between(container: Instance | SubInstance, elements: tuple[str, ...]) -> frozenset[str]:
    """The variables that the conditions behind these elements read: with other values the way would be another one."""
    flows = (flow for element in elements for flow in container.spec.node(element).outgoing)
    return frozenset(name for flow in flows if flow.condition is not None for name in flow.condition.names)


# -- refusals ------------------------------------------------------------------------------------------------------------


def _check_straight(ground: Ground, node: Node, token: Token) -> None:
    if is_fork(node):
        raise Conflict(
            "整个并行部分重办时不能“补正后直接回到我”，请改选「重走」",
            'A whole fork that begins anew cannot come straight back to you; choose "step by step"',
            reason="straight-from-fork",
        )
    if token.workflow is not ground.container:
        raise Conflict(
            "不能“补正后直接回到我”：当前环节在子流程内，退回后子流程要重新开始；请改选「重走」",
            "It cannot come straight back to you: your task is inside a subprocess, which begins anew after this return; choose "
            '"step by step"',
            reason="straight-from-inside",
        )


def _possible(token: Token, lineage: Lineage) -> tuple[str, str, list[str]]:
    """The possible nodes in words, in both languages, and their ids."""
    possible = [target for target in possible_returns(token, lineage) if target.possible]
    zh = "、".join(f"「{target.label}」" for target in possible) or "无"
    en = ", ".join(f'"{target.label}"' for target in possible) or "none"
    return zh, en, [target.element_id for target in possible]


def _refused(token: Token, lineage: Lineage, target: ReturnTarget) -> Conflict:
    zh, en = target.why()
    names_zh, names_en, ids = _possible(token, lineage)
    return Conflict(
        f"不能退回到「{target.label}」：{zh}。可以退回的环节：{names_zh}",
        f'"{target.label}" cannot be returned to: {en}. Possible nodes: {names_en}',
        reason=str(target.obstacle),
        element_id=target.element_id,
        possible=ids,
    )


def _unknown(element_id: str, token: Token, lineage: Lineage) -> Conflict:
    for target in possible_returns(token, lineage):
        if target.element_id == element_id and not target.possible:
            return _refused(token, lineage, target)
    names_zh, names_en, ids = _possible(token, lineage)
    return Conflict(
        f"不能退回到「{element_id}」：它没有在本次办理中执行过，或不在当前环节之前。可以退回的环节：{names_zh}",
        f'"{element_id}" cannot be returned to: it was not executed on the way to this task. Possible nodes: {names_en}',
        reason="not-executed",
        element_id=element_id,
        possible=ids,
    )
