"""A permit with a verification under it on its pages: who may see both finds the way, who may see one sees only that it is there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.access import Verb, may
from engine.commands.administration.people import SetPassword
from tests.integration.web.office import CHEAP, PASSWORD, Browser, application
from tests.processes.bureau import Bureau
from tests.processes.hygiene_permit_commitment.paths import RECORD, opened
from web import WebSettings

TABS = ("overview", "form", "process", "clocks", "materials", "documents", "supervision")


class Desks:
    """People who sit before the pages of a permit and of its verification."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self.permit, self.verification = opened(bureau)
        wall = bureau.now + timedelta(minutes=1)
        self.app = application(bureau, WebSettings(secret=b"pages"), lambda: wall)

    def desk(self, login: str) -> Browser:
        actor = self.bureau.person(login)
        self.bureau.engine.execute(SetPassword(login=login, password_hash=CHEAP.hash(PASSWORD)), actor=actor)
        return Browser(self.app.test_client(), login).sign_in()

    def instance(self, no: str) -> str:
        row = self.bureau.queries.cases.get(no)
        assert row is not None
        return str(row["instance_id"])


@pytest.fixture
def desks(bureau: Bureau) -> Desks:
    return Desks(bureau)


@pytest.mark.parametrize(
    ("login", "sees_permit", "sees_verification"),
    [
        ("chuangkou", True, False),  # filed the permit
        ("juzhang", True, False),  # decided it
        ("jiandu", True, True),  # heads the department
        ("hecha1", True, True),  # inspects, and has to know what was promised
        ("hecha2", False, False),  # is to confirm it and has no task of it yet
        ("ducha", True, True),  # oversees all
        ("shuiwu", False, False),  # has nothing to do with it
    ],
)
def test_each_page_of_both_opens_for_whoever_may_see_it(
    desks: Desks, login: str, sees_permit: bool, sees_verification: bool
) -> None:
    desk = desks.desk(login)

    for no, seen in ((desks.permit, sees_permit), (desks.verification, sees_verification)):
        pages = [f"/cases/{no}?tab={tab}" for tab in TABS] + [f"/cases/{no}/sheet", f"/cases/{no}/receipt"]
        for address in pages:
            desk.get(address)
            assert desk.status == (200 if seen else 404), address
        desk.get(f"/instances/{desks.instance(no)}")
        assert desk.status == (302 if seen else 404)  # the instance of a case leads to the case


def test_the_verification_is_named_to_all_and_is_a_way_only_for_whoever_may_open_it(desks: Desks) -> None:
    clerk, overseer = desks.desk("chuangkou"), desks.desk("ducha")

    for desk, leads_there in ((clerk, False), (overseer, True)):
        page = desk.get(f"/cases/{desks.permit}")
        assert "关联办件" in desk.text and desks.verification in desk.text
        assert bool(page.select(f'a[href="/cases/{desks.verification}"]')) is leads_there


def test_the_permit_is_named_on_the_verification_and_is_a_way_only_for_whoever_may_open_it(desks: Desks) -> None:
    inspector = desks.desk("hecha1")
    way = f'a[href="/cases/{desks.permit}"]'
    assert inspector.get(f"/cases/{desks.verification}").select(way)
    assert "来自办件" in inspector.text

    desks.bureau.do("hecha1", desks.verification, "inspect", "conform", **RECORD)

    assert not inspector.get(f"/cases/{desks.verification}").select(way), (
        "only as long as the task lies with the inspector"
    )
    assert "来自办件" in inspector.text
    inspector.get(f"/cases/{desks.permit}")
    assert inspector.status == 404
    confirming = desks.desk("hecha2")
    confirming.get(f"/cases/{desks.permit}")
    assert confirming.status == 200


def test_whoever_verifies_reads_the_permit_and_does_nothing_on_it(desks: Desks) -> None:
    facts = desks.bureau.queries.cases.facts(desks.bureau.case(desks.permit))
    actor = desks.bureau.person("hecha1")

    stranger = replace(facts, inspectors=frozenset())
    more = {verb for verb in Verb if may(actor, verb, facts).allowed and not may(actor, verb, stranger).allowed}

    assert more == {Verb.VIEW_CASE}
