"""Repairs with consent: each is listed, and made only when the caller agrees; nothing that decides a case is ever guessed.

A repair adds what BPMN 2.0 lets a modeller leave out (start, end, the gateway behind several outgoing flows), names what has
no name, or takes out what is drawn but never runs. A missing condition, assignee or timer value is never made up.
"""

from engine.bpmn import naming
from engine.bpmn.graph import Element, Flow, FlowNode, ModelFile, Scope
from engine.bpmn.naming import Ids
from engine.bpmn.report import CATALOGUE, ERROR, WARNING, Code, Ledger
from engine.bpmn.rules.reachability import reach
from engine.bpmn.words import Words
from engine.bpmn.xml import BANJIE, BPMN, Node
from engine.runtime import refusal

CATALOGUE.add(
    Code(
        "executable-missing",
        ERROR,
        "{it}没有声明可执行（isExecutable）；请在流程属性里勾选“可执行”",
        "The {it} does not say that it is executable; tick “executable” in its properties.",
        "BPMN 2.0 table 10.1: a process is only run when isExecutable is true. Only reported when the file has no "
        "executable process at all; the others are documentation.",
        Words("把 isExecutable 设为 true", "isExecutable is set to true."),
    ),
    Code(
        "executable-false",
        ERROR,
        "{it}声明为不可执行（isExecutable=false），文件里也没有别的可执行流程；请在流程属性里勾选“可执行”",
        "The {it} says isExecutable=false and the file has no other executable process; tick “executable”.",
        "As executable-missing, but the file says no explicitly, as many modellers do for a new drawing.",
        Words("把 isExecutable 改为 true", "isExecutable is set to true."),
    ),
    Code(
        "implicit-start",
        ERROR,
        "{it}没有开始事件；请添加一个开始事件，连到最先办理的环节",
        "{it} has no start event; add one and connect it to what comes first.",
        "BPMN 2.0 chapter 10.5.2 lets a process begin wherever nothing leads to; which places these are should be seen.",
        Words(
            "添加开始事件，连到没有来路的节点：{targets}",
            "a start event is added in front of what has no incoming flow: {targets}.",
        ),
    ),
    Code(
        "implicit-end",
        WARNING,
        "{it}没有结束事件，走到没有出线的节点就算到头；请在每条路的最后添加结束事件",
        "{it} has no end event and ends where no flow goes on; add an end event at the end of each path.",
        "BPMN 2.0 chapter 10.5.3: without end events a path ends where no flow goes on. It runs so.",
        Words(
            "在没有去路的节点后添加结束事件：{sources}",
            "an end event is added behind what has no outgoing flow: {sources}.",
        ),
    ),
    Code(
        "dead-end",
        WARNING,
        "{it}后面没有顺序流，流程走到这里就算到头；如果不是本意请连上，否则加一个结束事件",
        "{it} has no outgoing flow, so its path ends here; connect it, or add an end event to say that this is meant.",
        "BPMN 2.0 chapter 10.5.3: where end events are used, every path should have one. It runs as an end.",
        Words("在其后添加结束事件", "an end event is added behind it."),
    ),
    Code(
        "implicit-split",
        WARNING,
        "{it}有{count}条出线，会全部同时走；请加一个并行网关，如果只该走一条则用排他网关",
        "{it} has {count} outgoing flows, and all are taken at once; add a parallel gateway, or an exclusive one if only one "
        "should be taken.",
        "BPMN 2.0 chapter 13.2.1: several unconditional flows leaving an activity or event are a parallel split. It "
        "runs so, but is often drawn by mistake where a decision is meant.",
        Words("在其后添加并行网关", "a parallel gateway is added behind it."),
    ),
    Code(
        "conditional-flow",
        WARNING,
        "{it}的出线带条件；请在它后面加一个网关，把条件放到网关的出线上",
        "{it} has conditions on its outgoing flows; put a gateway behind it and the conditions on the gateway's flows.",
        "BPMN 2.0 chapter 13.2.1: conditional flows leaving an activity are an inclusive split. It runs so, with an incident "
        "when no condition holds.",
        Words(
            "在其后添加包容网关，条件移到网关的出线上",
            "an inclusive gateway is added behind it and the conditions move to its flows.",
        ),
    ),
    Code(
        "data-association-dropped",
        ERROR,
        "{it}有数据关联，引擎不搬运数据（变量全流程共享）；请删除关联线",
        "{it} has data associations, which the engine does not carry out (variables are shared by the whole process); "
        "delete them.",
        "Data objects are documentation here. An association would copy data in BPMN; ignoring it silently could hide a "
        "needed assignment.",
        Words("去掉数据关联，数据对象只作说明", "the associations are dropped; data objects remain as documentation."),
    ),
    Code(
        "io-specification-dropped",
        ERROR,
        "{it}有输入输出规格（ioSpecification），引擎不按它限制变量；请删除",
        "{it} has an input/output specification, by which the engine does not restrict variables; delete it.",
        "BPMN 2.0 chapter 10.4.2. Variables are shared by the whole process instance.",
        Words("去掉输入输出规格", "it is dropped."),
    ),
    Code(
        "data-store-dropped",
        ERROR,
        "{it}：引擎不读写数据存储；请删除，或改用服务任务读写",
        "{it}: the engine does not read or write data stores; delete it, or use a service task.",
        "BPMN 2.0 chapter 10.4.1: a data store outlives the process. Cases, materials and documents live in the engine's own "
        "tables and are reached by verbs.",
        Words("去掉数据存储", "it is dropped."),
    ),
    Code(
        "task-without-implementation",
        ERROR,
        "{it}没有说明做什么（{missing}）；请补上，或改成普通任务",
        "{it} does not say what to do ({missing}); add it, or make it a plain task.",
        "A service or send task needs a verb or a message, a script task its script. As a plain task it completes at once "
        "(BPMN 2.0 chapter 13.3.3).",
        Words("改成普通任务（到达即完成）", "it becomes a plain task, which completes at once."),
    ),
)

