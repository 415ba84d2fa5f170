"""A call to the hotline, on its way through the office."""

from typing import Any

from tests.processes.bureau import Bureau

ITEM = "002020001000"
CALLER = {"kind": "person", "name": "王小明", "phone": "13800001234"}
REQUEST = {
    "subject": "银杏路路灯不亮",
    "order_kind": "complaint",
    "request": "银杏路18号门前三盏路灯已经一周不亮，请尽快修复",
    "place": "银杏路18号",
    "confidential": "no",
}
LIGHTS: dict[str, Any] = {"topic": "street_lights", "complexity": "simple"}
REPLY: dict[str, Any] = {"reply_text": "已更换灯具，恢复照明", "reply_signer": "郭勇"}
WRONG_UNIT = "该路段路灯产权属于市场管理方，依据三定规定第五条由市场监督管理局管理"


def called(bureau: Bureau, at: str = "2026-02-13 10:00", **form: Any) -> str:
    bureau.at(at)
    return bureau.file(ITEM, by="huawu", applicant=CALLER, form=REQUEST | form, channel="phone")


def dispatched(bureau: Bureau, at: str = "2026-02-13 10:00", **choices: Any) -> str:
    no = called(bureau, at)
    bureau.do("huawu", no, "triage", "dispatch", **(LIGHTS | choices))
    return no


def signed(bureau: Bureau, at: str = "2026-02-13 10:00", **choices: Any) -> str:
    no = dispatched(bureau, at, **choices)
    bureau.do("chengguan", no, "sign_in", "sign")
    return no


def answered(bureau: Bureau, at: str = "2026-02-13 10:00") -> str:
    no = signed(bureau, at)
    bureau.do("chengguan", no, "handle", "reply", **REPLY)
    bureau.do("huawu", no, "review", "pass")
    return no


def dissatisfied(bureau: Bureau, no: str, fault: str = "subjective") -> None:
    bureau.do("huawu", no, "call_back", "dissatisfied", fault=fault, call_back_note="灯还是不亮")


def reworked(bureau: Bureau, no: str) -> None:
    bureau.do("chengguan", no, "handle", "reply", **REPLY)
    bureau.do("huawu", no, "review", "pass")
