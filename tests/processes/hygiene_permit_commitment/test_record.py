"""Everything that happened to a case on commitment stands in its history, and the rows can be built from it again."""

from typing import Any

from sqlalchemy import Connection, Table, select

from engine.store import tables
from engine.store.base.history import verify
from engine.store.projections.projector import MemoryRows, replay
from tests.processes.bureau import SECRET, Bureau
from tests.processes.hygiene_permit_commitment.paths import delivered, granted, inspected, opened

# Kept beside the projection: the machine's own text, the ends of the chain, and the command that an incident can retry.
BESIDE = {"machine_state", "search_text", "revision", "history_seq", "history_hash", "anchor", "command"}
OF_CASE = (tables.material, tables.clock, tables.document, tables.attachment, tables.credit_event)


def revoked(bureau: Bureau) -> list[str]:
    """A licence that was granted, supplemented in part, checked twice and revoked; its case and the verification."""
    no, child = opened(bureau)
    delivered(bureau, no)
    bureau.upload(no, "L01")
    bureau.at("2026-10-12 10:00")
    inspected(bureau, child, "nonconform", "消毒设施不全", inspection_items="配齐消毒柜")
    bureau.at("2026-11-12 09:00")
    inspected(bureau, child, "nonconform", "仍未配齐", inspection_items="配齐消毒柜")
    bureau.at("2026-11-18 09:00")
    bureau.do("juzhang", child, "decide_revocation", "revoke", "逾期不整改")
    bureau.at("2026-11-18 10:00")
    return [no, child]


def rows_of(connection: Connection, table: Table, case: dict[str, Any]) -> dict[Any, dict[str, Any]]:
    """The rows of a case as they are stored."""
    statement = select(table)
    if table is tables.case_file:
        statement = statement.where(table.c.id == case["id"])
    elif table in OF_CASE:
        statement = statement.where(table.c.case_id == case["id"])
    elif table is tables.process_instance:
        statement = statement.where(table.c.id == case["instance_id"])
    else:
        statement = statement.where(table.c.instance_id == case["instance_id"])
    return {
        tuple(row._mapping[column] for column in table.primary_key.columns): shown(
            {column.key: row._mapping[column] for column in table.columns}
        )
        for row in connection.execute(statement)
    }


def shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in BESIDE}


def test_the_rows_of_case_and_verification_are_rebuilt_from_their_histories(bureau: Bureau) -> None:
    numbers = revoked(bureau)

    with bureau.engine.database.read() as connection:
        rebuilt = MemoryRows()
        for no in numbers:
            replay(connection, bureau.case(no)["instance_id"], rebuilt)
        for table in (tables.case_file, tables.process_instance, tables.task, *OF_CASE):
            stored: dict[Any, dict[str, Any]] = {}
            for no in numbers:
                stored |= rows_of(connection, table, bureau.case(no))
            assert {key: shown(row) for key, row in rebuilt.tables[table].items()} == stored, table.name


def test_the_histories_of_a_revoked_licence_verify(bureau: Bureau) -> None:
    revoked(bureau)

    with bureau.engine.database.read() as connection:
        count, problems = verify(connection, SECRET)

    assert problems == [] and count > 100


def test_the_story_of_a_commitment_is_told_in_the_order_of_the_law(bureau: Bureau) -> None:
    no = granted(bureau)
    kinds = (
        "CommitmentOffered",
        "CommitmentSigned",
        "CaseAccepted",
        "CaseDecided",
        "CertificateMade",
        "VerificationOpened",
    )

    assert [row["kind"] for row in bureau.history(no, *kinds)] == list(kinds)
