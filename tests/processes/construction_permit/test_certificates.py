"""证照: each licence of a package is a certificate of its own: holder, validity, paper, and its own end."""

from datetime import date

import pytest

from engine.approval.certificate import Certificate, CertificateState, last_day, of_case
from engine.calendar import Limit
from engine.commands.administration.people import SetPassword
from engine.commands.cases.certificates import EndCertificate
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.store import tables
from engine.store.projections.projector import replay
from tests.integration.web.office import CHEAP, PASSWORD, Browser, application
from tests.processes.bureau import Bureau
from tests.processes.construction_permit.test_package import drafted
from web import WebSettings
from web.api.cases import Certificate as Shape

DRAINAGE, MAIN = "城镇污水排入排水管网许可证", "建筑工程施工许可证"
WHY = {"reason": "纳管设施拆除", "basis": "《行政许可法》第七十条第六项"}


def granted(bureau: Bureau) -> str:
    no = drafted(bureau, drainage="agree")
    bureau.do("juzhang", no, "decide", "approve")
    return no


def listed(bureau: Bureau, no: str) -> dict[str, Certificate]:
    return {each.title: each for each in bureau.queries.cases.certificates(bureau.case(no))}


def ended(bureau: Bureau, no: str, title: str, state: str = "cancelled", by: str = "juzhang") -> None:
    bureau.execute(EndCertificate(no=no, number=listed(bureau, no)[title].number, state=state, **WHY), by)


def test_each_licence_of_a_package_has_its_number_holder_validity_and_paper(bureau: Bureau) -> None:
    no = granted(bureau)

    found = listed(bureau, no)

    assert list(found) == [DRAINAGE, MAIN] and found[DRAINAGE].number != found[MAIN].number
    assert {each.holder for each in found.values()} == {bureau.case(no)["applicant_name"]}
    today = bureau.local_day(bureau.now)
    assert found[DRAINAGE].valid_until == last_day(today, Limit.parse("60m")) and found[MAIN].valid_until is None
    assert (found[DRAINAGE].code, found[MAIN].code) == ("drainage", "main")
    for each in found.values():
        paper = bureau.queries.cases.document(each.document_id)
        assert paper is not None and paper["number"] == each.number


@pytest.mark.parametrize(("state", "letter"), [("cancelled", "certificate_cancelled"), ("revoked", "revocation")])
def test_one_is_ended_in_writing_with_reason_and_remedies_and_the_other_stays(
    bureau: Bureau, state: str, letter: str
) -> None:
    no = granted(bureau)

    ended(bureau, no, DRAINAGE, state)

    found = listed(bureau, no)
    assert (found[DRAINAGE].state, found[DRAINAGE].reason) == (state, WHY["reason"])
    assert found[DRAINAGE].ended_on == bureau.local_day(bureau.now) and found[MAIN].is_valid
    assert bureau.case(no)["facts"]["certificate"].get("cancelled_on") is None, "that is the lead's own"
    text = bureau.document(no, letter)
    assert (
        found[DRAINAGE].number in text and WHY["reason"] in text and "60日内" in text and found[MAIN].number not in text
    )
    with pytest.raises(Conflict, match="already"):
        ended(bureau, no, DRAINAGE)


def test_only_who_decides_the_item_ends_a_certificate_with_a_reason_and_a_rule(bureau: Bureau) -> None:
    no = granted(bureau)

    for login in ("qiantou", "ducha", "admin"):
        with pytest.raises(Forbidden, match="who decides"):
            ended(bureau, no, DRAINAGE, by=login)
    with pytest.raises(InvalidInput):
        bureau.execute(EndCertificate(no=no, number="x", state="cancelled", reason=" ", basis="x"), "juzhang")
    with pytest.raises(InvalidInput):
        ended(bureau, no, DRAINAGE, "valid")
    with pytest.raises(NotFound):
        bureau.execute(EndCertificate(no=no, number="没有的编号", state="cancelled", **WHY), "juzhang")


def test_what_the_rows_say_is_what_the_history_tells(bureau: Bureau) -> None:
    no = granted(bureau)
    ended(bureau, no, DRAINAGE)
    row = bureau.case(no)
    with bureau.database.read() as connection:
        rebuilt = replay(connection, row["instance_id"]).tables[tables.case_file][(row["id"],)]

    assert rebuilt["facts"] == row["facts"]
    # the API lists them with the case
    told = [Shape.model_validate(each.to_json()).model_dump(mode="json") for each in listed(bureau, no).values()]
    assert [(each["code"], each["state"]) for each in told] == [("drainage", "cancelled"), ("main", "valid")]


def test_certificates_of_before_each_was_kept_by_itself_are_still_listed() -> None:
    papers = [
        {"id": "d1", "number": "1号", "title": DRAINAGE, "facts": {"issued_on": "2026-03-02"}},
        {"id": "d2", "number": "2号", "title": MAIN, "facts": {"issued_on": "2026-03-02"}},
    ]
    old = {"certificate": {"number": "2号", "title": MAIN, "note": "", "cancelled_on": "2026-05-06"}}

    first, last = of_case(old, holder="星河公司", papers=papers)

    assert first.is_valid and (first.title, first.holder, first.document_id) == (DRAINAGE, "星河公司", "d1")
    assert (last.state, last.ended_on) == (CertificateState.CANCELLED, date(2026, 5, 6))
    # one of them is ended now
    later = old | {"certificates": [{"number": "1号", "state": "revoked", "ended_on": "2026-06-01"}]}
    assert [each.state.value for each in of_case(later, holder="星河公司", papers=papers)] == ["revoked", "cancelled"]


@pytest.mark.parametrize(
    ("first", "validity", "last"),
    [
        ("2026-10-09", "60m", "2031-10-08"),
        ("2024-02-29", "48m", "2028-02-28"),
        ("2026-01-31", "1m", "2026-02-27"),
        ("2026-12-01", "1m", "2026-12-31"),
        ("2026-10-09", "10nd", "2026-10-18"),
    ],
)
def test_a_validity_ends_with_the_day_before_the_same_day(first: str, validity: str, last: str) -> None:
    assert last_day(date.fromisoformat(first), Limit.parse(validity)) == date.fromisoformat(last)


def test_the_time_of_a_certificate_runs_out_by_itself() -> None:
    each = Certificate(number="1号", valid_until=date(2031, 10, 8))

    assert not each.has_run_out(date(2031, 10, 8)) and each.has_run_out(date(2031, 10, 9))


def test_the_page_of_the_case_lists_prints_and_ends_them(bureau: Bureau) -> None:
    no = granted(bureau)
    set_password = SetPassword(login="juzhang", password_hash=CHEAP.hash(PASSWORD))
    bureau.execute(set_password, "admin")
    client = application(bureau, WebSettings(secret=b"pages"), lambda: bureau.now).test_client()
    head = Browser(client, "juzhang").sign_in()

    head.get(f"/cases/{no}?tab=documents")
    rows = [row for row in head.rows() if "证〔2026〕" in row and "在有效期内" in row]
    assert len(rows) == 2 and DRAINAGE in rows[0] and "至" in rows[0] and MAIN in rows[1]
    paper = head.page.select_one(f'a[href^="/cases/{no}/documents/"]')["href"]
    head.send(
        f"/cases/{no}/certificates/end", {"number": listed(bureau, no)[DRAINAGE].number, "state": "cancelled", **WHY}
    )

    assert head.status == 200 and "已注销" in head.text and "注销行政许可决定书" in head.text
    head.get(paper)
    assert head.status == 200 and DRAINAGE in head.text
