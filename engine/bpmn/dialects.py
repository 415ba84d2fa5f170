"""Foreign dialects -> ours: what Camunda, Flowable, Activiti and Zeebe files say in their own namespaces, said in banjie's.

After :func:`turn` the tree holds only BPMN and ``banjie:`` names, as the machine reads them:

- userTask, manualTask: ``banjie:assignee``, ``candidateUsers``, ``candidateGroups``, ``formKey``, ``priority``, ``dueDate``...
- serviceTask, sendTask: ``banjie:verb``, ``banjie:resultVariable``, ``<banjie:input name="x">text or = expression</banjie:input>``
- callActivity: ``<banjie:in source="expression" target="name"/>``, ``<banjie:out .../>``
- multiInstanceLoopCharacteristics: ``banjie:collection`` (expression), ``banjie:elementVariable`` (name),
  ``banjie:outputCollection`` (name), ``banjie:outputElement`` (expression)
- scriptTask: ``<script>`` with ``name = FEEL`` lines
- message: ``banjie:correlationKey`` (expression, evaluated where the message is awaited)
- startEvent: ``banjie:formKey``, ``banjie:initiator`` (name of the variable that gets the starter's login)

Whatever a vendor's engine would *do* and ours would not is an error by name. What only tunes a vendor's engine (jobs, history
clean-up) is ignored and said once per file; what only draws or documents is dropped without a word.
"""

from collections.abc import Mapping

from engine.bpmn import dialect_c7, dialect_zeebe
from engine.bpmn.graph import BOOLEANS
from engine.bpmn.report import Ledger, Notebook
from engine.bpmn.vendor import ENGINES, FAMILY_7, REFUSED, SILENT, Turner, is_label, only_labels
from engine.bpmn.xml import BANJIE, BPMN, BPMNDI, XSI, Node

_EXPRESSIONS = frozenset(
    {
        "conditionExpression",
        "completionCondition",
        "dataPath",
        "loopCardinality",
        "loopCondition",
        "messagePath",
        "timeCycle",
        "timeDate",
        "timeDuration",
    }
)


def tidy(root: Node, prefixes: Mapping[str, str]) -> None:
    """Take prefixes off references, inline shared event definitions and give every sequence flow an id."""
    shared = {c.get("id"): c for c in root.children if c.is_bpmn() and c.name.endswith("EventDefinition")}
    used = {node.get("id") for node in root.iter()}
    language = _language(root)
    own = _own(root, prefixes)
    count = 0
    for node in root.iter():
        if node.space != BPMN:
            continue
        _unqualify(node)
        _gather_extensions(node)
        for condition in node.find_all("conditionExpression"):
            if _says_nothing(condition):
                condition.remove()  # some tools write one for every flow
        if language and node.name in _EXPRESSIONS:
            node.attributes.setdefault("language", language)
        for path in node.find_all("formalExpression") if node.name == "correlationPropertyRetrievalExpression" else ():
            path.name = "messagePath"  # bpmn-js writes the type's name instead of the element's
        for key, value in node.attributes.items():
            if key in BOOLEANS:
                word = value.strip().lower()  # some tools write "True"
                node.attributes[key] = {"1": "true", "0": "false"}.get(word, word)
            if (key.endswith("Ref") or key in ("default", "calledElement")) and ":" in value:
                node.attributes[key] = _local(value, prefixes if key == "calledElement" else own)
        if node.name.endswith(("Ref", "Refs")) and ":" in node.text:
            node.text = _local(node.text.strip(), own)
        if node.is_bpmn("sequenceFlow") and not node.get("id"):
            count += 1
            while f"flow-{count}" in used:
                count += 1
            node.attributes["id"] = f"flow-{count}"
        for reference in node.find_all("eventDefinitionRef"):
            definition = shared.get(_local(reference.text.strip(), own))
            if definition is not None:
                copy = Node(
                    BPMN, definition.name, dict(definition.attributes), line=reference.line, text=definition.text
                )
                copy.attributes.pop("id", None)
                copy.children = definition.children
                node.insert(node.children.index(reference), copy)
                reference.remove()


def _unqualify(node: Node) -> None:
    """BPMN's attributes have no prefix; a tool that writes one (``bpmn:cancelActivity``) means the same."""
    for key in [key for key in node.attributes if key.startswith(f"{{{BPMN}}}")]:
        node.attributes.setdefault(key.partition("}")[2], node.attributes.pop(key))


