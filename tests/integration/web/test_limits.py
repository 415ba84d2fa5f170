"""Limits on pages: the sum behind each date, suspensions and extension from the case page, the calendar's preview."""

from datetime import timedelta

import pytest

from engine.access import Role
from engine.commands.administration.deployments import DeployResources
from engine.commands.cases.filing import FileCase
from tests.integration.cases.test_clocks import ITEM
from tests.integration.cases.test_office_rules import PLAIN
from tests.integration.web.office import Browser, Office

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0" id="d" targetNamespace="t">
  <process id="special" name="许可" isExecutable="true"><startEvent id="start"/>
    <serviceTask id="receive" banjie:verb="case.receive"/>
    <userTask id="intake" name="审核" banjie:candidateGroups="window"/>
    <serviceTask id="accept" banjie:verb="case.accept"/>
    <userTask id="examine" name="审查" banjie:candidateGroups="window" banjie:limit="5wd"/><endEvent id="end"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="receive"/><sequenceFlow id="f2" sourceRef="receive" targetRef="intake"/>
    <sequenceFlow id="f3" sourceRef="intake" targetRef="accept"/><sequenceFlow id="f4" sourceRef="accept" targetRef="examine"/>
    <sequenceFlow id="f5" sourceRef="examine" targetRef="end"/></process>
