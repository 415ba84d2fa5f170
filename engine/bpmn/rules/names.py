"""Rules of variables: names that expressions read and that nothing in the model sets, listed once each."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from engine import feel
from engine.bpmn.graph import FlowNode, ModelFile, Scope
from engine.bpmn.report import CATALOGUE, INFO, WARNING, Code, Notebook
from engine.bpmn.rules.approval import is_ballot
from engine.bpmn.rules.calls import called
from engine.bpmn.rules.expressions import How, Use, uses
from engine.bpmn.rules.tasks import Known, banjie
from engine.bpmn.rules.timers import is_literal, times
from engine.bpmn.words import Words
from engine.bpmn.xml import BANJIE

CATALOGUE.add(
    Code(
        "name-undeclared",
        INFO,
        "{it}用到变量「{name}」{places}，模型里没有给它赋值的地方；请确认它由启动变量、消息或服务带入",
        "{it} reads the variable “{name}”{places}, which nothing in the model sets; make sure that it comes with the start, a "
        "message or a service.",
        "Set by: data objects, forms, outcomes, scripts, verbs, result variables, call mappings, loops. A name that has no value when it is "
        "read stops the instance with an incident, it is never taken as null.",
    ),
    Code(
        "name-misspelt",
        WARNING,
        "{it}用到变量「{name}」{places}，模型里没有它，但有「{near}」；请检查是否写错",
        "{it} reads the variable “{name}”{places}, which nothing sets, but there is “{near}”; check the spelling.",
        "As name-undeclared, with a name nearby that looks like the one that was meant.",
    ),
)

ALWAYS: Final = frozenset({"initiator", "business_key", "case_no", "case_id"})  # the engine sets them
_MOST_COMPARED: Final = 20_000
_LOOP_NAMES: Final = frozenset({"loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances"})


def check(files: Sequence[ModelFile], known: Known, book: Notebook) -> None:
    """List undeclared names, per process."""
    processes = {process.id: (model, process) for model in files for process in model.executable}
    own = {key: set(_declared(process, known)) for key, (_, process) in processes.items()}
    _spread(processes, own)
    for key, (model, process) in processes.items():
        _process(model, process, own[key], book)


def _spread(processes: Mapping[str, tuple[ModelFile, Scope]], own: dict[str, set[str]]) -> None:
    """Carry names over calls without mappings, both ways, until nothing changes (calls are few and shallow)."""
    calls = [
        (key, called(node), node)
        for key, (_, process) in processes.items()
        for node in process.walk()
        if node.kind == "callActivity" and called(node) in processes
    ]
    for _ in range(12):
        before = sum(len(names) for names in own.values())
        for outer, inner, node in calls:
            mapped = {name: _targets(node, name) for name in ("in", "out")}
            if mapped["in"] is None or not (mapped["in"] or mapped["out"]):
                own[inner] |= own[outer]
            own[inner] |= mapped["in"] or set()
            if mapped["out"] is None or not (mapped["in"] or mapped["out"]):
                own[outer] |= own[inner]
        if sum(len(names) for names in own.values()) == before:
            return


def _targets(node: FlowNode, kind: str) -> set[str] | None:
    """Return the names that a call's mappings set; None when all variables are carried."""
    extensions = node.node.find("extensionElements")
    found = extensions.find_all(kind, space=BANJIE) if extensions is not None else []
    if any(child.get("all") == "true" for child in found):
        return None
    return {child.get("target") or "" for child in found}


def _declared(process: Scope, known: Known) -> Iterator[str]:
    yield from ALWAYS
    for part in process.node.iter():
        if part.is_bpmn("dataObject", "dataObjectReference", "property", "dataInput", "dataOutput"):
            yield from (part.get("id") or "", part.get("name") or "")
    for node in process.walk():
        yield from (banjie(node, "resultVariable"), banjie(node, "initiator"))
        yield from known.results.get(banjie(node, "verb"), ())
        if node.kind in ("userTask", "manualTask"):
            yield from ("outcome", "comment", f"{node.id}_outcome")
        key = banjie(node, "formKey")
        if key and known.forms is not None:
            yield from known.forms.fields(key)
        yield from _targets(node, "out") or ()
        yield from _of_task(node, known)
        yield from _script_results(node)
        if node.loop is not None:
            yield from _LOOP_NAMES
            for name in ("elementVariable", "outputCollection", "outputElement"):
                yield (node.loop.get(f"{{{BANJIE}}}{name}") or "").strip().removeprefix("=").strip()
            for item in node.loop.find_all("inputDataItem", "outputDataItem"):
                yield from (item.get("name") or "", item.get("id") or "")
            for reference in node.loop.find_all("loopDataOutputRef"):
                yield reference.text.strip()


def _of_task(node: FlowNode, known: Known) -> Iterator[str]:
    """What the engine itself sets when a task is done: its outcome under two names, the opinion, the results of a verb."""
    if node.kind in ("userTask", "manualTask") and banjie(node, "outcomes"):
        yield from ("outcome", "comment", f"{node.id}_outcome")
    if is_ballot(node):
        yield from (f"{node.id}_votes", f"{node.id}_answers")
    if known.verbs is not None:
        yield from known.verbs.get(banjie(node, "verb"), ())


def _script_results(node: FlowNode) -> Sequence[str]:
    script = node.node.find("script") if node.kind == "scriptTask" else None
    if script is None:
        return ()
    try:
        return tuple(feel.parse_script(script.text).results)
    except feel.FeelError:
        return ()


def _process(model: ModelFile, process: Scope, declared: set[str], book: Notebook) -> None:
    missing: dict[str, list[Use]] = {}
    for use in _all_uses(model, process):
        try:
            names = use.names()
        except feel.FeelError:
            continue  # said already
        for name in sorted(names - declared):
            missing.setdefault(name, []).append(use)
    # Comparing names letter by letter is slow: only where there are few.
    candidates = sorted(declared - {""}) if len(declared) * len(missing) < _MOST_COMPARED else []
    for name, found in missing.items():
        near = [other for other in get_close_matches(name, candidates, n=3, cutoff=0.75) if _misspelt(name, other)]
        more = len(found) - 1
        places = Words(f"（另有{more}处）", f" (and {more} more times)") if more else ""
        if near:
            book.report("name-misspelt", found[0].place, name=name, places=places, near=near[0])
        else:
            book.report("name-undeclared", found[0].place, name=name, places=places)


def _misspelt(name: str, other: str) -> bool:
    """One letter more, less, other, or two letters exchanged; names that differ by digits only are two names."""
    if min(len(name), len(other)) < 4 or name.strip("0123456789_") == other.strip("0123456789_"):
        return False
    start = next((i for i, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), min(len(name), len(other)))
    left, right = name[start:], other[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )


def _all_uses(model: ModelFile, process: Scope) -> Iterator[Use]:
    for use in uses(model, process):
        if (not use.elsewhere and use.language.strip().lower() in ("", "feel", "juel")) or use.how is How.SCRIPT:
            yield use
    for node in process.walk():
        for use, kind in times(node):
            if not is_literal(use, kind):
                yield use
