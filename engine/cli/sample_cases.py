"""A few sample cases in different states, filed and worked on by the sample people, so that inboxes are not empty."""

from dataclasses import asdict
from typing import Any

from engine.access import Actor
from engine.commands.cases.filing import FileCase
from engine.commands.tasks.handling import CompleteTask
from engine.context import Command
from engine.process_engine import ProcessEngine
from engine.records import record
from engine.store.queries.cases import CaseQueries
from engine.store.queries.tasks import TaskQueries
from engine.store.rows import people

WINDOW = "chuangkou"
Form = dict[str, Any]

CONSTRUCTION, FOOD, HYGIENE = "000117012000", "000131010000", "000123015000"


def file(engine: ProcessEngine) -> None:
    """File the sample cases and take each as far as its comment says."""
    desk = Desk(engine)
    _construction(desk)
    _food(desk)
    _hygiene(desk)


@record(kw_only=False)
class Applicant:
    """Who applies; ``kind`` is person or organisation, and a caller of the hotline leaves a number only."""

    kind: str
    name: str
    id_number: str = ""
    phone: str = "02812345678"


@record(kw_only=False)
class Desk:
    """The sample people at work."""

    engine: ProcessEngine

    def file(
        self,
        item: str,
        applicant: Applicant,
        form: Form,
        offered: str = "",
        *,
        by: str = WINDOW,
        channel: str = "window",
    ) -> str:
        """File a case; ``offered`` are the codes of what was handed in on paper."""
        filing = FileCase(
            item_code=item,
            applicant={key: value for key, value in asdict(applicant).items() if value},
            form=form,
            offered={code: {"form": "original"} for code in offered.split()},
            channel=channel,
        )
        return str(self.execute(by, filing)["no"])

    def do(self, login: str, no: str, element: str, outcome: str | None = None, comment: str = "", **form: Any) -> None:
        """Let a person complete the open task of this element that is theirs."""
        actor = self.person(login)
        instance_id = (CaseQueries(self.engine.database).get(no) or {})["instance_id"]
        task = next(
            row
            for row in TaskQueries(self.engine.database).of_instance(instance_id)
            if row["element_id"] == element and row["closed_at"] is None and _may_work_on(actor, row)
        )
        completion = CompleteTask(task_id=task["id"], outcome=outcome, comment=comment, variables=form)
        self.engine.execute(completion, actor=actor)

    def execute(self, login: str, command: Command) -> dict[str, Any]:
        """Let a person do something else."""
        return self.engine.execute(command, actor=self.person(login))

    def person(self, login: str) -> Actor:
        with self.engine.database.read() as connection:
            return people.actor(connection, login)


def _may_work_on(actor: Actor, task: dict[str, Any]) -> bool:
    return task["assignee"] == actor.login or not actor.groups.isdisjoint(task["candidate_groups"])


# ---------------------------------------------------------------- 施工许可


def _construction(desk: Desk) -> None:
    complete = "M01 M02 M03 M04 M05 M06 M07"
    school = Applicant("organisation", "星河市第一中学", "12510100450000001A")
    mall = Applicant("organisation", "星河市城投置业有限公司", "91510100MA00000011")
    # waits for the pre-check of four departments
    desk.file(
        CONSTRUCTION, school, _project("第一中学新校区教学楼", "2026-510100-83-01-100001", 18500, "yes"), complete
    )
    # the departments examine; 人防 has answered
    no = desk.file(CONSTRUCTION, mall, _project("星河广场一期", "2026-510100-47-01-100002", 62000, "no"), complete)
    for login in ("xiaofang", "renfang", "zhian"):
        desk.do(login, no, "precheck_materials", "complete")
    desk.do(
        "renfang",
        no,
        "give_opinion",
        "conditional",
        "防空地下室应当与主体同步建设",
        opinion_conditions="防空地下室与主体工程同步设计、同步建设、同步验收",
    )
    # two departments ask for corrections: the lead has one notice to send
    no = desk.file(CONSTRUCTION, mall, _project("星河广场二期", "2026-510100-47-01-100003", 48000, "no"), complete)
    desk.do("xiaofang", no, "precheck_materials", "correct", precheck_items="施工图设计文件审查合格书：缺少消防专篇")
    desk.do("renfang", no, "precheck_materials", "correct", precheck_items="施工图设计文件审查合格书：缺少人防专业签章")
    desk.do("zhian", no, "precheck_materials", "complete")


