"""camunda:, flowable: and activiti: (three forks of one engine, one vocabulary) -> banjie:."""

from collections.abc import Mapping
from typing import Final

from engine import feel
from engine.bpmn.form_fields import convert
from engine.bpmn.vendor import ENGINES, FAMILY_7, REFUSED, Turner, add_banjie, form_key, set_banjie
from engine.bpmn.xml import BANJIE, Node

_SERVICES: Final = ("serviceTask", "sendTask", "businessRuleTask")
_PEOPLE: Final = ("userTask", "manualTask")

# Attributes that say the same in our namespace: (element kind, name) -> our name.
_RENAMED: Final[Mapping[tuple[str, str], str]] = {
    **{
        (kind, name): name
        for kind in _PEOPLE
        for name in ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority", "category")
    },
    ("startEvent", "initiator"): "initiator",
    ("multiInstanceLoopCharacteristics", "collection"): "collection",
    ("multiInstanceLoopCharacteristics", "elementVariable"): "elementVariable",
    **{("process", name): name for name in ("candidateStarterUsers", "candidateStarterGroups", "versionTag")},
}
# Tuning of the vendor's job executor and history: nothing to do here.
_TUNING: Final = frozenset(
    {
        "async",
        "asyncBefore",
        "asyncAfter",
        "asyncLeave",
        "asynchronousLeave",
        "exclusive",
        "jobPriority",
        "taskPriority",
        "historyTimeToLive",
        "failedJobRetryTimeCycle",
        "isEagerExecutionFetching",
        "noWaitStatesAsyncLeave",
        "jobCategory",
        "parallelInSameTransaction",
        "completeAsync",
        "useLocalScopeForResultVariable",
        "historyLevel",
    }
)
# Only for the vendor's modeller and task list pages.
_DRAWING: Final = frozenset(
    {
        "modelerTemplate",
        "modelerTemplateVersion",
        "modelerTemplateIcon",
        "diagramRelationId",
        "formFieldValidation",
        "isStartableInTasklist",
        "work-form-field-validation",
        "task-candidates-type",
        "form-reference",
        "formFieldValidationExpression",
        "localization",
    }
)
# Values with which the attribute changes nothing.
_HARMLESS_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "autoStoreVariables": frozenset({"false"}),
    "triggerable": frozenset({"false"}),
    "calledElementBinding": frozenset({"latest", "deployment"}),
    "calledElementType": frozenset({"key"}),
    "scope": frozenset({"global"}),
    "inheritBusinessKey": frozenset({"true", "false"}),
    "inheritVariables": frozenset({"false"}),
    "sameDeployment": frozenset({"true", "false"}),
    "fallbackToDefaultTenant": frozenset({"true", "false"}),
    "calledElementTenantId": frozenset({""}),
    "formRefBinding": frozenset({"latest", "deployment"}),
    "countMultiInstances": frozenset({"true"}),
    "storeResultVariableAsTransient": frozenset({"false"}),
}
_IMPLEMENTATION: Final = frozenset(
    {"class", "delegateExpression", "expression", "type", "topic", "resultVariable", "resultVariableName"}
)
_LISTENERS: Final = frozenset(
    {"taskListener", "executionListener", "eventListener", "transactionDependentTaskListener"}
)
_FORM_FIELDS: Final = frozenset({"formData", "formProperty"})


def turn(turner: Turner, node: Node) -> None:
    """Turn one BPMN element's attributes and extensions of this family into ours."""
    implementation: dict[str, str] = {}  # attributes that mean something only together
    unknown: list[str] = []
    for key in [k for k in node.attributes if k[0] == "{"]:
        space, _, name = key[1:].partition("}")
        if space not in FAMILY_7:
            continue
        value = node.attributes.pop(key)
        label = f'{ENGINES[space]}:{name}="{value[:60]}"'
        if name in _IMPLEMENTATION and node.name in (*_SERVICES, "messageEventDefinition"):
            implementation[name] = value
            implementation["prefix"] = ENGINES[space]
        elif not _attribute(turner, node, space, name, value):
            unknown.append(label)
    refused = node.name == "businessRuleTask"  # by name, with all that it carries
    if implementation and not refused:
        refused = _implementation(turner, node, implementation)
    if not refused:
        for label in unknown:
            turner.refuse(node, label)
    extensions = node.find("extensionElements")
    theirs = [child for child in extensions.children if child.space in FAMILY_7] if extensions is not None else []
    if extensions is not None and theirs:
        extensions.children = [child for child in extensions.children if child.space not in FAMILY_7]
    fields = [child for child in theirs if child.name in _FORM_FIELDS]
    if fields:
        _form_fields(turner, node, fields)
    for child in theirs:
        _extension(turner, node, child, refused)
    if node.name in _PEOPLE:
        _resource_roles(turner, node)


