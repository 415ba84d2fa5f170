"""下一环节 on the page of a task: what comes directly behind it, by the resolver that will decide, doubts told as doubts."""

from engine.commands.tasks.handling import CompleteTask
from tests.integration.engine.house import bpmn, flows
from tests.integration.web.office import Browser, Office

FILL = '<userTask id="fill" name="填写" banjie:assignee="zhang" banjie:outcomes="agree:同意,refuse:不同意"/>'
CHECK = '<userTask id="check" name="复核" banjie:assignee="li"/>'
CHIEF = '<userTask id="chief" name="领导审批" banjie:candidateGroups="chiefs"/>'


def page_of(office: Office, body: str, *pairs: str, **variables: object) -> Browser:
    """zhang before the task 填写 of a process."""
    for login in ("zhang", "li", "wang"):
        office.employ(login)
    office.employ("boss", "chiefs")
    office.house.deploy(bpmn('<startEvent id="s"/>' + body + '<endEvent id="e"/>' + flows(*pairs), key="p"))
    instance = office.house.start("p", **variables)
    browser = Browser(office.app.test_client(), "zhang").sign_in()
    browser.get(office.task(instance, "fill"))
    return browser


def told(browser: Browser) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in browser.page.select("#upcoming li")]


def test_the_next_step_is_told_with_its_people_and_no_step_behind_it(office: Office) -> None:
    zhang = page_of(office, FILL + CHECK + CHIEF, "s-fill", "fill-check", "check-chief", "chief-e")
    assert told(zhang) == ["复核 Li"]


def test_a_next_step_that_hangs_on_what_is_decided_here_is_marked_uncertain_with_the_reason(office: Office) -> None:
    gateway = '<exclusiveGateway id="g" default="g_chief"/>'
    path = ("s-fill", "fill-g", 'g-check?fill_outcome = "agree"', "g-chief", "check-e", "chief-e")
    zhang = page_of(office, FILL + gateway + CHECK + CHIEF, *path)
    assert told(zhang) == [
        "复核 Li 不确定 取决于「填写」的办理结果",
        "领导审批 chiefs 不确定 取决于「填写」的办理结果",
    ]


def test_with_the_data_there_only_the_way_that_will_be_taken_is_told(office: Office) -> None:
    gateway = '<exclusiveGateway id="g" default="g_chief"/>'
    path = ("s-fill", "fill-g", "g-check?amount > 100", "g-chief", "check-e", "chief-e")
    zhang = page_of(office, FILL + gateway + CHECK + CHIEF, *path, amount=500)
    assert told(zhang) == ["复核 Li"]


def test_without_the_data_both_ways_are_uncertain(office: Office) -> None:
    gateway = '<exclusiveGateway id="g" default="g_chief"/>'
    path = ("s-fill", "fill-g", "g-check?amount > 100", "g-chief", "check-e", "chief-e")
    zhang = page_of(office, FILL + gateway + CHECK + CHIEF, *path)
    assert len(told(zhang)) == 2 and all("不确定 还没有「amount」的值" in each for each in told(zhang))


def test_of_two_branches_each_task_tells_what_comes_behind_itself(office: Office) -> None:
    body = FILL + '<parallelGateway id="f"/><userTask id="other" name="另一支" banjie:assignee="wang"/>'
    body += CHECK + '<userTask id="last" name="归档" banjie:assignee="li"/><parallelGateway id="j"/>'
    path = ("s-f", "f-fill", "f-other", "other-last", "fill-check", "last-j", "check-j", "j-e")
    assert told(page_of(office, body, *path)) == ["复核 Li"]


def test_a_step_that_a_rule_passes_is_told_as_such_with_the_one_behind_it(office: Office) -> None:
    own = '<userTask id="own" name="初审" banjie:assignee="admin" banjie:onSelf="skip" banjie:outcomes="agree:同意"/>'
    zhang = page_of(office, FILL + own + CHECK, "s-fill", "fill-own", "own-check", "check-e")
    assert [each.split()[0] for each in told(zhang)] == ["初审", "复核"]
    assert "按规则自动处理" in told(zhang)[0]


def test_that_time_may_run_out_here_does_not_make_uncertain_what_my_decision_brings(office: Office) -> None:
    timer = '<boundaryEvent id="late" name="到期" attachedToRef="fill"><timerEventDefinition><timeDuration>P9D</timeDuration>'
    timer += "</timerEventDefinition></boundaryEvent>"
    zhang = page_of(office, FILL + timer + CHECK + CHIEF, "s-fill", "fill-check", "late-chief", "check-e", "chief-e")
    assert told(zhang) == ["复核 Li"]


def test_behind_the_last_step_the_page_says_so_and_a_closed_task_says_nothing(office: Office) -> None:
    zhang = page_of(office, FILL, "s-fill", "fill-e")
    assert told(zhang) == ["后面没有要人办理的环节。"]
    (row,) = office.house.queries.tasks.open(assignee="zhang").rows
    office.house.engine.execute(CompleteTask(task_id=row["id"], outcome="agree"), actor=office.house.actors["zhang"])
    zhang.get(f"/tasks/{row['id']}")
    assert told(zhang) == []