CATALOGUE.add(
    Code(
        "subprocess-empty",
        ERROR,
        "{it}里面是空的；请画出里面的步骤，或改成任务",
        "{it} is empty; draw the steps inside, or make it a task.",
        "Often drawn collapsed in models that only document.",
        Words("改成普通任务（到达即完成）", "it becomes a plain task, which completes at once."),
    ),
)


def make_executable(model: ModelFile, ledger: Ledger) -> None:
    """A file without any executable process: propose that its processes are meant to run."""
    if model.executable:
        return
    for process in model.processes:
        value = process.node.get("isExecutable")
        code = "executable-missing" if value is None else "executable-false"
        if process.nodes and ledger.propose(code, process):
            process.node.attributes["isExecutable"] = "true"


def repair(model: ModelFile, ledger: Ledger) -> None:
    """Propose (and, where agreed, make) every repair of the file's executable processes. Rebuild the graph afterwards."""
    ids = Ids(model)
    for process in model.executable:
        _drop_data(process, ledger)
        for node in process.walk():
            _implement(model, node, ledger)
            naming.name_events(model, node, ids, ledger)
        for scope in list(process.scopes()):
            if scope.parent is not None and scope.parent.kind == "adHocSubProcess":
                continue  # refused by name; there is nothing to repair
            _split(scope, ids, ledger)
            if scope.parent is None or not scope.parent.is_event_subprocess:
                _start(scope, ids, ledger)  # the event of an event subprocess cannot be made up
            _end(model, scope, ids, ledger)


def _names(nodes: list[FlowNode]) -> str:
    shown = ", ".join(node.name or node.id for node in nodes[:5])
    return shown + ("…" if len(nodes) > 5 else "")


def _flow(scope: Scope, ids: Ids, source: str, target: str, line: int) -> Node:
    attributes = {"id": ids.new("added-flow"), "sourceRef": source, "targetRef": target}
    return scope.node.append(Node(BPMN, "sequenceFlow", attributes, line=line))


def _add(scope: Scope, ids: Ids, kind: str, line: int, **attributes: str) -> str:
    identifier = ids.new(f"added-{kind}")
    scope.node.append(Node(BPMN, kind, {"id": identifier, **attributes}, line=line))
    return identifier


def _start(scope: Scope, ids: Ids, ledger: Ledger) -> None:
    if scope.of_kind("startEvent") or not scope.nodes:
        return
    first = [
        node
        for node in scope.nodes
        if not node.incoming
        and node.kind not in ("boundaryEvent", "endEvent")
        and not node.is_event_subprocess
        and not node.is_for_compensation
        and node.trigger != "link"
    ]
    if not first or not all(node.id for node in first):
        return  # a ring without entry: the rules say so
    if not ledger.propose("implicit-start", scope, targets=_names(first)):
        return
    source = _add(scope, ids, "startEvent", scope.line)
    if len(first) > 1:
        gateway = _add(scope, ids, "parallelGateway", scope.line)
        _flow(scope, ids, source, gateway, scope.line)
        source = gateway
    for node in first:
        _flow(scope, ids, source, node.id, node.line)