def _attribute(turner: Turner, node: Node, space: str, name: str, value: str) -> bool:
    """Turn one attribute; False when we have no word for it."""
    renamed = _RENAMED.get((node.name, name))
    if renamed is not None:
        set_banjie(node, renamed, value)
    elif name in _TUNING or (node.name, name) == ("error", "errorMessage"):
        turner.ignore(node, f"{ENGINES[space]}:{name}")
    elif name in _DRAWING or value in _HARMLESS_VALUES.get(name, ()):
        return True
    elif name in ("formKey", "formRef") and node.name in (*_PEOPLE, "startEvent"):
        set_banjie(node, "formKey", form_key(value))
    elif name == "inheritVariables" and node.name == "callActivity":
        add_banjie(node, "in", {"all": "true"})
    elif name == "calledElement" and node.name == "callActivity":
        node.attributes.setdefault("calledElement", value)
    elif name == "caseRef" and node.name == "callActivity":
        node.attributes["calledElement"] = REFUSED  # what it lacks besides need not be said
        turner.refuse(node, f'{ENGINES[space]}:{name}="{value[:60]}"')
    elif name == "resultVariable" and node.name == "scriptTask":
        return _script_result(node, value)
    else:
        return False
    return True


def _implementation(turner: Turner, node: Node, held: dict[str, str]) -> bool:
    """Judge how a service is implemented: an external task's topic is our verb. Returns whether it was refused."""
    prefix = held.pop("prefix")
    topic, kind = held.pop("topic", ""), held.pop("type", "")
    result = held.pop("resultVariable", "") or held.pop("resultVariableName", "")
    set_banjie(node, "resultVariable", result)
    if kind in ("external", "external-worker") and topic and node.name in ("serviceTask", "sendTask"):
        set_banjie(node, "verb", topic)
    elif held.keys() == {"expression"} and not kind and not result and _without_effect(held["expression"]):
        _no_effect(turner, node, f'{prefix}:expression="{held["expression"][:60]}"')
    elif kind or topic or held:
        name, value = next(iter(held.items()), ("type", kind or "external"))
        _refuse_implementation(turner, node, f'{prefix}:{name}="{value[:80]}"', node.line)
        return True
    return False


def _without_effect(text: str) -> bool:
    """Is this an expression that only computes a value (no method call), which nobody keeps?"""
    try:
        feel.compile(text.strip())
    except feel.FeelError:
        return False
    return feel.is_expression(text)


def _no_effect(turner: Turner, node: Node, what: str) -> None:
    if node.name in ("serviceTask", "sendTask") and turner.ledger.propose(
        "expression-without-effect", turner.spot(node), what=what
    ):
        node.name = "task"


def _refuse_implementation(turner: Turner, node: Node, what: str, line: int) -> None:
    """Say it once: the element gets a mark so that nobody asks for its verb again."""
    holder = node.parent if node.name == "messageEventDefinition" and node.parent is not None else node
    if holder.get(f"{{{BANJIE}}}verb") is None:
        turner.report("implementation-unsupported", holder, what, line)
        holder.attributes[f"{{{BANJIE}}}verb"] = REFUSED


def _script_result(node: Node, variable: str) -> bool:
    """A script in FEEL with a result variable is one expression: ``variable = expression``."""
    script = node.find("script")
    language = (node.get("scriptFormat") or "").lower()
    if script is not None and language == "feel":
        script.text = f"{variable} = {script.text.strip().removeprefix('=').strip()}"
    return language not in ("",)  # another language is refused by name anyhow


def _extension(turner: Turner, node: Node, child: Node, refused: bool) -> None:
    label = f"{ENGINES[child.space]}:{child.name}"
    if child.name in ("properties", "field", "customProperties") or child.name in _DRAWING | _FORM_FIELDS:
        return  # fields belong to an implementation; form fields are dealt with together
    if child.name in _TUNING:
        turner.ignore(node, label, child.line)
    elif child.name in _LISTENERS:
        turner.report("listener-unsupported", node, f"{label}{_listener_event(child)}", child.line)
    elif refused:
        return  # it belongs to the implementation, which is refused by name already
    elif child.name == "inputOutput":
        _input_output(turner, node, child, label)
    elif child.name in ("in", "out") and node.name == "callActivity":
        _call_mapping(turner, node, child, label)
    elif child.name == "connector":
        connector = next((c.text.strip() for c in child.children if c.name == "connectorId"), "")
        _refuse_implementation(turner, node, f"{label} {connector}".strip(), child.line)
    elif child.name == "potentialStarter":
        set_banjie(node, "candidateStarterGroups", child.all_text())
    else:
        turner.refuse(node, label, child.line)


