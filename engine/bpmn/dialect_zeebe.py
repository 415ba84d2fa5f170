"""zeebe: (Camunda 8) -> banjie:. Its expressions are FEEL with ``=`` in front, as ours are."""

from engine.bpmn.vendor import REFUSED, ZEEBE, Turner, add_banjie, form_key, set_banjie
from engine.bpmn.xml import BANJIE, BPMN, Node

_DRAWING = frozenset({"properties", "versionTag", "userTask"})
_TUNING = frozenset({"retries", "bindingType"})


def turn(turner: Turner, node: Node) -> None:
    """Turn one BPMN element's zeebe attributes and extensions into ours."""
    for key in [k for k in node.attributes if k.startswith(f"{{{ZEEBE}}}")]:
        name = key.partition("}")[2]
        value = node.attributes.pop(key)
        if not name.startswith("modelerTemplate"):
            turner.refuse(node, f'zeebe:{name}="{value[:60]}"')
    extensions = node.find("extensionElements")
    if extensions is None:
        return
    theirs = [child for child in extensions.children if child.space == ZEEBE]
    extensions.children = [child for child in extensions.children if child.space != ZEEBE]
    for child in theirs:
        _extension(turner, node, child)
    for child in theirs:
        if child.name == "calledElement" and node.name == "callActivity":
            _propagate(turner, node, child)


def _extension(turner: Turner, node: Node, child: Node) -> None:
    """Dispatch by the extension's name; what has no handler is refused by name."""
    label = f"zeebe:{child.name}"
    if node.name == "businessRuleTask":
        return  # refused by name, with all that it carries
    people = node.name in ("userTask", "manualTask")
    match child.name:
        case name if name in _DRAWING:
            return
        case "assignmentDefinition" | "taskSchedule" | "priorityDefinition" if people:
            _people(node, child)
        case "formDefinition" if people or node.name == "startEvent":
            key = child.get("formId") or child.get("formKey") or child.get("externalReference") or ""
            set_banjie(node, "formKey", form_key(key))
        case "userTaskForm":
            turner.forms[child.get("id") or ""] = child.text
        case "taskDefinition":
            _task_definition(turner, node, child)
        case "taskHeaders" if node.name in ("serviceTask", "sendTask"):
            for header in child.children:
                add_banjie(node, "input", {"name": header.get("key") or ""}, _literal(header.get("value")), header.line)
        case "ioMapping":
            _io_mapping(turner, node, child)
        case "script" if node.name == "scriptTask":
            _script(node, child)
        case "subscription" if node.name == "message":
            set_banjie(node, "correlationKey", child.get("correlationKey") or "")
        case "subscription" if node.name == "receiveTask":
            set_banjie(node, "correlationKey", child.get("correlationKey") or "")
        case "calledElement":
            _called_element(turner, node, child)
        case "loopCharacteristics":
            _loop(node, child)
        case "executionListeners" | "taskListeners":
            for listener in child.children:
                what = f'zeebe:{listener.name} type="{listener.get("type") or ""}"'
                turner.report("listener-unsupported", node, what, listener.line)
        case _:
            turner.refuse(node, label, child.line)


def _people(node: Node, child: Node) -> None:
    for name in ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority"):
        set_banjie(node, name, child.get(name) or "")


def _task_definition(turner: Turner, node: Node, child: Node) -> None:
    kind = child.get("type") or ""
    if node.name in ("serviceTask", "sendTask"):
        set_banjie(node, "verb", kind)
    else:  # a job worker behind a script task, rule task or throw event
        turner.report("implementation-unsupported", node, f'zeebe:taskDefinition type="{kind}"', child.line)
        node.attributes.setdefault(f"{{{BANJIE}}}verb", REFUSED)


def _literal(value: str | None) -> str:
    """A header is plain text, also when it looks like an expression."""
    text = value or ""
    if text.startswith(("=", "${", "#{")):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'="{escaped}"'
    return text


def _io_mapping(turner: Turner, node: Node, child: Node) -> None:
    for mapping in child.children:
        source, target = mapping.get("source") or "", mapping.get("target") or ""
        if mapping.name == "input" and node.name in ("serviceTask", "sendTask", "intermediateThrowEvent", "endEvent"):
            add_banjie(node, "input", {"name": target}, source, mapping.line)
        elif node.name == "callActivity":
            name = "in" if mapping.name == "input" else "out"
            add_banjie(node, name, {"source": source, "target": target}, line=mapping.line)
        else:
            what = f"zeebe:{mapping.name} {target} {source}".strip()
            turner.report("mapping-unsupported", node, what, mapping.line)


def _script(node: Node, child: Node) -> None:
    """``<zeebe:script expression="= a + 1" resultVariable="b"/>`` is the line ``b = a + 1``."""
    expression = (child.get("expression") or "").strip().removeprefix("=").strip()
    variable = (child.get("resultVariable") or "").strip()
    script = node.find("script") or node.append(Node(BPMN, "script", line=child.line))
    script.text = f"{variable} = {expression}"
    node.attributes["scriptFormat"] = "feel"


def _called_element(turner: Turner, node: Node, child: Node) -> None:
    if process := (child.get("processId") or "").strip():
        node.attributes["calledElement"] = process
    if child.get("versionTag") or child.get("bindingType") == "versionTag":
        turner.refuse(node, f'zeebe:calledElement versionTag="{child.get("versionTag") or ""}"', child.line)


def _propagate(turner: Turner, node: Node, child: Node) -> None:
    """Say which variables cross a call: all go in unless told otherwise, all come back unless some are mapped."""
    extensions = node.find("extensionElements")
    ours = extensions.find_all("in", "out", space=BANJIE) if extensions is not None else []
    outputs = any(mapping.name == "out" for mapping in ours)
    all_in = child.get("propagateAllParentVariables") != "false"
    all_out = child.get("propagateAllChildVariables") != "false" and not outputs
    if all_in and all_out and not ours:
        return  # as ours without any mapping
    if not (all_in or all_out or ours):
        turner.report(
            "mapping-unsupported", node, 'zeebe:calledElement propagateAllParentVariables="false"', child.line
        )
    for wanted, name in ((all_in, "in"), (all_out, "out")):
        if wanted:
            add_banjie(node, name, {"all": "true"}, line=child.line)


def _loop(node: Node, child: Node) -> None:
    for theirs, ours in (
        ("inputCollection", "collection"),
        ("inputElement", "elementVariable"),
        ("outputCollection", "outputCollection"),
        ("outputElement", "outputElement"),
    ):
        set_banjie(node, ours, child.get(theirs) or "")
