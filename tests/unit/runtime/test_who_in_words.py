"""Why somebody was found, in plain words: every strategy of the language can be told, in both languages."""

import pytest

from engine.runtime.who.in_words import in_words
from engine.runtime.who.language import STRATEGIES


@pytest.mark.parametrize(
    ("by", "zh", "en"),
    [
        ("assignee", "模型指定的办理人", "named by the model"),
        ("candidateGroups", "办理组成员", "member of the group that it is offered to"),
        ("users(li, wang)", "模型列名", "named by the model"),
        ("groups(legal)", "办理组 legal 的成员", "member of legal"),
        ("roles(supervisor)", "具有角色 supervisor", "has the role supervisor"),
        ("posts(examiner)", "岗位 examiner", "post examiner"),
        ("posts(examiner, in: spj)", "部门 spj的岗位 examiner", "post examiner in the department spj"),
        ("departments(spj, below: yes)", "部门 spj及其下级的人员", "people of spj and below"),
        ("leader", "发起人所在部门的负责人", "leader of the initiator's department"),
        (
            "leader(of: users(li), level: 2)",
            "li 所在部门的负责人（第 2 级）",
            "leader of the department of li (level 2)",
        ),
        (
            "leaders(of: field(unit), upto: 3)",
            "表单字段 unit 所指部门逐级以上的负责人（到第 3 级）",
            "leaders above the department in the form field unit (up to level 3)",
        ),
        ("initiator", "发起人", "the initiator"),
        ("previous", "上一环节的办理人", "acted at the step before"),
        ("chosen(start)", "发起时选定", "chosen at the start"),
        ("chosen(previous)", "由上一环节选定", "chosen at the step before"),
        ("field(reviewer)", "由表单字段 reviewer 指定", "named in the form field reviewer"),
        ('feel(if x > 1 then "li" else "wang")', "由模型中的表达式得出", "found by an expression of the model"),
        ("feel", "由模型中的表达式得出", "found by an expression of the model"),
    ],
)
def test_c1_to_c10_a_strategy_is_told_in_plain_words(by: str, zh: str, en: str) -> None:
    assert in_words(by) == (zh, en)


def test_no_strategy_is_without_words() -> None:
    written = {name: f"{name}(start)" if signature.least else name for name, signature in STRATEGIES.items()}
    assert [name for name, by in written.items() if in_words(by) == (by, by)] == []


def test_what_is_no_strategy_is_shown_as_it_stands() -> None:
    assert in_words("seconded by the mayor") == ("seconded by the mayor",) * 2