def _listener_event(child: Node) -> str:
    event = child.get("event")
    return f'[event="{event}"]' if event else ""


def _form_fields(turner: Turner, node: Node, holders: list[Node]) -> None:
    """Fields that stand in the model become a form of their own, unless the task has a form already."""
    fields = [
        f for h in holders for f in ([h] if h.name == "formProperty" else h.children) if f.name.startswith("form")
    ]
    label = f"{ENGINES[holders[0].space]}:{holders[0].name}"
    names = ", ".join(field.get("id") or "?" for field in fields[:8])
    spot = turner.spot(node, holders[0].line)
    key = f"{_process_id(node)}-{node.get('id') or ''}"
    form = None if node.get(f"{{{BANJIE}}}formKey") else convert(fields, key)
    if form is None:
        turner.ledger.propose("form-data-dropped", spot, what=f"{label}: {names}" if names else label)
    elif turner.ledger.propose("form-data-converted", spot, what=f"{label}: {names}", form=key):
        set_banjie(node, "formKey", key)
        turner.forms[key] = form


def _process_id(node: Node) -> str:
    current: Node | None = node
    while current is not None and not current.is_bpmn("process"):
        current = current.parent
    return (current.get("id") or "") if current is not None else ""


def _input_output(turner: Turner, node: Node, child: Node, label: str) -> None:
    for parameter in child.children:
        name = parameter.get("name") or "?"
        simple = not parameter.children
        if parameter.name == "inputParameter" and simple and node.name in ("serviceTask", "sendTask"):
            add_banjie(node, "input", {"name": name}, parameter.text.strip(), parameter.line)
        else:
            turner.report("mapping-unsupported", node, f"{label}/{parameter.name} {name}", parameter.line)


def _call_mapping(turner: Turner, node: Node, child: Node, label: str) -> None:
    source = child.get("source") or child.get("sourceExpression")
    target = child.get("target") or child.get("targetExpression")
    if child.get("businessKey") is not None:
        turner.ignore(node, f"{label} businessKey", child.line)
    elif child.get("variables") == "all":
        add_banjie(node, child.name, {"all": "true"}, line=child.line)
    elif source and target and "{" not in target and child.get("local") != "true":
        add_banjie(node, child.name, {"source": source, "target": target}, line=child.line)
    else:
        turner.report("mapping-unsupported", node, label, child.line)


def _resource_roles(turner: Turner, node: Node) -> None:
    """BPMN's own performers: ``user(kermit), group(management)``, a bare name is a group; or a resource by reference."""
    users: list[str] = []
    groups: list[str] = []
    performers: list[str] = []
    for role in node.find_all("potentialOwner", "humanPerformer", "performer", "resourceRole"):
        role.remove()
        if role.name == "resourceRole":  # who is responsible, consulted, informed: it does not say who does the task
            turner.report("resource-role-ignored", node, role.get("name") or role.name, role.line)
            continue
        if role.find("resourceParameterBinding") is not None:
            turner.refuse(node, f"{role.name}/resourceParameterBinding", role.line)
        text = " ".join(c.all_text() for c in role.find_all("resourceAssignmentExpression"))
        reference = role.find("resourceRef")
        if reference is not None and not text:
            identifier = reference.text.strip()
            groups.append(turner.resources.get(identifier, identifier))
        elif role.name == "humanPerformer":
            performers.append(text)
        else:
            found_users, found_groups = _users_and_groups(text)
            users += found_users
            groups += found_groups
    if len(performers) > 1:
        turner.refuse(node, f"{len(performers)} x humanPerformer", zh="只保留一个", en="keep one")
    set_banjie(node, "assignee", "".join(performers[:1]))
    set_banjie(node, "candidateUsers", ",".join(users))
    set_banjie(node, "candidateGroups", ",".join(groups))


def _users_and_groups(text: str) -> tuple[list[str], list[str]]:
    users, groups = [], []
    for part in (p.strip() for p in text.split(",") if p.strip()):
        if part.startswith("user(") and part.endswith(")"):
            users.append(part[5:-1].strip())
        elif part.startswith("group(") and part.endswith(")"):
            groups.append(part[6:-1].strip())
        else:
            groups.append(part)
    return users, groups
