"""延长办理期限: asked for before the limit, once, approved by the right head in the inbox, told with reasons."""

from datetime import date

import pytest

from engine.commands.cases.extensions import RequestExtension
from engine.errors import Conflict, InvalidInput, NotFound
from tests.integration.cases.filing import filed
from tests.processes.bureau import Bureau
from tests.processes.construction_permit.building import FORM as PROJECT

JOINT = "000117012000"


def asked(bureau: Bureau, no: str, by: str = "shipin", reason: str = "案情复杂，需补充核查") -> dict[str, object]:
    return bureau.execute(RequestExtension(no=no, reason=reason), by)


def under_review(bureau: Bureau) -> str:
    """A food permit accepted on Monday 2026-09-21: promised until 10-12."""
    bureau.at("2026-09-21 10:00")
    no = filed(bureau)
    bureau.do("chuangkou", no, "examine_materials")
    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 12))
    return no


def test_the_head_of_the_organ_grants_it_and_the_applicant_is_told_why(bureau: Bureau) -> None:
    no = under_review(bureau)
    before = bureau.clock(no, "statutory")[1]

    answer = asked(bureau, no)
    assert (answer["extension"], answer["approvers"]) == ("10wd", "deciders")
    bureau.do("juzhang", no, "approve", "approve", "同意")

    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 26))
    assert bureau.clock(no, "statutory")[1] > before
    assert "案情复杂，需补充核查" in bureau.document(no, "extension") and "经高远批准" in bureau.document(
        no, "extension"
    )
    assert bureau.state(no) == "extended" and bureau.case(no)["facts"]["extension"]["state"] == "granted"


def test_what_is_asked_for_before_the_limit_counts_when_it_is_granted_after_it(bureau: Bureau) -> None:
    no = under_review(bureau)
    bureau.at("2026-10-12 16:00")
    asked(bureau, no)
    bureau.at("2026-10-13 09:00")

    bureau.do("juzhang", no, "approve", "approve")

    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 26))


def test_after_the_limit_none_is_asked_for(bureau: Bureau) -> None:
    no = under_review(bureau)
    bureau.at("2026-10-13 09:00")

    with pytest.raises(Conflict, match="before that"):
        asked(bureau, no)


def test_once_and_one_at_a_time(bureau: Bureau) -> None:
    no = under_review(bureau)
    asked(bureau, no)
    with pytest.raises(Conflict, match="already"):
        asked(bureau, no)
    bureau.do("juzhang", no, "approve", "approve")

    with pytest.raises(Conflict, match="one extension"):
        asked(bureau, no)


def test_a_refusal_leaves_the_limit_and_another_request_may_follow(bureau: Bureau) -> None:
    no = under_review(bureau)
    asked(bureau, no)
    bureau.do("juzhang", no, "approve", "refuse", "理由不充分")

    assert bureau.clock(no, "promised") == ("running", date(2026, 10, 12))
    assert bureau.case(no)["facts"]["extension"]["answer"] == "理由不充分"
    assert bureau.history(no, "ExtensionRefused") and asked(bureau, no, reason="补充检测报告")["no"] == no


def test_the_extension_of_joint_handling_is_granted_by_the_government(bureau: Bureau) -> None:
    bureau.at("2026-09-21 09:00")
    no = filed(bureau, item_code=JOINT, form=PROJECT, offered={})
    for login in ("xiaofang", "renfang", "zhian"):
        bureau.do(login, no, "precheck_materials", "complete")
    statutory = bureau.clock(no, "statutory")[1]

    answer = asked(bureau, no, by="xiaofang")
    assert (answer["extension"], answer["approvers"]) == ("15wd", "government_heads")
    assert bureau.sees("juzhang", no) == []
    bureau.do("shizhang", no, "approve", "approve")

    assert "经方正批准" in bureau.document(no, "extension")
    assert bureau.clock(no, "statutory")[1] > statutory


def test_a_request_lapses_when_the_case_is_over_meanwhile(bureau: Bureau) -> None:
    no = under_review(bureau)
    asked(bureau, no)
    bureau.withdraw(no)

    bureau.do("juzhang", no, "approve", "approve")

    assert bureau.case(no)["facts"]["extension"]["state"] == "lapsed" and bureau.state(no) == "withdrawn"


def test_who_does_not_work_on_the_case_asks_for_nothing_and_nobody_without_reasons(bureau: Bureau) -> None:
    no = under_review(bureau)

    with pytest.raises(NotFound):
        asked(bureau, no, by="xiaofang")
    with pytest.raises(InvalidInput):
        asked(bureau, no, reason=" ")
    bureau.at("2026-09-21 11:00")
    draft = filed(bureau)
    with pytest.raises(Conflict, match="no limit that runs"):
        asked(bureau, draft, by="chuangkou")


def test_the_head_who_decides_may_read_the_case(bureau: Bureau) -> None:
    from engine.access import Verb, may

    no = under_review(bureau)
    juzhang = bureau.person("juzhang")
    assert not may(juzhang, Verb.VIEW_CASE, bureau.queries.cases.facts(bureau.case(no))).allowed

    asked(bureau, no)

    assert may(juzhang, Verb.VIEW_CASE, bureau.queries.cases.facts(bureau.case(no))).allowed
