"""Cases as commands need them: one case by number or instance, its parts, counters of numbers, credit, who is at work on it."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, func, select

from engine.access import InstanceFacts
from engine.approval.credit import CreditEvent, CreditStanding
from engine.approval.item import Item, deployed_item
from engine.approval.material import MaterialSlot
from engine.errors import NotFound
from engine.runtime.task import OPEN, TaskState
from engine.store import tables
from engine.store.base.unit_of_work import UnitOfWork, Values

CREDIT_CLASSES_KEY = "credit.classes"  # {applicant id: "A" | "B" | "C"}, from the credit platform

TAKES_MATERIALS = frozenset({"draft", "pre_accept", "received", "correction", "accepted_tol"})

_BY_NUMBER = tables.case_file.select().where(tables.case_file.c.no == bindparam("no"))
_BY_INSTANCE = tables.case_file.select().where(tables.case_file.c.instance_id == bindparam("instance_id"))
_LOCKED_INSTANCE = (
    tables.process_instance.select().where(tables.process_instance.c.id == bindparam("instance_id")).with_for_update()
)
_TASKS = select(
    tables.task.c.state,
    tables.task.c.assignee,
    tables.task.c.closed_by,
    tables.task.c.principal,
    tables.task.c.candidate_users,
    tables.task.c.candidate_groups,
).where(tables.task.c.instance_id == bindparam("instance_id"))

_DONE = select(tables.task.c.closed_at).where(
    tables.task.c.instance_id == bindparam("instance_id"),
    tables.task.c.element_id == bindparam("element_id"),
    tables.task.c.state == TaskState.COMPLETED.value,
)

_FILES = select(func.count()).select_from(tables.attachment).where(tables.attachment.c.case_id == bindparam("case_id"))


def number_of_files(uow: UnitOfWork, case_id: str) -> int:
    """How many files a case was ever given."""
    row = uow.first(_FILES, {"case_id": case_id})
    return int(row[0]) if row is not None else 0


def done_at(uow: UnitOfWork, instance_id: str, element_id: str) -> datetime | None:
    """When the step ``element_id`` of an instance was completed the last time; None when it never was."""
    rows = uow.all(_DONE, {"instance_id": instance_id, "element_id": element_id})
    return max((row.closed_at for row in rows), default=None)


def by_number(uow: UnitOfWork, no: str) -> Values | None:
    """Return the case's row, with its instance's row locked, or None."""
    found = uow.first(_BY_NUMBER, {"no": no})
    if found is None:
        return None
    if found.instance_id is not None:
        lock_instance(uow, found.instance_id)
        # What was read before the lock may be old by now.
        found = uow.first(_BY_NUMBER, {"no": no}) or found
    return uow.remember(tables.case_file, dict(found._mapping))


def of_instance(uow: UnitOfWork, instance_id: str, case_id: str | None = None) -> Values | None:
    """Return the row of the case that this process instance handles; ``case_id``, where known, saves a query."""
    if case_id is not None:
        row = uow.get(tables.case_file, (case_id,))
        if row is not None and row["instance_id"] == instance_id:
            return row
    found = uow.first(_BY_INSTANCE, {"instance_id": instance_id})
    return None if found is None else uow.remember(tables.case_file, dict(found._mapping))


def lock_instance(uow: UnitOfWork, instance_id: str) -> Values:
    """Lock an instance's row and return it: whoever appends to its history holds this lock."""
    found = uow.first(_LOCKED_INSTANCE, {"instance_id": instance_id})
    if found is None:
        raise NotFound(
            f"没有编号为 {instance_id} 的流程实例。",
            f"There is no process instance {instance_id}.",
            instance_id=instance_id,
        )
    return uow.remember(tables.process_instance, dict(found._mapping))


def facts(uow: UnitOfWork, row: Values) -> InstanceFacts:
    """What the access rules need to know of a case: who filed it, and who is at work on it."""
    rows = uow.all(_TASKS, {"instance_id": row["instance_id"]})
    open_rows = [task for task in rows if task.state in OPEN]
    unclaimed = [task for task in open_rows if task.assignee is None]
    people, groups = readers(row)
    return InstanceFacts(
        instance_id=row["no"],
        started_by=row["filed_by"],
        involved=frozenset(
            login for task in rows for login in (task.assignee, task.closed_by, task.principal) if login
        ),
        offered_users=people | {login for task in open_rows for login in task.candidate_users},
        offered_groups=groups | {key for task in open_rows for key in task.candidate_groups},
        holders=frozenset(task.assignee for task in open_rows if task.assignee),
        unclaimed_users=frozenset(login for task in unclaimed for login in task.candidate_users),
        unclaimed_groups=frozenset(key for task in unclaimed for key in task.candidate_groups),
        takes_materials=row["state"] in TAKES_MATERIALS,
        keepers=keepers(row),
    )