</definitions>"""


@pytest.fixture
def no(office: Office) -> str:
    """A case of chen, received on Monday 2026-11-23; the calendar of 2026 is not loaded."""
    files = {"item.toml": ITEM.encode(), "special.bpmn": PROCESS.encode()}
    office.house.engine.execute(DeployResources(name="special", files=files), actor=office.house.admin)
    office.employ("chen", "window", roles=(Role.CLERK, Role.STAFF))
    applicant = {"kind": "organisation", "name": "某公司", "id_number": "91510100MA00000001"}
    command = FileCase(item_code="000131990000", applicant=applicant, offered={"M01": {}})
    return str(office.house.engine.execute(command, actor=office.house.actors["chen"])["no"])


def accept(office: Office, no: str) -> None:
    house = office.house
    row = house.queries.cases.get(no)
    assert row is not None
    house.complete(house.task(row["instance_id"]), house.actors["chen"])


def at_desk(office: Office, login: str = "chen") -> Browser:
    return Browser(office.app.test_client(), login).sign_in()


def test_the_tab_shows_each_limit_as_a_sum_and_the_sheet_is_for_paper(office: Office, no: str) -> None:
    accept(office, no)
    chen = at_desk(office)

    for path in (f"/cases/{no}?tab=clocks", f"/cases/{no}/limits"):
        chen.get(path)
        assert chen.status == 200
        assert "自2026-11-23（周一）起算，当日不计" in chen.text and "时限10个工作日" in chen.text
        assert "环节时限" in chen.text and "暂定" in chen.text


def test_a_hearing_is_begun_extended_and_ended_from_the_page(office: Office, no: str) -> None:
    accept(office, no)
    chen = at_desk(office)
    chen.get(f"/cases/{no}?tab=clocks")

    chen.send(f"/cases/{no}/suspensions", {"kind": "hearing", "reason": "利害关系人申请"})
    assert any("第四十五条" in each for each in chen.messages)
    chen.send(f"/cases/{no}/suspensions", {"kind": "hearing", "reason": "利害关系人申请", "planned": "5wd"})
    assert "特别程序告知书已制作" in chen.text and "正在进行：听证" in chen.text
    row = office.house.queries.cases.get(no)
    assert row is not None
    suspension = row["facts"]["suspensions"]["open"][0]["id"]
    chen.send(f"/cases/{no}/suspensions/{suspension}/extend", {"more": "2wd", "reason": "证人未到"})
    assert "计划 7个工作日" in chen.text
    chen.send(f"/cases/{no}/suspensions/{suspension}/resume", {})
    assert "时限已恢复计算" in chen.text and "延长计划时间" in chen.text


def test_demands_are_collected_before_the_notice(office: Office, no: str) -> None:
    chen = at_desk(office)
    chen.get(f"/cases/{no}?tab=clocks")

    chen.send(f"/cases/{no}/demands", {"items": "申请表：缺盖章"})

    assert "已收集的补正要求" in chen.text and "缺盖章" in chen.text


def test_a_leader_is_asked_for_a_second_notice_on_the_page_and_answers_there(office: Office) -> None:
    item = ITEM + '[roles]\ndecider = "heads"\n'
    files = {"item.toml": item.encode(), "special.bpmn": PLAIN.encode()}
    house = office.house
    house.engine.execute(DeployResources(name="plain", files=files), actor=house.admin)
    office.employ("chen", "window", roles=(Role.CLERK, Role.STAFF))
    office.employ("gao", "heads")
    applicant = {"kind": "organisation", "name": "某公司", "id_number": "91510100MA00000001"}
    filing = FileCase(item_code="000131990000", applicant=applicant, offered={"M01": {}})
    no = str(house.engine.execute(filing, actor=house.actors["chen"])["no"])
    row = house.queries.cases.get(no)
    assert row is not None

    def intake(outcome: str | None) -> None:
        house.complete(house.task(row["instance_id"]), house.actors["chen"], outcome)

    intake("correct")
    intake(None)  # the applicant brought them
    chen, gao = at_desk(office), at_desk(office, "gao")
    chen.get(f"/cases/{no}?tab=clocks")
    assert "批准一次" not in chen.text, "what is not his to decide is not offered to him"
    chen.send(f"/cases/{no}/second-notice/request", {"reason": "缺签字"})
    assert "已提请负责人批准再次补正告知" in chen.text and "审批中" in chen.text

    gao.get("/notices")
    assert "申请再次补正告知" in gao.text
    gao.get(f"/cases/{no}?tab=clocks")
    assert "批准一次" in gao.text
    gao.send(f"/cases/{no}/second-notice/refuse", {"reason": "首次已告知"})
    chen.get(f"/cases/{no}?tab=clocks")
    assert "未批准" in chen.text and "首次已告知" in chen.text
    chen.send(f"/cases/{no}/second-notice/request", {"reason": "签字为法定要件"})
    gao.send(f"/cases/{no}/second-notice", {"reason": "同意"})
    intake("correct")
    assert house.queries.cases.get(no)["facts"]["notices"]["sent"] == 2  # type: ignore[index]


def test_a_refusal_is_a_sentence_on_the_page(office: Office, no: str) -> None:
    chen = at_desk(office)
    chen.get(f"/cases/{no}?tab=clocks")

    chen.send(f"/cases/{no}/extension", {"reason": "案情复杂"})
    assert any("没有正在计算的办理期限" in each for each in chen.messages)


def test_the_effect_on_open_limits_is_seen_before_the_calendar_is_changed(office: Office, no: str) -> None:
    accept(office, no)
    admin = office.admin()
    admin.get("/calendar")

    day = {"day": "2026-11-25", "kind": "rest", "name": "防汛停工"}
    admin.send("/calendar/days", day | {"preview": "1"})
    assert "其中 3 个到期日会变" in admin.text and "推迟 1 天" in admin.text and no in admin.text
    assert not office.house.queries.admin.calendar_days(2026), "nothing is saved yet"

    admin.send("/calendar/days", day)
    office.house.run_jobs(timedelta(minutes=1))
    admin.get("/calendar")
    assert "重算 4 个，移动 4 个" in admin.text or "移动 3 个" in admin.text


def test_a_year_file_travels_with_its_preview(office: Office, no: str) -> None:
    accept(office, no)
    admin = office.admin()
    admin.get("/calendar")
    text = "2026-01-01,rest,元旦\n2026-12-01..2026-12-02,rest,停电\n"

    admin.upload("/calendar/years", "file", {"2026.csv": text.encode()}, preview="1")
    assert "还没有保存" in admin.text and "个暂定日期将确定" in admin.text
    admin.send("/calendar/years", {"text": text, "source": "通知"})
    assert "2026 年工作日历已载入" in admin.text


def test_office_hours_are_set_with_a_season(office: Office) -> None:
    admin = office.admin()
    admin.get("/calendar")
    year = {"am_start": "08:30", "am_end": "12:00", "pm_start": "14:00", "pm_end": "17:00"}

    admin.send("/calendar/hours", year | {"am_start": "18:00"})
    assert admin.status == 422
    season = {f"season_{name}": at for name, at in (year | {"pm_start": "15:00", "pm_end": "18:00"}).items()}
    admin.send("/calendar/hours", year | season | {"season_first": "05-01", "season_last": "09-30"})

    hours = office.house.queries.admin.calendar().office_hours
    assert [each.pm_end.hour for each in hours] == [18, 17] and hours[0].first == (5, 1)
