"""Rules of steps that go on by themselves when their limit is over: what, with which limit, and on what ground (P-9.2)."""

from typing import Final

from engine.bpmn.graph import FlowNode, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, Code, Notebook, clip
from engine.bpmn.rules.tasks import banjie
from engine.bpmn.words import Words
from engine.runtime import timeout
from engine.runtime.timeout import OnTimeout
from engine.runtime.who.policies import rejecting

CATALOGUE.add(
    Code(
        "timeout-invalid",
        ERROR,
        "{it}的 onTimeout=「{value}」不成立：{problem}",
        "{it}: onTimeout=“{value}” cannot be: {problem}.",
        "What the system does when the limit of a step is over: pass, fail or leader. That nobody decides is an exception, and "
        "the ground for it stands in the record.",
    )
)

_HUMAN: Final = ("userTask", "manualTask")


def check(model: ModelFile, book: Notebook) -> None:
    """Check the steps of one file."""
    for process in model.executable:
        for node in process.walk():
            value = banjie(node, timeout.SETTING)
            problem = _problem(node, value) if node.kind in _HUMAN and value else None
            if problem is not None:
                book.report("timeout-invalid", node, value=clip(value, 40), problem=problem)


def _problem(node: FlowNode, value: str) -> Words | None:
    if value not in timeout.USAGE:
        usage = "、".join(timeout.USAGE)
        return Words(f"可用：{usage}", f"choose from {usage.replace('、', ', ')}")
    if banjie(node, "ballot"):
        return Words(
            "表决环节由票决定；成员不到场时由主席结束表决",
            "votes decide a ballot; its chair closes it when members stay away",
        )
    if not banjie(node, "limit"):
        return Words(
            "该环节没有 limit，永远不会逾期；请补上，例：limit=“5wd”",
            "the step has no limit; add one, such as limit=“5wd”",
        )
    if value != OnTimeout.LEADER and not banjie(node, timeout.BASIS):
        return Words(
            "系统代为决定须有依据；请补上 timeoutBasis，例：timeoutBasis=“《…条例》第二十条”",
            "what the system decides needs its ground; add timeoutBasis, such as the article that says so",
        )
    codes = tuple(part.partition(":")[0].strip() for part in banjie(node, "outcomes").split(",") if part.strip())
    if value == OnTimeout.FAIL and rejecting(codes) is None:
        return Words("没有不同意的结果选项；请补上 outcomes", "there is no outcome that says no; add outcomes")
    return None