def at_work(uow: UnitOfWork, instance_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who has the open tasks of an instance: the people who hold them, and the groups to which unclaimed ones are offered."""
    rows = [row for row in uow.all(_TASKS, {"instance_id": instance_id}) if row.state in OPEN]
    people = {row.assignee for row in rows if row.assignee}
    people |= {login for row in rows if row.assignee is None for login in row.candidate_users}
    groups = {key for row in rows if row.assignee is None for key in row.candidate_groups}
    return tuple(sorted(people)), tuple(sorted(groups))


def keepers(row: Values) -> frozenset[str]:
    """The groups that answer for a case as a whole (the item's role ``keeper``): the centre of the hotline, the registrar."""
    return frozenset((row["facts"].get("keepers") or {}).get("groups", ()))


def readers(row: Values) -> tuple[frozenset[str], frozenset[str]]:
    """The people and groups who were asked to decide something about a case in a process of its own: they may read it."""
    asked = row["facts"].get("readers", ())
    people = frozenset(login for each in asked for login in each["people"])
    return people, frozenset(key for each in asked for key in each["groups"])


# ---------------------------------------------------------------- parts


def slots(uow: UnitOfWork, case_id: str) -> dict[str, MaterialSlot]:
    """Return the materials of a case by code, in the order of their codes."""
    table = tables.material
    rows = uow.all(table.select().where(table.c.case_id == case_id).order_by(table.c.code))
    return {row.code: _slot(row) for row in rows}


def _slot(row: Row[Any]) -> MaterialSlot:
    value = {
        "case_id": row.case_id,
        "code": row.code,
        "name": row.name,
        "material_class": row._mapping[tables.material.c.class_],
        "required": row.required,
        "state": row.state,
        "reason": row.remark,
        **row.facts,
    }
    return MaterialSlot.from_json(value)


def credit_standing(uow: UnitOfWork, applicant_id: str) -> CreditStanding:
    """Return what is recorded against an applicant, and the class that the credit platform gave."""
    table = tables.credit_event
    rows = uow.all(table.select().where(table.c.applicant_id == applicant_id).order_by(table.c.recorded_at))
    classes = uow.get(tables.setting, (CREDIT_CLASSES_KEY,))
    return CreditStanding(
        records=tuple(credit_event(dict(row._mapping)) for row in rows),
        credit_class=(classes["value"] if classes else {}).get(applicant_id, ""),
    )


def credit_event(row: Values) -> CreditEvent:
    """Build a recorded breach from its row."""
    given = {name: row[name] for name in ("id", "applicant_id", "applicant_name", "kind", "reason", "case_id")}
    moments = {name: row[name] and row[name].isoformat() for name in ("recorded_at", "expires_at", "repaired_at")}
    return CreditEvent.from_json({**given, **moments, "repaired_by": row["repaired_by"] or ""})


# ---------------------------------------------------------------- items


def item_row(uow: UnitOfWork, code: str) -> Values:
    """Return the newest version of an item, or raise NotFound."""
    table = tables.item
    row = uow.first(table.select().where(table.c.is_latest, table.c.code == code))
    if row is None:
        raise NotFound(
            f"没有编码为 {code} 的事项。请先部署，或检查编码。",
            f"There is no item {code}. Deploy it first, or check the code.",
            code=code,
        )
    return uow.remember(table, dict(row._mapping))


def item(uow: UnitOfWork, item_id: str) -> Item:
    """Return one version of an item; it was checked when it was deployed."""
    row = uow.get(tables.item, (item_id,))
    if row is None:
        raise NotFound(f"没有编号为 {item_id} 的事项。", f"There is no item {item_id}.", item_id=item_id)
    return deployed_item(row["source"])


# ---------------------------------------------------------------- counters


def next_serial(uow: UnitOfWork, table: Table, prefix: str) -> int:
    """Take the next number of a counter (``case_number`` or ``document_number``), from 1, under the lock of its row.

    Two that open the same counter at once meet at its primary key; the slower command runs again.
    """
    key = (prefix,)
    row = uow.first(table.select().where(table.c.prefix == prefix).with_for_update())
    if row is None:
        uow.insert(table, {"prefix": prefix, "last": 1})
        uow.flush()
        return 1
    known = uow.remember(table, dict(row._mapping))
    serial = int(known["last"]) + 1
    uow.update(table, key, {"last": serial})
    return serial


def setting(uow: UnitOfWork, key: str, default: Any, *, to_change: bool = False) -> Any:
    """Return a setting's value (a copy), or ``default``; ``to_change`` locks it first."""
    statement = tables.setting.select().where(tables.setting.c.key == key)
    row = uow.first(statement.with_for_update() if to_change else statement)
    return default if row is None else json.loads(json.dumps(row.value))


def change_setting(uow: UnitOfWork, key: str, value: Any) -> None:
    """Write a setting."""
    if uow.get(tables.setting, (key,)) is None:
        uow.insert(tables.setting, {"key": key, "value": value})
    else:
        uow.update(tables.setting, (key,), {"value": value})
