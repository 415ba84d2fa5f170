"""Nothing changes unless our own page asked for it."""

import pytest

from engine.access import Role
from tests.integration.web.office import PASSWORD, Office

CHANGE = "/admin/organisation/departments"
GIVEN = {"name": "审批局", "code": "SPJ"}


def admin_of(office: Office):
    browser = office.person("boss", roles=(Role.ADMIN,))
    browser.get("/inbox")
    return browser


def departments(office: Office) -> int:
    return len(office.house.queries.admin.departments())


def test_the_pages_own_token_is_accepted(office: Office) -> None:
    boss = admin_of(office)

    boss.send(CHANGE, GIVEN)

    assert boss.status == 200
    assert departments(office) == 1


@pytest.mark.parametrize("origin", ["http://localhost", None])
def test_our_own_origin_or_none_at_all_is_accepted_with_the_token(office: Office, origin: str | None) -> None:
    boss = admin_of(office)
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"} if origin else {}

    boss.send(CHANGE, GIVEN, headers=headers)

    assert departments(office) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost"},  # another scheme is another origin
        {"Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_request_from_elsewhere_is_refused_even_with_the_token(office: Office, headers: dict[str, str]) -> None:
    boss = admin_of(office)

    boss.send(CHANGE, GIVEN, headers=headers)

    assert boss.status == 403
    assert "页面已过期" in boss.text
    assert departments(office) == 0


@pytest.mark.parametrize("token", ["", "x", "x" * 43])
def test_a_missing_or_wrong_token_is_refused_with_a_way_on(office: Office, token: str) -> None:
    boss = admin_of(office)

    boss.send(CHANGE, {**GIVEN, "csrf": token})

    assert boss.status == 403
    assert boss.page.find("a", string="回到待办") is not None
    assert departments(office) == 0


def test_another_persons_token_is_worth_nothing(office: Office) -> None:
    boss, other = admin_of(office), office.person("other", roles=(Role.ADMIN,))
    other.get("/inbox")

    boss.send(CHANGE, {**GIVEN, "csrf": other.token})

    assert boss.status == 403
    assert departments(office) == 0


def test_the_token_of_the_page_before_sign_in_is_worth_nothing_afterwards(office: Office) -> None:
    boss = office.employ("boss", roles=(Role.ADMIN,))
    boss.get("/login")
    early = boss.token
    boss.sign_in()

    boss.send(CHANGE, {**GIVEN, "csrf": early})

    assert boss.status == 403


def test_nobody_can_be_signed_in_by_a_strangers_page(office: Office) -> None:
    office.employ("zhang")
    victim = office.stranger()
    victim.get("/login")

    victim.send("/login", {"login": "zhang", "password": PASSWORD, "csrf": "guessed"})

    assert victim.status == 403
    assert victim.client.get_cookie("banjie") is None


def test_a_script_of_the_page_may_send_the_token_in_a_header(office: Office) -> None:
    boss = admin_of(office)

    boss.send(CHANGE, {**GIVEN, "csrf": ""}, headers={"X-CSRF-Token": boss.token})

    assert departments(office) == 1
