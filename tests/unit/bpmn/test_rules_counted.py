"""Rules of days counted too early: timers and due dates that would not move with the limits around them are named."""

import pytest

from engine.bpmn.model import FileReport
from engine.bpmn.reader import check_files
from engine.runtime.finding import Severity
from tests.unit.bpmn.uploads import codes, report, straight, the, upload

SCRIPT = '<scriptTask id="count" name="算期限"><script>{}</script></scriptTask>'
TIMER = '<intermediateCatchEvent id="wait" name="等待">\n<timerEventDefinition><timeDate>{}</timeDate></timerEventDefinition></intermediateCatchEvent>'


def waits(script: str, time: str) -> FileReport:
    return report(*straight(SCRIPT.format(script), TIMER.format(time), ids="count wait"))


def test_a_timer_on_a_date_that_a_script_counted_is_named_with_the_way_out() -> None:
    finding = the(waits("due = wd(5)", "due"), "timer-counted-before")

    assert (finding.severity, finding.element, finding.line) == (Severity.WARNING, "wait", 6)
    assert "「due」" in finding.zh and "「算期限」" in finding.zh and "直接写 wd(n)" in finding.zh
    assert "“due”" in finding.en and "write wd(n) or nd(n) in the timer itself" in finding.en


@pytest.mark.parametrize(
    "script, time",
    [
        ("due = nd(20)", "due"),
        ("due = wd(5) - duration(&quot;PT8H&quot;)", "due"),
        ("first = wd(5); second = first", "second"),
        ("ends = {sign: wd(1), answer: wd(5)}", "ends.answer"),
        ("due = wd(5)", "due - duration(&quot;P1D&quot;)"),
        ("due = if urgent then wd(1) else wd(5)", "${due}"),
    ],
)
def test_the_date_is_followed_through_whatever_is_made_of_it(script: str, time: str) -> None:
    found = waits(script, time)

    assert codes(found) == ["timer-counted-before"] and found.ok


@pytest.mark.parametrize(
    "script, time",
    [
        ("due = wd(5)", "wd(5)"),
        ("n = 5", "wd(n)"),
        ("due = now() + duration(&quot;P5D&quot;)", "due"),
        ("due = wd(5); other = now()", "other"),
    ],
)
def test_what_is_counted_in_the_timer_or_not_counted_in_days_of_the_office_is_in_order(script: str, time: str) -> None:
    assert codes(waits(script, time)) == []


def called(mapping: str, time: str) -> list[str]:
    outer = upload(
        *straight(
            SCRIPT.format("due = wd(5)"),
            f'<callActivity id="call" name="通知" calledElement="q"><extensionElements>{mapping}</extensionElements></callActivity>',
            ids="count call",
        )
    )
    inner = upload(*straight(TIMER.format(time), ids="wait"), key="q")
    found = check_files({"a.bpmn": outer, "b.bpmn": inner}).files
    return [code for each in found for code in codes(each)]


def test_the_date_is_followed_into_a_called_process() -> None:
    assert called("", "due") == ["timer-counted-before"]
    assert called('<banjie:in source="due" target="until"/>', "until") == ["timer-counted-before"]
    assert called('<banjie:in source="=wd(3)" target="until"/>', "until") == ["timer-counted-before"]
    assert called('<banjie:in source="initiator" target="until"/>', "until") == []


def test_the_date_is_followed_out_of_a_called_process() -> None:
    outer = upload(
        *straight(
            '<callActivity id="call" calledElement="q"><extensionElements>'
            '<banjie:out source="due" target="until"/></extensionElements></callActivity>',
            TIMER.format("until"),
            ids="call wait",
        )
    )
    inner = upload(*straight(SCRIPT.format("due = wd(5)"), ids="count"), key="q")

    found = check_files({"a.bpmn": outer, "b.bpmn": inner}).files

    assert [code for each in found for code in codes(each)] == ["timer-counted-before"]


def test_a_due_date_that_is_counted_is_named_a_limit_is_not() -> None:
    task = '<userTask id="a" banjie:assignee="x" {}/>'

    direct = report(*straight(task.format('banjie:dueDate="=wd(5)"'), ids="a"))
    read = report(*straight(SCRIPT.format("due = wd(5)"), task.format('banjie:dueDate="=due"'), ids="count a"))
    limited = report(*straight(task.format('banjie:dueDate="=wd(5)" banjie:limit="5wd"'), ids="a"))
    plain = report(*straight(task.format('banjie:dueDate="P5D"'), ids="a"))

    assert "banjie:limit" in the(direct, "due-date-counted").zh
    assert "「算期限」" in the(read, "due-date-counted").zh
    assert codes(limited) == codes(plain) == []
