"""Writes ``docs/bpmn-support.md`` from the support table and the tests: ``python -m tests.unit.bpmn.conformance.document``."""

import importlib
from pathlib import Path
from typing import Final

from engine.bpmn.rules.support import SUPPORTED, Support
from tests.unit.bpmn.conformance.rows import ROWS, Row

PATH: Final = Path(__file__).parents[4] / "docs" / "bpmn-support.md"
_MODULES: Final = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
_GROUPS: Final = (
    (
        "活动",
        "Activities",
        (
            "task",
            "Task",
            "SubProcess",
            "subProcess",
            "callActivity",
            "transaction",
            "multiInstance",
            "standardLoop",
            "compensation",
        ),
    ),
    ("网关", "Gateways", ("Gateway",)),
    ("事件", "Events", ("Event",)),
    ("其他", "Other", ("sequenceFlow", "message", "lane", "participant")),
)
_HEAD: Final = """# BPMN 2.0：执行什么，拒绝什么 · what runs, what is refused

本页由一致性测试生成，请勿手改：`python -m tests.unit.bpmn.conformance.document`。
每一行“执行”都有测试类，逐个测试各跑两遍：一遍直接运行，一遍在每一步之间保存并恢复。
“拒绝”的元素在上传时按名称和行号报错，绝不会悄悄走错。

This page is generated from the conformance tests; do not edit it. Each row that runs has a test class, and each of its
tests is run twice: straight, and with save and restore between all steps. What is refused is refused at upload, by name and
line; nothing is ever run wrongly in silence.
"""
_FOOT: Final = """
## 变量与表达式 · variables and expressions

- 每个流程实例一个变量作用域；内嵌子流程共用外层变量；多实例和循环的每个实例有局部变量（元素变量、`loopCounter`、输出元素），
  其余写入外层；调用活动有自己的作用域。 One scope of variables per process instance; embedded subprocesses share it; each
  instance of a loop has local ones (item, `loopCounter`, output element) and writes all others outward; a call activity has
  a scope of its own.
- 表达式只有 FEEL（`${…}` 为 Camunda 7、Flowable 的写法）；未知变量是错误，绝不当作 null；条件必须得出真或假。
  Expressions are FEEL (`${…}` is read as Camunda 7 and Flowable write it); an unknown name is an error, never null; a
  condition must give true or false.
- `loopCounter` 在 FEEL 中从 1 数起（BPMN 2.0、Camunda 8），在 `${…}` 中从 0 数起（Camunda 7、Flowable）。
  `loopCounter` counts from 1 in FEEL and from 0 in `${…}`, as the respective engines do.

## 上限 · limits

一次推进 1,000 个自动步骤、5 秒处理器时间；一个实例 20,000 个令牌；调用嵌套 12 层；多实例 1,000 个；定时器 100 年，周期至少 60 秒、
至多 1,000 次。超过即失败，什么也不保存。 1,000 automatic steps and 5 s of the processor in one go; 20,000 tokens per instance; calls nested
12 deep; 1,000 instances of a multi-instance activity; timers up to 100 years, cycles of at least 60 s and at most 1,000
times. Beyond that the step fails and nothing is kept.
"""


def document() -> str:
    """Return the page."""
    for module in _MODULES:
        importlib.import_module(f"tests.unit.bpmn.conformance.{module}")
    shown = {row.key: row for row in ROWS}
    parts = [_HEAD]
    left = dict(SUPPORTED)
    for zh, en, marks in _GROUPS:
        keys = [key for key in left if any(mark in key.partition("/")[0] for mark in marks)]
        parts.append(f"\n## {zh} · {en}\n\n| 元素 | element | | 说明 | note | 测试 test |\n|---|---|---|---|---|---|\n")
        parts.extend(_line(left.pop(key), shown) for key in keys)
    if left:
        raise ValueError(f"rows of no group: {sorted(left)}")
    return "".join([*parts, _FOOT])


def _line(support: Support, shown: dict[str, Row]) -> str:
    names = f"| {support.name.zh} | {support.name.en} "
    if support.refused is not None:
        test = "test_refused::TestRefused"
        return f"{names}| ✗ 拒绝 refused | {support.refused.zh} | {support.refused.en} | `{test}` |\n"
    row = shown[support.key]
    return f"{names}| ✓ 执行 runs | {row.zh} | {row.en} | `{row.test}` |\n"


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")
