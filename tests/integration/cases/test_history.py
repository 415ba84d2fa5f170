"""What is kept of cases: the history alone explains every row, and its chain holds."""

from typing import Any

import pytest
from sqlalchemy import select

from engine.access import Verb, may
from engine.commands.procedures.credit import RepairCredit
from engine.store import tables
from engine.store.base.history import verify
from engine.store.projections.projector import replay
from tests.integration.cases.filing import COMPLETE, filed
from tests.processes.bureau import ADMIN, SECRET, Bureau

OFFICE = (
    tables.case_file,
    tables.material,
    tables.attachment,
    tables.opinion,
    tables.document,
    tables.clock,
    tables.credit_event,
)


def rows_of(bureau: Bureau, table: Any) -> dict[Any, dict[str, Any]]:
    keys = {column.name: column.key for column in table.c}
    with bureau.database.read() as connection:
        found = [dict(row._mapping) for row in connection.execute(select(table))]
    return {row["id"]: {keys[name]: value for name, value in row.items()} for row in found}


def walked(bureau: Bureau) -> None:
    """Cases that leave rows of every kind behind."""
    bureau.at("2026-09-21 10:00")
    plain = filed(bureau)
    bureau.upload(plain, "M01")
    bureau.judge(plain, "M02", "rejected", "已过期")
    bureau.upload(plain, "M02")
    bureau.do("chuangkou", plain, "examine_materials")
    broken = filed(bureau, offered={code: {} for code in COMPLETE if code != "S03"})
    bureau.do("chuangkou", broken, "examine_materials")
    bureau.do("chuangkou", broken, "sign_promise", "sign", promise_signer="王五")
    project = {
        "project_name": "星河一号", "project_code": "2026-510100-47-01-123456", "project_site": "天府大道1号",
        "building_area": 12000, "investment": 6000, "contractor": "星河建工", "planned_start": "2026-12-01",
        "drainage": "no", "declaration": True,
    }  # fmt: skip
    joint = filed(bureau, item_code="000117012000", form=project, offered={})
    for login in ("xiaofang", "renfang", "zhian"):
        bureau.do(login, joint, "precheck_materials", "complete")
    bureau.do("renfang", joint, "give_opinion", "disagree", "面积不足", opinion_basis="《人民防空法》第二十二条")
    bureau.at("2026-10-10 09:00")
    credit = bureau.credit("91510100MA00000001")[0]
    bureau.execute(RepairCredit(credit_id=credit["id"], reason="已整改"), "ducha")


def test_the_history_alone_rebuilds_every_row_of_the_office(bureau: Bureau) -> None:
    walked(bureau)

    rebuilt: dict[Any, dict[Any, dict[str, Any]]] = {table: {} for table in OFFICE}
    with bureau.database.read() as connection:
        for stream in connection.execute(select(tables.process_instance.c.id)).scalars().all():
            rows = replay(connection, stream)
            for table in OFFICE:
                rebuilt[table] |= {key[0]: row for key, row in rows.tables.get(table, {}).items()}

    for table in OFFICE:
        stored = rows_of(bureau, table)
        assert stored, f"nothing in {table.name}: the walk leaves something out"
        assert rebuilt[table] == stored, table.name


def test_the_chains_of_all_histories_hold(bureau: Bureau) -> None:
    walked(bureau)

    with bureau.database.read() as connection:
        count, problems = verify(connection, SECRET)

    assert count > 100 and problems == []


@pytest.mark.parametrize("login", ["ducha", "shenji", "admin"])
def test_oversight_sees_every_case_and_departments_only_theirs(bureau: Bureau, login: str) -> None:
    no = filed(bureau)
    case = bureau.case(no)
    facts = bureau.queries.cases.facts(case)

    assert may(ADMIN if login == "admin" else bureau.person(login), Verb.VIEW_CASE, facts).allowed
    assert not may(bureau.person("xiaofang"), Verb.VIEW_CASE, facts).allowed
    assert may(bureau.person("chuangkou2"), Verb.VIEW_CASE, facts).allowed, "the task is offered to the window"
