"""Rules of returning, taking back and cancelling: settings that can be read, and that name steps of the same process."""

from typing import Final

from engine.bpmn.graph import FlowNode, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, Code, Notebook, clip
from engine.bpmn.rules.tasks import banjie
from engine.feel import is_expression
from engine.runtime.return_policy import read_reach, read_resubmit

CATALOGUE.add(
    Code(
        "return-setting-invalid",
        ERROR,
        "{it}的 banjie:{name}=「{value}」读不懂；可用：{usage}",
        'banjie:{name}="{value}" of {it} cannot be read; use one of {usage}.',
        "What cannot be read would forbid every return when the case has come there: it is found before.",
    ),
    Code(
        "return-target-unknown",
        ERROR,
        "{it}的 returnPolicy 列出的「{target}」不是同一流程中的环节；请写人工任务、子流程或并行网关的 id",
        "{it} lists {target} in its returnPolicy, which is no step of the same process; write the id of a user task, a "
        "subprocess or a forking gateway.",
        "A return leads to a step that was executed in the same process, or in one around it.",
    ),
)

_HUMAN: Final = ("userTask", "manualTask")
_USAGE: Final = {
    "returnPolicy": "none, previous, initiator, any, listed:a,b",
    "resubmit": "step, straight, choose",
    "withdrawUntil": "acted, opened",
    "cancelBarrier": "true, false",
}
_WORDS: Final = {"withdrawUntil": ("acted", "opened"), "cancelBarrier": ("true", "false")}


def check(model: ModelFile, book: Notebook) -> None:
    """Check the settings of one file's user and manual tasks."""
    for process in model.executable:
        known = {node.id for node in process.walk()}
        for node in process.walk():
            if node.kind in _HUMAN:
                _check(node, known, book)


def _check(node: FlowNode, known: set[str], book: Notebook) -> None:
    for name in _USAGE:
        value = banjie(node, name).strip()
        if value and not is_expression(value) and not _reads(name, value):
            book.report("return-setting-invalid", node, name=name, value=clip(value, 100), usage=_USAGE[name])
    policy = banjie(node, "returnPolicy").strip()
    if policy and not is_expression(policy):
        for target in sorted(read_reach(policy)[1] - known):
            book.report("return-target-unknown", node, target=target)


def _reads(name: str, value: str) -> bool:
    if name == "returnPolicy":
        return read_reach(value)[0] is not None
    if name == "resubmit":
        return read_resubmit(value) is not None
    return value in _WORDS[name]
