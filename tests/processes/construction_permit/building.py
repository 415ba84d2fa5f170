"""A construction permit, on its way through the departments."""

from typing import Any

from tests.processes.bureau import Bureau

ITEM = "000117012000"
BUILDER = {"kind": "organisation", "name": "星河市城投置业有限公司", "id_number": "91510100MA00000011"}
FORM = {
    "project_name": "星河一号",
    "project_code": "2026-510100-47-01-123456",
    "project_site": "天府大道1号",
    "building_area": 12000,
    "investment": 6000,
    "contractor": "星河建工集团",
    "planned_start": "2026-12-01",
    "drainage": "no",
    "declaration": True,
}
DRAINAGE = {"drainage": "yes", "drainage_outlet": "天府大道西侧"}
MATERIALS: dict[str, dict[str, str]] = {code: {} for code in ("M01", "M02", "M03", "M04", "M05", "M06", "M07")}
# login -> branch
DEPARTMENTS = {"xiaofang": "fire", "renfang": "air_defence", "zhian": "quality"}


def filed(bureau: Bureau, at: str = "2026-09-21 10:00", applicant: dict[str, str] = BUILDER, **form: Any) -> str:
    bureau.at(at)
    return bureau.file(ITEM, applicant=applicant, form=FORM | form, offered=MATERIALS)


def accepted(bureau: Bureau, at: str = "2026-09-21 10:00", **form: Any) -> str:
    """All departments found the materials complete."""
    no = filed(bureau, at, **form)
    for login in [*DEPARTMENTS, *(["paishui"] if form.get("drainage") == "yes" else [])]:
        bureau.do(login, no, "precheck_materials", "complete")
    return no


def agreed(bureau: Bureau, no: str, *logins: str) -> None:
    for login in logins or DEPARTMENTS:
        bureau.do(login, no, "give_opinion", "agree")


def decided(bureau: Bureau, no: str, outcome: str = "approve", comment: str = "", **form: Any) -> None:
    bureau.do("qiantou", no, "draft", "approve" if outcome == "approve" else "refuse", comment)
    bureau.do("juzhang", no, "decide", outcome, comment, **form)
