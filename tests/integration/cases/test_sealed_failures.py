"""Who asked for confidentiality stands nowhere in the clear, also where something failed."""

import json

from sqlalchemy import select

from engine.access import SYSTEM
from engine.commands.cases.filing import FileCase
from engine.commands.running.incidents import OpenIncident, RetryIncident
from engine.store import tables
from tests.processes.bureau import Bureau
from tests.processes.hotline_12345.calls import CALLER, ITEM, REQUEST, called

CALLED_AGAIN = CALLER | {"name": "不愿具名者"}


def failed(bureau: Bureau, **form: str) -> str:
    """A filing that failed in a step of another order; answers the incident's id."""
    no = called(bureau)
    filing = FileCase(item_code=ITEM, applicant=CALLED_AGAIN, form=REQUEST | form, channel="phone")
    opening = OpenIncident(
        instance_id=bureau.case(no)["instance_id"],
        reason="verb-failed",
        zh="出错",
        en="failed",
        failed=filing.as_json() | {"actor": "huawu"},
    )
    return str(bureau.engine.execute(opening, actor=SYSTEM)["incident_id"])


def kept(bureau: Bureau) -> str:
    with bureau.database.read() as connection:
        rows = connection.execute(select(tables.incident)).all()
    return json.dumps([list(map(str, row)) for row in rows], ensure_ascii=False)


def test_a_confidential_filing_that_failed_is_kept_without_its_caller_and_filed_again_by_who_took_it(
    bureau: Bureau,
) -> None:
    incident = failed(bureau, confidential="yes")

    assert CALLED_AGAIN["name"] not in kept(bureau)
    answer = bureau.execute(RetryIncident(incident_id=incident), "admin")
    assert answer["asks"] == "huawu"


def test_an_open_one_is_kept_and_tried_again(bureau: Bureau) -> None:
    incident = failed(bureau)

    assert CALLED_AGAIN["name"] in kept(bureau)
    answer = bureau.execute(RetryIncident(incident_id=incident), "admin")
    assert bureau.case(answer["answer"]["no"])["applicant_name"] == CALLED_AGAIN["name"]
