"""Whoever is refused learns in plain words what, and who may: in both languages, for every verb."""

import pytest

from engine.access import Actor, TaskFacts, Verb, may
from engine.access.words import NAMED

HAN = range(0x4E00, 0x9FFF)


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_is_named_with_who_may(verb: Verb) -> None:
    named = NAMED[verb]
    assert all(named)
    assert any(ord(letter) in HAN for letter in named.zh + named.who_zh)
    assert verb.value not in (named.en, named.who_en) or "-" not in verb.value
    assert not any(ord(letter) in HAN for letter in named.en + named.who_en)
    assert not any(text.endswith(("。", ".")) for text in named)


def test_a_refusal_names_the_holder_and_the_way_out() -> None:
    task = TaskFacts(task_id="t", assignee="li", involved=frozenset({"wang"}))
    refused = may(Actor(login="wang"), Verb.DELEGATE_TASK, task)
    assert refused.zh == "您不能委派此任务：它由 li 持有；只有当前办理人可以；在待认领中的请先认领。"
    assert (
        refused.en
        == "You may not delegate this task: li holds it; only its holder may; claim it first if nobody has it."
    )
    assert refused.facts == {"by": "li"}


def test_what_has_nothing_to_do_with_the_holder_does_not_name_him() -> None:
    task = TaskFacts(task_id="t", assignee="li", closed_by="li", involved=frozenset({"wang"}))
    assert "li" not in may(Actor(login="wang"), Verb.WITHDRAW_TASK, task).zh
