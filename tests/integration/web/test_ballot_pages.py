"""The ballot on the pages of a task and of an instance: in plain words, without scripts."""

from datetime import timedelta

from tests.integration.ballots.committee import ballot_process
from tests.integration.web.office import Browser, Office


def begin(office: Office, ballot: str, more: str = "") -> tuple[str, dict[str, str]]:
    """Start a ballot of a, b and c; the instance, and the task's address of each."""
    for login in ("a", "b", "c", "clerk"):
        office.employ(login)
    office.deploy(council__bpmn=ballot_process(ballot, more=more))
    instance_id = office.house.start("council", by=office.house.actors["clerk"])
    return instance_id, {row["assignee"]: f"/tasks/{row['id']}" for row in office.house.open_tasks(instance_id)}


def at_desk(office: Office, login: str) -> Browser:
    return Browser(office.app.test_client(), login).sign_in()


def test_a_member_sees_the_rule_the_votes_and_what_is_missing(office: Office) -> None:
    _instance, tasks = begin(office, "ratio:>1/2", 'banjie:veto="c" ')
    a, b = at_desk(office, "a"), at_desk(office, "b")

    a.get(tasks["a"])
    assert "会签 0/3" in a.text
    assert "同意的须达到 过半数。" in a.text
    assert "C 反对即不通过（一票否决）。" in a.text
    assert [each.get_text() for each in a.page.select("button[name=action]")][1:3] == ["同意", "不同意"]

    a.send(tasks["a"], {"action": "outcome:approve", "comment": "可行"})
    b.get(tasks["b"])
    assert "同意 1，反对 0，弃权 0，共 3 人。" in b.text
    assert any(row.startswith("A 同意") and row.endswith("可行") for row in b.rows())
    assert any(row.startswith("C 有否决权 待表决") for row in b.rows())


def test_the_result_stands_on_the_page_and_in_the_story(office: Office) -> None:
    instance_id, tasks = begin(office, "any")
    a, b = at_desk(office, "a"), at_desk(office, "b")
    a.get(tasks["a"])
    a.send(tasks["a"], {"action": "outcome:approve"})

    b.get(tasks["b"])
    assert any("由其他人的意见决定" in message for message in b.messages)
    clerk = at_desk(office, "clerk")
    clerk.get(f"/instances/{instance_id}")
    assert clerk.status == 200
    assert "会签通过：会签" in clerk.text
    assert "同意 1 · 反对 0 · 弃权 0" in clerk.text
    assert "B 未表决" in clerk.text


def test_a_secret_ballot_shows_who_has_voted_and_not_how(office: Office) -> None:
    instance_id, tasks = begin(office, "all", 'banjie:secret="true" ')
    a, b = at_desk(office, "a"), at_desk(office, "b")
    a.get(tasks["a"])
    a.send(tasks["a"], {"action": "outcome:approve", "comment": "我觉得可以"})

    for path in (tasks["b"], f"/instances/{instance_id}"):
        b.get(path)
        assert "已表决 1 人，共 3 人" in b.text
        assert "我觉得可以" not in b.answer.text

    for login in "bc":
        other = at_desk(office, login)
        other.get(tasks[login])
        other.send(tasks[login], {"action": "outcome:approve"})
    b.get(f"/instances/{instance_id}")
    assert b.text.count("我觉得可以") == 3, "in the panel, in the story and beside the diagram"


def test_an_english_reader_finds_no_chinese_in_the_panel(office: Office) -> None:
    _instance, tasks = begin(office, "sequential", 'banjie:quorum="1/2" banjie:abstain="true" banjie:veto="anyone" ')
    a = at_desk(office, "a")
    a.get(tasks["a"] + "?lang=en")
    panel = a.page.find("section", attrs={"aria-label": "Ballot 0/3"})
    assert panel is not None
    assert "One after the other." in panel.get_text()
    assert "not yet" in panel.get_text()


def test_the_inbox_tells_how_far_a_ballot_is(office: Office) -> None:
    _instance, tasks = begin(office, "ratio:2/3")
    a, b = at_desk(office, "a"), at_desk(office, "b")
    a.get(tasks["a"])
    a.send(tasks["a"], {"action": "outcome:approve"})
    b.get("/inbox")
    assert any("会签 1/3" in row for row in b.rows())


def test_p_9_4_each_member_has_his_time_on_the_panel_and_who_is_late_is_seen(office: Office) -> None:
    instance_id, tasks = begin(office, "all", 'banjie:memberLimit="2wd" ')
    a, clerk = at_desk(office, "a"), at_desk(office, "clerk")
    a.get(tasks["a"])
    assert "每名成员限 2个工作日。逾期仍可表决。" in a.text
    assert any(row.startswith("B 待表决") and "截止 暂定 正常 · 剩 2 工作日" in row for row in a.rows())
    a.send(tasks["a"], {"action": "outcome:approve"})

    office.house.run_jobs(timedelta(days=4))
    clerk.get(f"/instances/{instance_id}")
    assert any(row.startswith("B 待表决") and "超期 2 工作日" in row for row in clerk.rows())
    assert not any(row.startswith("A 同意") and "逾期" in row for row in clerk.rows())

    b = at_desk(office, "b")
    b.get(tasks["b"])
    b.send(tasks["b"], {"action": "outcome:reject", "comment": "不妥"})
    clerk.get(f"/instances/{instance_id}")
    assert any(row.startswith("B 不同意") and "逾期（" in row for row in clerk.rows())
