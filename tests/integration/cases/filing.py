"""An ordinary application for tests that only need a case."""

from typing import Any

from engine.commands.cases.filing import FileCase
from tests.processes.bureau import Bureau

FOOD = "000131010000"
SHOP = {"kind": "organisation", "name": "星河市美味餐饮有限公司", "id_number": "91510100MA00000001"}
FORM = {
    "shop_name": "美味小馆",
    "shop_address": "星河路1号",
    "business_kind": "catering",
    "floor_area": 80,
    "business_items": ["hot_dishes"],
    "safety_manager": "李四",
    "safety_manager_phone": "13800000000",
    "online_sales": "no",
    "declaration": True,
}
COMPLETE: dict[str, dict[str, str]] = {code: {} for code in ("M01", "M02", "M03", "M04", "S01", "S02", "S03")}


def application(**changes: Any) -> FileCase:
    given: dict[str, Any] = {"item_code": FOOD, "applicant": SHOP, "form": FORM, "offered": COMPLETE}
    return FileCase(**(given | changes))


def filed(bureau: Bureau, **changes: Any) -> str:
    return str(bureau.execute(application(**changes), "chuangkou")["no"])
