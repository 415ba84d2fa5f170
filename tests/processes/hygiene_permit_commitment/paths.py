"""How cases of 公共场所卫生许可 come to where the tests begin."""

from typing import Any

from engine.store import tables
from engine.store.rows import cases
from tests.processes.bureau import Bureau

ITEM = "000123015000"
HOTEL = {"kind": "organisation", "name": "星河市云来酒店有限公司", "id_number": "91510100MA00000022"}
FORM = {
    "place_name": "云来酒店",
    "place_address": "银河大道8号",
    "place_kind": "lodging",
    "floor_area": 3000,
    "staff_count": 40,
    "air_conditioning": "yes",
    "manager": "孙八",
    "manager_phone": "13900000000",
    "declaration": True,
}


REDUCED: dict[str, Any] = {"M01": {}, "M02": {}, "M03": {}}  # what a commitment needs before the decision
ALL = REDUCED | {"L01": {}, "L02": {}}


def filed(bureau: Bureau, at: str = "2026-09-21 10:00", offered: dict[str, Any] = REDUCED) -> str:
    bureau.at(at)
    return bureau.file(ITEM, applicant=HOTEL, form=FORM, offered=offered)


def committed(bureau: Bureau, no: str) -> None:
    """The applicant chose the commitment and signed it."""
    bureau.do("chuangkou", no, "choose", "choose", notice_received=True)
    bureau.do("chuangkou", no, "sign", commitment_signer="赵六")


def granted(bureau: Bureau, at: str = "2026-09-21 10:00") -> str:
    """Granted on a commitment the same day."""
    no = filed(bureau, at)
    committed(bureau, no)
    bureau.do("chuangkou", no, "examine_form")
    bureau.do("juzhang", no, "decide_today", "approve")
    return no


def examined(bureau: Bureau, no: str) -> None:
    """The ordinary procedure as far as the decision."""
    bureau.do(
        "weisheng", no, "review", "pass", site_visit="2026-09-24", site_officers="郑丽、王芳", review_record="符合要求"
    )
    bureau.do("shenhe", no, "audit", "agree")


RECORD = {"inspected_on": "2026-10-12", "inspection_record": "消毒设施不全"}


def opened(bureau: Bureau) -> tuple[str, str]:
    """A granted case and its verification, with two officers assigned."""
    no = granted(bureau)
    child = f"{no}-01"
    bureau.do("jiandu", child, "assign", inspector_1="hecha1", inspector_2="韩梅")
    return no, child


def inspected(bureau: Bureau, child: str, outcome: str, comment: str = "", **record: str) -> None:
    bureau.do("hecha1", child, "inspect", outcome, comment, **(RECORD | record))
    bureau.do("hecha2", child, "confirm", "confirm")


def set_class(bureau: Bureau, credit_class: str) -> None:
    """The credit platform told the class of the applicant."""
    with bureau.engine.database.write() as connection:
        value = {HOTEL["id_number"]: credit_class}
        connection.execute(tables.setting.insert().values(key=cases.CREDIT_CLASSES_KEY, value=value))


def delivered(bureau: Bureau, no: str) -> None:
    bureau.do("chuangkou", no, "deliver", delivery_method="electronic", delivery_receiver="赵六")
