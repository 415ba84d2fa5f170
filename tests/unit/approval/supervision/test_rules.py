"""Rule sets are data: the shipped ones read well, and a fault is named by its key."""

import pytest

from engine.approval.supervision.reader import SHIPPED, read_rules, shipped, shipped_text
from engine.approval.supervision.rules import Level, Occasion, Receiver
from engine.errors import InvalidInput

HEAD = 'id = "x"\nname = "x"\nname_en = "x"\nsource = "x"\n'
RULE = '[[rules]]\ncode = "a"\nlevel = "yellow"\ntext = "a"\ntext_en = "a"\n'


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_set_reads_and_gives_a_card_for_deemed_acceptance(name: str) -> None:
    rules = shipped(name)

    assert [rule.level for rule in rules.on(Occasion.ACCEPTANCE_DEEMED)] == [Level.YELLOW]
    assert str(rules.feedback) == str(rules.appeal) == "30wd"
    assert Receiver.HEAD in rules.told(Level.YELLOW)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("id =", "text"),
        (HEAD, "rules"),
        (HEAD + RULE, "rules[0]"),  # neither clock nor occasion
        (HEAD + RULE + 'clock = "promised"\n', "rules[0]"),  # no condition
        (HEAD + RULE + 'clock = "promised"\nout_above = 0\nshare_above = 0.5\n', "rules[0]"),  # two of them
        (HEAD + RULE + 'clock = "promised"\nout_above = "0"\n', "rules[0].out_above"),
        (HEAD + RULE + 'clock = "never"\nout_above = 0\n', "rules[0].clock"),
        (HEAD + RULE + 'clock = "promised"\nout_above = 0\nissue = "manual"\n', "rules[0]"),
        (HEAD + (RULE + 'on = "alerted"\n') * 2, "text"),  # one code twice
        (HEAD + RULE + 'on = "alerted"\n[receivers]\ngreen = ["holder"]\n', "receivers.green"),
        (HEAD + RULE + 'on = "alerted"\n[scan]\ndaily = "25:00"\n', "scan.daily"),
        (HEAD + RULE + 'on = "alerted"\n[urging]\nevery = "2wd"\n', "urging"),
        (HEAD + RULE + 'on = "alerted"\n[orders]\nreply = ["1wd"]\n', "orders"),
        (HEAD + RULE + 'on = "alerted"\nfeedbak = "1wd"\n', "rules[0].feedbak"),
    ],
)
def test_a_fault_is_named_by_its_key(text: str, key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_rules(text)

    assert key in caught.value.facts["fields"]


def test_a_rule_that_is_switched_off_judges_nothing() -> None:
    text = shipped_text("hunan").replace('code = "case-red"', 'code = "case-red"\nenabled = false')

    assert "case-red" not in {rule.code for rule in read_rules(text).of_process("p")}
    assert "case-red" in {rule.code for rule in shipped("hunan").of_process("p")}