def _project(name: str, code: str, area: int, drainage: str) -> Form:
    outlet = {"drainage_outlet": "天府大道西侧市政管网"} if drainage == "yes" else {}
    return {
        "project_name": name,
        "project_code": code,
        "project_site": "星河市天府大道",
        "building_area": area,
        "investment": area // 3,
        "contractor": "星河建工集团有限公司",
        "planned_start": "2027-03-01",
        "drainage": drainage,
        **outlet,
        "declaration": True,
    }


# ---------------------------------------------------------------- 食品经营许可


def _food(desk: Desk) -> None:
    noodles = Applicant("organisation", "星河市巷口面馆", "92510100MA00000031")
    bakery = Applicant("person", "周一鸣", "510104199001011234")
    canteen = Applicant("organisation", "星河市实验小学", "12510100450000002B")
    # to be examined at the window
    desk.file(FOOD, bakery, shop("一鸣烘焙工坊", "sales", 45), "M01 M02 M03 M04 S01")
    # accepted with tolerance: two papers are owed while the review goes on
    no = desk.file(FOOD, noodles, shop("巷口面馆", "catering", 80), "M01 M02 M03 M04 S01")
    desk.do(WINDOW, no, "examine_materials")
    desk.do(WINDOW, no, "sign_promise", "sign", promise_signer="刘一碗")
    # decided, to be served
    no = desk.file(FOOD, canteen, shop("实验小学食堂", "canteen", 260), "M01 M02 M03 M04 S01 S02 S03")
    desk.do(WINDOW, no, "examine_materials")
    desk.do("shipin", no, "review", "pass", review_record="布局、设备和人员符合要求")
    desk.do("shenhe", no, "audit", "agree")
    desk.do("juzhang", no, "decide", "approve")


def shop(name: str, kind: str, area: int) -> Form:
    return {
        "shop_name": name,
        "shop_address": "星河市锦绣路18号",
        "business_kind": kind,
        "floor_area": area,
        "business_items": ["prepackaged"] if kind == "sales" else ["hot_dishes"],
        "safety_manager": "陈安",
        "safety_manager_phone": "13800000001",
        "online_sales": "no",
        "declaration": True,
    }


# ---------------------------------------------------------------- 公共场所卫生许可


def _hygiene(desk: Desk) -> None:
    hotel = Applicant("organisation", "星河市云来酒店有限公司", "91510100MA00000022")
    barber = Applicant("person", "何美丽", "510104198805054321")
    # the applicant chooses: commitment, or the ordinary procedure
    desk.file(HYGIENE, barber, _place("丽人美发店", "beauty", 60), "M01 M02 M03")
    # granted on a commitment, its verification is open
    no = desk.file(HYGIENE, hotel, _place("云来酒店", "lodging", 3200), "M01 M02 M03")
    desk.do(WINDOW, no, "choose", "choose", notice_received=True)
    desk.do(WINDOW, no, "sign", commitment_signer="赵云来")
    desk.do(WINDOW, no, "examine_form", "complete")
    desk.do("juzhang", no, "decide_today", "approve")


def _place(name: str, kind: str, area: int) -> Form:
    return {
        "place_name": name,
        "place_address": "星河市银河大道8号",
        "place_kind": kind,
        "floor_area": area,
        "staff_count": 12,
        "air_conditioning": "yes",
        "manager": "孙卫",
        "manager_phone": "13900000002",
        "declaration": True,
    }
