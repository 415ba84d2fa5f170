"""A request for government information, on its way through the office."""

from typing import Any

from tests.processes.bureau import Bureau

ITEM = "002020002000"
APPLICANT = {"kind": "person", "name": "王小明", "id_number": "510104199001011234", "phone": "13800001234"}
FORM = {
    "subject": "银杏路改造项目招标文件",
    "wanted": "银杏路改造项目（2024年）的招标文件和评标报告",
    "form_of_provision": "mail",
    "receipt_way": "in_person",
}
DRAFT: dict[str, Any] = {"search_record": "在工程建设档案中检索", "answer_kind": "disclosed", "answer_text": "见附件"}
WITHHELD: dict[str, Any] = {
    "answer_kind": "withheld",
    "answer_reason": "含商业秘密",
    "answer_basis": "《条例》第十五条",
}


def filed(bureau: Bureau, at: str = "2026-02-13 10:00", **form: Any) -> str:
    bureau.at(at)
    return bureau.file(ITEM, by="gongkai", applicant=APPLICANT, form=FORM | form)


def clear(bureau: Bureau, at: str = "2026-02-13 10:00") -> str:
    no = filed(bureau, at)
    bureau.do("gongkai", no, "examine", "clear")
    return no


def excessive(bureau: Bureau) -> str:
    no = filed(bureau)
    bureau.do("gongkai", no, "examine", "excessive")
    return no


def signed(bureau: Bureau, no: str, **answer: Any) -> None:
    bureau.do("danganshi", no, "search", "draft", **(DRAFT | answer))
    bureau.do("fazhi", no, "legality", "pass")
    bureau.do("gongkaizhang", no, "decide", "sign", **answer)


def served(bureau: Bureau, no: str) -> None:
    bureau.do("gongkai", no, "deliver", delivery_method="mail", delivery_receiver="王小明", delivery_tracking="SF1")
