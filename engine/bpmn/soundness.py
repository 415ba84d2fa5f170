"""Is an instance at rest whole? Every token waits for something that can come, and can go on to an end from where it is.

Asked after what the model itself never does (jump, reopen, return, take back), so that no intervention leaves an instance that
nobody can finish.
"""

from collections.abc import Collection

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.limits import failure
from engine.bpmn.returning import ARRIVED, is_parked
from engine.bpmn.specs.activities import SubProcess
from engine.bpmn.specs.base import Node, ProcessSpec
from engine.bpmn.specs.gateways import Join, ParallelGateway
from engine.bpmn.specs.tasks import HumanTask, ServiceTask
from engine.bpmn.specs.triggers import SignalTrigger
from engine.bpmn.tokens import Instance, SubInstance, Token


def check(instance: Instance) -> None:
    """Raise StepFailed (reason "unsound"), naming the element, when something could never end."""
    passable: dict[int, frozenset[str]] = {}
    for token in instance.walk():
        container = token.workflow
        fault = _waits(instance, token)
        if fault is None and token.parent is container.task_tree and not token.task_spec.is_event_subprocess:
            if id(container) not in passable:
                passable[id(container)] = _passable(container)
            fault = _goes_on(token, passable[id(container)])
        if fault is not None:
            zh, en = fault
            raise failure(token.task_spec, "unsound", zh, en)


Fault = tuple[str, str] | None


def _waits(instance: Instance, token: Token) -> Fault:
    """Does it wait for something from outside, or for something within that lives?"""
    node = token.task_spec
    inner = instance.subprocesses.get(token.id)
    if token.state == TaskState.READY:
        alive = isinstance(node, HumanTask)
    elif token.state == TaskState.STARTED:
        if isinstance(node, SubProcess):
            alive = inner is not None and any(not child.is_armed for child in inner.task_tree.children)
        elif node.is_body:
            alive = any(not child.task_spec.is_boundary for child in token.children)
        else:
            alive = isinstance(node, ServiceTask)
    else:
        alive = token.state == TaskState.WAITING and _listens(token)
    return (
        None
        if alive
        else ("这里的令牌不等待任何事情，流程将停在这里", "its token waits for nothing: the process would stop here")
    )


def _listens(token: Token) -> bool:
    data = token.internal_data
    signal = isinstance(getattr(token.task_spec, "trigger", None), SignalTrigger)
    return signal or token.task_spec.is_event_gateway or any(key in data for key in ("timer", "message", ARRIVED))


def _goes_on(token: Token, passable: frozenset[str]) -> Fault:
    """Can it come to an end of its scope, through joins at which all that they wait for can come?"""
    spec, node = token.workflow.spec, token.task_spec
    pending, seen = [node.name], {node.name}
    while pending:
        name = pending.pop()
        if name not in passable:
            continue
        node_here = spec.node(name)
        if not node_here.outgoing:
            return None
        # What a timer begins beside the task takes the token itself nowhere.
        following = [flow.target for flow in node_here.outgoing]
        following += [boundary.name for boundary in node_here.boundaries if boundary.interrupts]
        pending.extend(each for each in following if each not in seen)
        seen.update(following)
    if is_parked(token):
        return "汇聚网关等待的分支不会再到来", "the branches that this join misses cannot come any more"
    return (
        "从这里走不到结束，后面的汇聚会一直等下去",
        "no way leads from here to an end: a join behind it would wait for ever",
    )


def _passable(container: Instance | SubInstance) -> frozenset[str]:
    """The nodes at which a token can still come, if conditions and events are kind.

    A parallel join is one only when a token can come, or has, on each of its flows.
    """
    spec = container.spec
    living = container.task_tree.children
    arrived = {flow_id for token in living if is_parked(token) for flow_id in token.internal_data[ARRIVED]}
    found: set[str] = set()
    joins = {token.task_spec.name for token in living if is_parked(token)}
    pending = [token.task_spec.name for token in living if not is_parked(token)]
    while pending or joins:
        if not pending:
            pending = [name for name in joins - found if _is_complete(spec.node(name), arrived)]
            if not pending:
                break
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        node = spec.node(name)
        for flow in node.outgoing:
            arrived.add(flow.id)
        for following in node.successors():
            if isinstance(spec.node(following), ParallelGateway):
                joins.add(following)
            else:
                pending.append(following)
    return frozenset(found)


def _is_complete(join: Node, arrived: set[str]) -> bool:
    return not isinstance(join, ParallelGateway) or arrived.issuperset(join.incoming)


def ahead(spec: ProcessSpec, token: Token) -> frozenset[str]:
    """The elements that a token is still to run through before a join, and the flows on which it comes, or has come, into one."""
    if is_parked(token):
        return frozenset(token.internal_data[ARRIVED])
    return stretch(spec, token.task_spec.name)


def stretch(spec: ProcessSpec, name: str) -> frozenset[str]:
    """As ``ahead``, from the element ``name`` on."""
    found, arrived = _run(spec, [name], set())
    return frozenset(found | arrived)


def beyond(container: Instance | SubInstance, gone: Token, meeting: frozenset[str]) -> frozenset[str]:
    """As ``ahead``, for all tokens of a scope but ``gone``, and on through the joins that they pass without it.

    An inclusive join waits only for what can still come, a parallel one for what is missing. ``meeting`` are the flows on which
    ``gone`` will come into joins from where it is put: there they wait for it.
    """
    living = [token for token in container.task_tree.children if token is not gone and not token.is_armed]
    arrived = {flow_id for token in living if is_parked(token) for flow_id in token.internal_data[ARRIVED]}
    return far(container.spec, [token.task_spec.name for token in living if not is_parked(token)], meeting, arrived)


def far(spec: ProcessSpec, names: list[str], meeting: frozenset[str], arrived: Collection[str] = ()) -> frozenset[str]:
    """The elements from these on, through joins as far as nobody comes to them along ``meeting``; and the flows into joins."""
    found: set[str] = set()
    into = set(arrived)
    pending = names
    while True:
        run, flows = _run(spec, pending, found)
        found |= run
        into |= flows
        joins = (node for name, node in spec.task_specs.items() if name not in found and isinstance(node, Join))
        pending = [join.name for join in joins if _passes(join, into, meeting)]
        if not pending:
            return frozenset(found | into)


def _passes(join: Join, arrived: set[str], meeting: frozenset[str]) -> bool:
    comes = not arrived.isdisjoint(join.incoming)
    return comes and meeting.isdisjoint(join.incoming) and _is_complete(join, arrived)


def _run(spec: ProcessSpec, names: list[str], known: set[str]) -> tuple[set[str], set[str]]:
    """The elements from these on as far as the next joins, but for what is ``known``, and the flows into the joins."""
    found: set[str] = set()
    arrived: set[str] = set()
    pending = list(names)
    while pending:
        here = pending.pop()
        if here in found or here in known:
            continue
        found.add(here)
        node = spec.node(here)
        for flow in node.outgoing:
            target = spec.node(flow.target)
            if isinstance(target, Join) and len(target.incoming) > 1:
                arrived.add(flow.id)
            else:
                pending.append(flow.target)
        pending.extend(boundary.name for boundary in node.boundaries if boundary.interrupts)
    return found, arrived
