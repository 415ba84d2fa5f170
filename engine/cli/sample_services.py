"""Sample orders of the hotline, requests for information and deregistrations, each at a point where somebody has to act."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from engine.cli.sample_cases import Applicant, Desk
from engine.commands.procedures.publicity import RaiseObjection

HOTLINE: Final = "002020001000"
DISCLOSURE: Final = "002020002000"
DEREGISTRATION: Final = "000131020000"


@dataclass(slots=True)
class Services:
    """What is done about them, by how many working days ago."""

    desk: Desk
    numbers: dict[str, str] = field(default_factory=dict)

    def on(self, back: int) -> None:
        """Let happen what happened ``back`` working days ago; 0 is now."""
        match back:
            case 17:
                self.numbers["published"] = _deregister(self.desk, "星河市远航商贸有限公司", "91510100MA00000091")
            case 6:
                self.numbers["objected"] = _deregister(self.desk, "星河市锦程装饰有限公司", "91510100MA00000092")
                self.numbers["asked"] = _request(self.desk, "银杏路改造项目（2024年）评标报告", "王晓东")
                self.desk.do("gongkai", self.numbers["asked"], "examine", "clear")
            case 5:
                self._consult()
            case 4:
                self._light()
            case 1:
                self._return()
            case 0:
                self._today()

    def _consult(self) -> None:
        """A third party is asked: the time to answer stands still."""
        name = "星河建工集团有限公司"
        self.desk.do("danganshi", self.numbers["asked"], "search", "consult", third_party=name)

    def _light(self) -> None:
        """Signed for, five working days to answer: they end tomorrow."""
        no = _call(self.desk, "银杏路路灯不亮", "complaint", "银杏路18号门前三盏路灯已经一周不亮，请尽快修复")
        self.desk.do("huawu", no, "triage", "dispatch", topic="street_lights", complexity="simple")
        self.desk.do("chengguan", no, "sign_in", "sign")

    def _return(self) -> None:
        """The unit says whose it is: the centre has a return to settle."""
        no = _call(self.desk, "小区水压不足", "help", "云杉小区七层以上晚间没有水，影响居民生活")
        self.desk.do("huawu", no, "triage", "dispatch", topic="water", complexity="complex")
        facts = "该小区二次供水设施由物业企业管理，依据《物业管理条例》由住房城乡建设部门监管"
        self.desk.do("shuiwu", no, "sign_in", "return", return_reason="other_unit", return_text=facts)

    def _today(self) -> None:
        """A call to dispatch, a request to examine, an objection to judge."""
        _call(self.desk, "早餐店占道经营", "suggestion", "锦绣路早餐店每天占用人行道，建议规范经营时间和地点")
        _request(self.desk, "城区公共停车场收费标准和批准文件", "李慧")
        objection = RaiseObjection(
            no=self.numbers["objected"],
            by="creditor",
            name="星河市诚信建材有限公司",
            text="拖欠货款35万元，有2026年的对账单和欠条",
        )
        self.desk.execute("dengji", objection)


def _call(desk: Desk, subject: str, kind: str, request: str) -> str:
    form = {"subject": subject, "order_kind": kind, "request": request, "confidential": "no", "reply_by": "phone"}
    caller = Applicant("person", "王先生", phone="13800001234")
    return desk.file(HOTLINE, caller, form, by="huawu", channel="phone")


def _request(desk: Desk, subject: str, name: str) -> str:
    form = {"subject": subject, "wanted": subject, "form_of_provision": "mail", "receipt_way": "in_person"}
    applicant = Applicant("person", name, "510104199001011234")
    return desk.file(DISCLOSURE, applicant, form, "M01 M02", by="gongkai")


def _deregister(desk: Desk, name: str, id_number: str) -> str:
    form: dict[str, Any] = {
        "entity_name": name,
        "entity_kind": "company",
        "reason_text": "决议解散",
        "excluded": ["none"],
        "no_debts": "yes",
        "all_committed": "yes",
        "declaration": True,
    }
    return desk.file(DEREGISTRATION, Applicant("organisation", name, id_number), form, "M01 M02 M03")
