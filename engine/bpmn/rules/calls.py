"""Rules of calls: every called process exists, no process calls itself, and calls do not go too deep."""

from collections.abc import Collection, Sequence

from engine.bpmn.graph import FlowNode, ModelFile, Scope
from engine.bpmn.limits import MAX_CALL_DEPTH
from engine.bpmn.report import CATALOGUE, ERROR, Code, Notebook, clip
from engine.bpmn.vendor import REFUSED
from engine.feel import is_expression

CATALOGUE.add(
    Code(
        "call-without-target",
        ERROR,
        "{it}没有指明调用哪个流程；请填写被调用流程的 id（calledElement）",
        "{it} does not say which process it calls; fill in the id of the process (calledElement).",
        "BPMN 2.0 table 10.22.",
    ),
    Code(
        "call-target-dynamic",
        ERROR,
        "{it}用表达式「{value}」决定调用哪个流程；部署时要固定版本，请写死流程 id，用网关分支代替",
        "{it} chooses the called process by the expression “{value}”; calls are pinned at deployment, so write the process id "
        "and branch by a gateway.",
        "A running instance must never change because another process was deployed.",
    ),
    Code(
        "call-target-missing",
        ERROR,
        "{it}调用的流程「{value}」不存在；请一起上传，或先部署它",
        "{it} calls the process “{value}”, which does not exist; upload it too, or deploy it first.",
        "Looked for in the uploaded files and among the deployed processes.",
    ),
    Code(
        "call-target-not-executable",
        ERROR,
        "{it}调用的流程「{value}」不可执行；请把它的 isExecutable 设为 true",
        "{it} calls the process “{value}”, which is not executable; set its isExecutable to true.",
        "The called process must run.",
    ),
    Code(
        "call-target-without-start",
        ERROR,
        "{it}调用的流程「{value}」没有空开始事件；请给它加一个没有触发方式的开始事件",
        "{it} calls the process “{value}”, which has no none start event; add one.",
        "BPMN 2.0 chapter 10.5.2: a call activity begins at the none start event.",
    ),
    Code(
        "call-cycle",
        ERROR,
        "{it}形成循环调用：{path}；请改用流程内的循环",
        "{it} closes a circle of calls: {path}; use a loop inside one process instead.",
        "Processes that call each other in a circle would nest without end.",
    ),
    Code(
        "call-too-deep",
        ERROR,
        "从{it}开始的调用有{depth}层，超过上限{limit}：{path}；请合并几层",
        "The chain of calls that begins at {it} is {depth} deep, more than the limit of {limit}: {path}; merge some.",
        "Bounds what one instance can cost.",
    ),
)


def check(files: Sequence[ModelFile], known_processes: Collection[str], book: Notebook) -> None:
    """Check the calls among all files of an upload."""
    processes: dict[str, Scope] = {}
    for model in files:
        for process in model.processes:
            if process.node.get("isExecutable") == "true" or process.id not in processes:
                processes[process.id] = process
    for model in files:
        for process in model.executable:
            for node in _calls(process):
                _target(node, processes, known_processes, book)
    _circles(files, processes, book)


def _calls(process: Scope) -> list[FlowNode]:
    return [node for node in process.walk() if node.kind == "callActivity"]


def called(node: FlowNode) -> str:
    """Return the key of the process that a call activity calls, "" if it does not say."""
    return (node.node.get("calledElement") or "").strip()


def _target(node: FlowNode, processes: dict[str, Scope], known: Collection[str], book: Notebook) -> None:
    value = called(node)
    if value == REFUSED:
        return
    if not value:
        book.report("call-without-target", node)
    elif is_expression(value) or "${" in value:
        book.report("call-target-dynamic", node, value=clip(value))
    elif value not in processes:
        if value not in known:
            book.report("call-target-missing", node, value=clip(value))
    elif processes[value].node.get("isExecutable") != "true":
        if value not in known:
            book.report("call-target-not-executable", node, value=value)
    else:
        starts = processes[value].of_kind("startEvent")
        if starts and all(start.trigger != "none" for start in starts):
            book.report("call-target-without-start", node, value=value)


def _circles(files: Sequence[ModelFile], processes: dict[str, Scope], book: Notebook) -> None:
    """Each circle of calls is said once, at the call that closes it; each chain that is too long, where it begins."""
    calls = {key: [(node, called(node)) for node in _calls(process)] for key, process in processes.items()}
    depth: dict[str, int] = {}  # how many calls stand below a process, once it is known
    for root in [process.id for model in files for process in model.executable]:
        if root in depth:
            continue
        path, work = [root], [iter(calls[root])]
        while work:  # a loop instead of recursion: a file may hold thousands of small processes
            node, target = next(work[-1], (None, ""))
            if node is None:
                key = path.pop()
                work.pop()
                depth[key] = max((1 + depth.get(t, 0) for _, t in calls[key]), default=0)
            elif target in path:
                circle = " → ".join([*path[path.index(target) :], target])
                book.report("call-cycle", node, path=clip(circle, 200))
            elif target in calls and target not in depth:
                path.append(target)
                work.append(iter(calls[target]))
    _too_deep(files, calls, depth, book)


def _too_deep(
    files: Sequence[ModelFile], calls: dict[str, list[tuple[FlowNode, str]]], depth: dict[str, int], book: Notebook
) -> None:
    below = {target for targets in calls.values() for _, target in targets}
    for process in (process for model in files for process in model.executable):
        if depth.get(process.id, 0) <= MAX_CALL_DEPTH or process.id in below:
            continue
        node, target = max(calls[process.id], key=lambda call: depth.get(call[1], 0))
        chain = [process.id, target]
        while targets := calls.get(chain[-1]):
            chain.append(max((t for _, t in targets), key=lambda t: depth.get(t, 0)))
        path = " → ".join(chain[: MAX_CALL_DEPTH + 2])
        book.report("call-too-deep", node, depth=depth[process.id], limit=MAX_CALL_DEPTH, path=clip(path, 200))
