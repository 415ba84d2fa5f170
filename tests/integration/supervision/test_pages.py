"""The pages of supervision as people use them: the board's figures open lists, heads see their own, cards go their way."""

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.access import Role
from engine.commands.administration.people import CreatePerson, SetPassword
from engine.commands.supervision.cards import EscalateCard
from engine.commands.supervision.orders import AnswerOrder, IssueOrder
from engine.passwords import Passwords
from engine.store import tables
from tests.integration.supervision.watching import accepted, card, lead, look, rows
from tests.integration.web.office import application
from tests.processes.bureau import ADMIN, Bureau
from web import WebSettings
from web.supervision import board

CHEAP = Passwords(memory_kib=64, passes=1, lanes=1)
HASH = CHEAP.hash("an ordinary sentence")


@dataclass
class Desk:
    """A browser of somebody's own."""

    client: FlaskClient

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, path: str, **fields: str | list[str]) -> int:
        page = self.client.get("/supervision").get_data(as_text=True)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert token is not None
        return self.client.post(path, data={"csrf": token[1], **fields}).status_code

    def tiles(self, path: str = "/board") -> dict[str, str]:
        """{label: figure} of the board."""
        found = re.findall(r'bj-tile__value[^>]*>([^<]+)</span><span class="bj-tile__label">([^<]+)<', self.get(path))
        return {label: value for value, label in found}


@pytest.fixture
def app(bureau: Bureau) -> Flask:
    return application(bureau, WebSettings(secret=b"x"))


def desk(bureau: Bureau, app: Flask, login: str) -> Desk:
    bureau.engine.execute(SetPassword(login=login, password_hash=HASH), actor=ADMIN)
    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    client.post("/login", data={"csrf": token[1], "login": login, "password": "an ordinary sentence"})
    return Desk(client)


def test_the_figures_of_the_board_open_lists_of_the_same_length(bureau: Bureau, app: Flask) -> None:
    over, near = accepted(bureau, "2026-11-17 10:00"), accepted(bureau, "2026-11-20 10:00")
    bureau.at("2026-12-02 10:00")
    ducha = desk(bureau, app, "ducha")

    tiles = ducha.tiles()

    assert (tiles["在办"], tiles["超期（红灯）"], tiles["临期（黄灯）"]) == ("2", "1", "1")
    assert over in ducha.get("/board/cases?lamp=red") and near not in ducha.get("/board/cases?lamp=red")
    assert near in ducha.get("/board/cases?lamp=amber")
    assert "查看数据" in ducha.get("/board") and "Show the figures" in ducha.get("/board?lang=en")


def test_what_waits_for_an_answer_is_counted_as_its_lists_are_long_under_every_filter(
    bureau: Bureau, app: Flask
) -> None:
    one, other = accepted(bureau, "2026-11-17 10:00"), accepted(bureau, "2026-11-17 11:00")
    look(bureau, "2026-12-02 10:00")
    bureau.execute(EscalateCard(card_id=card(bureau, one)["id"], text="限期办结"), "ducha")
    bureau.execute(IssueOrder(no=other, level=1, text="请尽快办理"), "ducha")
    (order,) = [row for row in rows(bureau, tables.supervision_order) if row["case_no"] == other]
    bureau.execute(AnswerOrder(order_id=order["id"], text="明日办结"), "shipin")

    for login in ("ducha", "dengjizhang"):
        at = desk(bureau, app, login)
        for narrow in ("", "department=scjg", "process=food_permit_tolerance", "process=hotline_12345"):
            tiles = at.tiles(f"/board?{narrow}")
            cards, orders = (
                at.get(f"/supervision?tab=unanswered&{narrow}"),
                at.get(f"/supervision/orders?state=open&{narrow}"),
            )
            assert tiles["待回复黄红牌"] == str(cards.count("/supervision/cards/")), (login, narrow)
            assert tiles["待回复督办"] == str(orders.count("/supervision/orders/")), (login, narrow)
    assert desk(bureau, app, "ducha").tiles()["待回复督办"] == "1", "the other one was answered"


def test_a_head_sees_the_board_of_his_department_only(bureau: Bureau, app: Flask) -> None:
    accepted(bureau, "2026-11-17 10:00")
    bureau.at("2026-12-02 10:00")
    lead(bureau, "scjg", "shipin")
    lead(bureau, "wjw", "jiandu")

    assert desk(bureau, app, "shipin").tiles()["在办"] == "1"
    other = desk(bureau, app, "jiandu")
    assert other.tiles()["在办"] == "0" and other.tiles("/board?department=scjg")["在办"] == "0"
    assert desk(bureau, app, "chuangkou").client.get("/board").status_code == 403


def test_p_8_4_a_supervisor_urges_the_ticked_cases_with_one_message_for_each_person(bureau: Bureau, app: Flask) -> None:
    nos = [accepted(bureau, f"2026-11-17 {hour}:00") for hour in (10, 11)]
    bureau.at("2026-12-02 10:00")
    ducha = desk(bureau, app, "ducha")
    listed = ducha.get("/board/cases?lamp=red&process=food_permit_tolerance")
    assert listed.count('form="urge-batch"') == 2
    assert '"red" selected' in listed and '"food_permit_tolerance" selected' in listed, "the filter says what is listed"

    assert ducha.post("/supervision/urges", no=nos, text="请尽快", back="/board/cases?lamp=red") == 303

    urges = rows(bureau, tables.urge)
    assert len(urges) == 2 and len({row["message_id"] for row in urges}) == 1
    assert ducha.post("/supervision/urges", back="/board/cases") == 303, "nothing was ticked: a hint, no fault"
    assert desk(bureau, app, "dengjizhang").post("/supervision/urges", no=nos) == 403


