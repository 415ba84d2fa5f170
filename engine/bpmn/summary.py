"""The graph of a checked process -> the plain ``ProcessModel`` that the rooms above read."""

from engine.bpmn.elements import outcomes_of
from engine.bpmn.graph import EVENT_DEFINITION, FlowNode, ModelFile, Scope, inherited_lane
from engine.bpmn.model import CallModel, ProcessModel, ServiceModel, StartEventModel, TimerModel, UserTaskModel
from engine.bpmn.rules.calls import called
from engine.bpmn.rules.tasks import banjie, listed
from engine.bpmn.rules.timers import times
from engine.bpmn.xml import BANJIE, Node
from engine.feel import is_expression

_TASK_SETTINGS = frozenset(
    {"assignee", "candidateUsers", "candidateGroups", "formKey", "priority", "limit", "outcomes"}
)


def summarise(model: ModelFile, process: Scope) -> ProcessModel:
    """Return the public model of one executable process."""
    nodes = list(process.walk())
    lanes = [lane for node in nodes if (lane := inherited_lane(node))]
    forms = [key for node in nodes if (key := banjie(node, "formKey")) and not is_expression(key) and "${" not in key]
    return ProcessModel(
        key=process.id,
        name=_line(process.name) or process.id,
        file=model.file,
        line=process.line,
        documentation=documentation(process.node),
        start_events=tuple(_start(model, node) for node in process.of_kind("startEvent")),
        lanes=tuple(dict.fromkeys(lanes)),
        user_tasks=tuple(_task(node) for node in nodes if node.kind in ("userTask", "manualTask")),
        services=tuple(
            ServiceModel(element_id=node.id, name=_line(node.name), line=node.line, verb=banjie(node, "verb"))
            for node in nodes
            if node.kind in ("serviceTask", "sendTask") and banjie(node, "verb")
        ),
        calls=tuple(
            CallModel(element_id=node.id, name=_line(node.name), line=node.line, process_key=called(node))
            for node in nodes
            if node.kind == "callActivity"
        ),
        timers=tuple(
            TimerModel(
                element_id=node.id, name=_line(node.name), line=use.place.line, kind=node.kind, text=use.source.strip()
            )
            for node in nodes
            for use, _ in times(node)
        ),
        forms=tuple(dict.fromkeys(forms)),
        messages=_references(model, nodes, "message"),
        signals=_references(model, nodes, "signal"),
        element_names=_element_names(process, nodes),
        settings=_settings(process.node, frozenset()),
    )


def documentation(node: Node) -> str:
    """Return the documentation of an element as plain text."""
    return "\n".join(text for d in node.find_all("documentation") if (text := d.all_text()))


def _line(text: str) -> str:
    return " ".join(text.split())


def _settings(node: Node, known: frozenset[str]) -> dict[str, str]:
    prefix = f"{{{BANJIE}}}"
    pairs = ((key.removeprefix(prefix), value) for key, value in node.attributes.items() if key.startswith(prefix))
    return {name: value for name, value in pairs if name not in known}


def _start(model: ModelFile, node: FlowNode) -> StartEventModel:
    timers = times(node)
    names = [name for kind in ("message", "signal") for name in _references(model, [node], kind)]
    return StartEventModel(
        element_id=node.id,
        name=_line(node.name),
        line=node.line,
        kind=node.trigger,
        reference=names[0] if names else None,
        timer=timers[0][0].source.strip() if timers else None,
        form_key=banjie(node, "formKey") or None,
        initiator=banjie(node, "initiator") or None,
    )


def _task(node: FlowNode) -> UserTaskModel:
    return UserTaskModel(
        element_id=node.id,
        name=_line(node.name),
        line=node.line,
        kind=node.kind,
        documentation=documentation(node.node),
        lane=inherited_lane(node),
        assignee=banjie(node, "assignee") or None,
        candidate_users=tuple(listed(node, "candidateUsers")),
        candidate_groups=tuple(listed(node, "candidateGroups")),
        form_key=banjie(node, "formKey") or None,
        priority=banjie(node, "priority") or None,
        limit=banjie(node, "limit") or None,
        outcomes=outcomes_of(banjie(node, "outcomes")),
        settings=_settings(node.node, _TASK_SETTINGS),
        multi_instance=node.node.find("multiInstanceLoopCharacteristics") is not None,
    )


def _references(model: ModelFile, nodes: list[FlowNode], kind: str) -> tuple[str, ...]:
    """Names of the messages or signals that these elements throw or catch."""
    names: dict[str, None] = {}
    for node in nodes:
        holders = [d for d in node.event_definitions if d.name == kind + EVENT_DEFINITION]
        if kind == "message" and node.kind in ("receiveTask", "sendTask"):
            holders = [node.node]
        for holder in holders:
            definition = model.definition(kind, holder.get(f"{kind}Ref"))
            if definition is not None:
                names[definition.name or definition.id] = None
    return tuple(names)


def _element_names(process: Scope, nodes: list[FlowNode]) -> dict[str, tuple[str, str]]:
    flows = [flow for scope in process.scopes() for flow in scope.flows]
    return {element.id: (_line(element.name), element.kind) for element in (*nodes, *flows) if element.id}