def _gather_extensions(node: Node) -> None:
    """BPMN allows one ``extensionElements``; some merge tools leave several."""
    found = node.find_all("extensionElements")
    for other in found[1:]:
        for child in other.children:
            found[0].append(child)
        other.remove()


def _says_nothing(condition: Node) -> bool:
    """Is it empty, with nothing inside and no vendor's attribute that says where the condition stands?"""
    foreign = any(key[0] == "{" and not key.startswith(f"{{{XSI}}}") for key in condition.attributes)
    return not condition.text.strip() and not condition.children and not foreign


def _language(root: Node) -> str:
    """The language of expressions that name none of their own. XPath is BPMN's default, which tools write without meaning it."""
    language = (root.get("expressionLanguage") or "").strip()
    return "" if "xpath" in language.lower() else language


def _own(root: Node, prefixes: Mapping[str, str]) -> dict[str, str]:
    """The prefixes under which a reference means this file. What is imported from another one is never looked for here,
    though an id of this file may happen to be the same; a prefix that nothing imports is a tool's carelessness."""
    imported = {child.get("namespace") for child in root.find_all("import")} - {root.get("targetNamespace")}
    return {prefix: space for prefix, space in prefixes.items() if space not in imported}


def _local(value: str, prefixes: Mapping[str, str]) -> str:
    prefix, mark, local = value.partition(":")
    return local if mark and prefix in prefixes else value


def turn(file: str, root: Node, prefixes: Mapping[str, str], notebook: Notebook, ledger: Ledger) -> dict[str, str]:
    """Turn every foreign word into ours, in place. Returns the forms that the file carries inside, by form key."""
    turner = Turner(file, notebook, ledger)
    for resource in root.find_all("resource"):
        turner.resources[resource.get("id") or ""] = resource.get("name") or resource.get("id") or ""
    for extension in root.find_all("extension"):
        if extension.get("mustUnderstand") == "true":
            turner.report("must-understand-unsupported", root, extension.get("definition") or "?", extension.line)
    for node in root.iter():  # what a step takes out below its node is not walked any more
        if node.space == BPMN:
            dialect_c7.turn(turner, node)
            dialect_zeebe.turn(turner, node)
            _sweep(turner, node)
    if not FAMILY_7.isdisjoint(prefixes.values()):
        _calls(turner, root)
    turner.close()
    return turner.forms


def _calls(turner: Turner, root: Node) -> None:
    """In this family a call without mappings passes nothing: say that ours passes everything."""
    for node in root.iter():
        if node.is_bpmn("callActivity") and node.get("calledElement") != REFUSED:
            extensions = node.find("extensionElements")
            if extensions is None or not extensions.find_all("in", "out", space=BANJIE):
                turner.notebook.report("call-shares-all", turner.spot(node))


def _sweep(turner: Turner, node: Node) -> None:
    """Take out what is left of foreign namespaces: an engine's words by refusal, a tool's by a note."""
    for key in [k for k in node.attributes if k[0] == "{"]:
        space, _, name = key[1:].partition("}")
        if space in (BANJIE, XSI):
            continue
        value = node.attributes.pop(key)
        if space in ENGINES:
            if not only_labels(space, name, value):
                turner.refuse(node, f'{ENGINES[space]}:{name}="{value[:60]}"')
        elif space not in SILENT:
            turner.foreign.setdefault(space, []).append(turner.spot(node))
    extensions = node.find("extensionElements")
    for holder in (node, extensions) if extensions is not None else (node,):
        if holder is node and node.is_bpmn("documentation", "text", "script"):
            continue  # markup inside them is text, not extension
        foreign = [child for child in holder.children if child.space not in (BPMN, BANJIE, BPMNDI)]
        if foreign:
            holder.children = [child for child in holder.children if child.space in (BPMN, BANJIE, BPMNDI)]
        for child in foreign:
            if is_label(child):
                continue
            if child.space in ENGINES:
                turner.refuse(node, f"{ENGINES[child.space]}:{child.name}", child.line)
            elif child.space not in SILENT:
                turner.foreign.setdefault(child.space, []).append(turner.spot(node, child.line))
    if extensions is not None and not extensions.children:
        extensions.remove()