def test_whoever_may_assign_a_task_finds_the_way_in_the_row_of_the_board(bureau: Bureau, app: Flask) -> None:
    no = accepted(bureau, "2026-11-17 10:00")
    bureau.at("2026-12-02 10:00")
    bureau.execute(CreatePerson(login="guanli", name="关立", roles=(Role.ADMIN.value,)), "admin")
    (task,) = rows(bureau, tables.task, tables.task.c.element_id == "review")
    way = f"/tasks/{task['id']}#verb-transfer"

    admin, ducha = desk(bureau, app, "guanli"), desk(bureau, app, "ducha")

    assert way in admin.get("/board/cases?lamp=red") and way in admin.get("/board")
    assert 'id="verb-transfer"' in admin.get(f"/tasks/{task['id']}"), "and the way leads there"
    listed = ducha.get("/board/cases?lamp=red")
    assert no in listed and way not in listed, "a supervisor urges and orders, he does not assign"


def test_a_head_opens_the_cases_that_his_board_counts_and_no_others(bureau: Bureau, app: Flask) -> None:
    no = accepted(bureau, "2026-11-17 10:00")
    look(bureau, "2026-12-02 10:00")

    head = desk(bureau, app, "dengjizhang")
    assert no in head.get("/board/cases?lamp=red")
    assert "承诺时限" in head.get(f"/cases/{no}?tab=clocks")
    assert head.post(f"/cases/{no}/extension", reason="想延长") == 403, "to see is not to act"
    assert desk(bureau, app, "jiandu").client.get(f"/cases/{no}").status_code == 404, "who leads another department"


def test_the_workbook_holds_every_figure_and_the_whole_list(bureau: Bureau, app: Flask) -> None:
    no = accepted(bureau, "2026-11-17 10:00")
    bureau.at("2026-12-02 10:00")

    answer = desk(bureau, app, "ducha").client.get("/board/export.xlsx")

    with zipfile.ZipFile(BytesIO(answer.data)) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
        assert "<v>1</v>" in book.read("xl/worksheets/sheet1.xml").decode(), "a figure is a number"
        assert len([name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]) == 5
    assert no in texts and "承办审查" in texts


def test_a_workbook_that_ends_before_the_list_does_says_so(
    bureau: Bureau, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        accepted(bureau, "2026-11-17 10:00")
    bureau.at("2026-12-02 10:00")
    said = "只导出了前面的部分"
    for most, cut in ((2, False), (1, True)):
        monkeypatch.setattr(board, "EXPORTED", most)
        with zipfile.ZipFile(BytesIO(desk(bureau, app, "ducha").client.get("/board/export.xlsx").data)) as book:
            assert (said in book.read("xl/sharedStrings.xml").decode()) is cut


def test_the_heat_is_drawn_on_the_diagram_by_each_measure(bureau: Bureau, app: Flask) -> None:
    accepted(bureau, "2026-11-17 10:00")
    ducha = desk(bureau, app, "ducha")

    for measure in ("count", "mean", "late"):
        drawn = ducha.get(f"/board/heat.svg?process=food_permit_tolerance&measure={measure}")
        assert drawn.startswith("<svg") and "bpmn-heat" in drawn, measure


def test_a_card_goes_its_way_through_the_pages(bureau: Bureau, app: Flask) -> None:
    no = accepted(bureau)
    look(bureau, "2026-12-08 09:00")
    path = f"/supervision/cards/{card(bureau, no)['id']}"
    shipin, ducha = desk(bureau, app, "shipin"), desk(bureau, app, "ducha")

    assert "时限怎样算出来" in shipin.get(path)
    assert shipin.post(f"{path}/answer", action="sign") == 303
    assert shipin.post(f"{path}/answer", action="answer", text="") == 422
    assert shipin.post(f"{path}/answer", action="answer", text="已调配人手") == 303
    assert shipin.post(f"{path}/manage", action="close", text="x") == 403
    assert ducha.post(f"{path}/manage", action="close", text="整改属实") == 303
    assert "已核销" in ducha.get(path) and "已调配人手" in ducha.get(path)
    assert "超过承诺时限" in ducha.get(f"/cases/{no}?tab=supervision")


def test_trap_2_8_an_urge_stands_on_the_task_and_is_read_when_the_holder_opens_it(bureau: Bureau, app: Flask) -> None:
    no = accepted(bureau)
    task = bureau.task("shipin", no, "review")
    ducha = desk(bureau, app, "ducha")

    assert ducha.post(f"/supervision/urge/{no}", text="今日办结") == 303

    assert "未读" in ducha.get(f"/cases/{no}?tab=supervision")
    assert "今日办结" in desk(bureau, app, "shipin").get(f"/tasks/{task['id']}")
    assert "已读" in ducha.get(f"/cases/{no}?tab=supervision")
    assert "今日办结" in ducha.get(f"/cases/{no}?tab=process"), "in the flow record"


def test_other_rules_are_chosen_and_a_fault_is_named(bureau: Bureau, app: Flask) -> None:
    ducha = desk(bureau, app, "ducha")

    assert ducha.post("/supervision/rules", text="id = 1", reason="x") == 422
    assert ducha.post("/supervision/rules", shipped="hunan", reason="省里统一") == 303
    assert "湖南省电子监察规则" in ducha.get("/supervision/rules")
    assert ducha.post("/supervision/scans") == 303
    assert "人工巡检" in ducha.get("/supervision/scans")