def _end(model: ModelFile, scope: Scope, ids: Ids, ledger: Ledger) -> None:
    # A node whose flow has lost its target, or that nothing leads to, has another fault, which the rules name.
    broken = {item.element.node.get("sourceRef") for item in model.dangling}
    reached = reach(scope.of_kind("startEvent")) if scope.of_kind("startEvent") else set(scope.nodes)
    last = [node for node in scope.nodes if _ends_here(node) and node in reached and node.id not in broken]
    if not last:
        return
    if not scope.of_kind("endEvent"):
        agreed = ledger.propose("implicit-end", scope, sources=_names(last))
        for node in last if agreed else ():
            _flow(scope, ids, node.id, _add(scope, ids, "endEvent", node.line), node.line)
        return
    for node in last:
        if ledger.propose("dead-end", node):
            _flow(scope, ids, node.id, _add(scope, ids, "endEvent", node.line), node.line)


def _ends_here(node: FlowNode) -> bool:
    if node.outgoing or not node.id or node.kind == "endEvent":
        return False
    if node.is_event_subprocess or node.is_for_compensation:
        return False
    return (node.kind, node.trigger) not in (("intermediateThrowEvent", "link"), ("boundaryEvent", "compensate"))


def _split(scope: Scope, ids: Ids, ledger: Ledger) -> None:
    for node in scope.nodes:
        if node.kind.endswith("Gateway") or node.kind == "endEvent" or not node.id:
            continue
        default = node.node.get("default")
        leaving = _leaving(node)
        conditional = [flow for flow in leaving if flow.condition is not None]
        if conditional or (default and len(leaving) > 1):
            if ledger.propose("conditional-flow", node):
                _insert_gateway(scope, node, leaving, ids, "inclusiveGateway")
        elif len(leaving) > 1 and ledger.propose("implicit-split", node, count=len(leaving)):
            _insert_gateway(scope, node, leaving, ids, "parallelGateway")


def _leaving(node: FlowNode) -> list[Flow]:
    """The flows that are taken when a node is done; not the one that ``onReject`` keeps for a refusal."""
    way = refusal.read(node.node.get(f"{{{BANJIE}}}{refusal.SETTING}") or "")
    kept = way.argument if way is not None and way.kind == "flow" else None
    return [flow for flow in node.outgoing if flow.id != kept]


def _insert_gateway(scope: Scope, node: FlowNode, leaving: list[Flow], ids: Ids, kind: str) -> None:
    gateway = _add(scope, ids, kind, node.line)
    default = node.node.attributes.pop("default", None)
    added = scope.node.children[-1]
    if default is not None and kind == "inclusiveGateway":
        added.attributes["default"] = default
    for flow in leaving:
        flow.node.attributes["sourceRef"] = gateway
        if kind == "inclusiveGateway" and flow.condition is None and flow.id != default:
            # An unconditional flow beside conditional ones is always taken.
            flow.node.append(Node(BPMN, "conditionExpression", line=flow.line, text="true"))
    _flow(scope, ids, node.id, gateway, node.line)


def _drop_data(process: Scope, ledger: Ledger) -> None:
    for node in list(process.node.iter()):
        if not node.is_bpmn():
            continue
        owner = Element(process.file, node, node.name)
        associations = node.find_all("dataInputAssociation", "dataOutputAssociation")
        # Where one instance runs per item of a collection, the specification only names that collection.
        specification = node.find_all("ioSpecification")
        if associations and ledger.propose("data-association-dropped", owner):
            _remove(associations)
        if specification and ledger.propose("io-specification-dropped", owner):
            _remove(specification)
        if node.name == "dataStoreReference" and ledger.propose("data-store-dropped", owner):
            _remove([node])


def _remove(nodes: list[Node]) -> None:
    for node in nodes:
        node.remove()


def _implement(model: ModelFile, node: FlowNode, ledger: Ledger) -> None:
    if node.kind == "subProcess" and node.inner is not None and not node.inner.nodes and not node.is_event_subprocess:
        if ledger.propose("subprocess-empty", node):
            node.node.name = "task"
        return
    missing: Words | None = None
    verb = node.node.get(f"{{{BANJIE}}}verb")
    if node.kind == "serviceTask" and not verb and node.node.get("operationRef"):
        missing = Words("没有动词 banjie:verb，引擎不调用 operationRef", "no banjie:verb; operationRef is not called")
    elif node.kind == "serviceTask" and not verb:
        missing = Words("没有动词 banjie:verb", "no banjie:verb")
    elif node.kind == "sendTask" and not verb and not naming.names_message(model, node):
        missing = Words("没有动词 banjie:verb，也没有消息", "neither banjie:verb nor a message")
    elif node.kind == "scriptTask" and verb is None:
        script = node.node.find("script")
        if script is None or not script.text.strip():
            missing = Words("没有脚本", "no script")
    if missing is not None and ledger.propose("task-without-implementation", node, missing=missing):
        node.node.name = "task"
        for child in node.node.find_all("script"):
            child.remove()
