"""Signing in and out: sessions live on the server, guesses are braked, and nothing tells who exists."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from engine.access import Role
from engine.cli.bench.measuring import counted
from engine.commands.administration.people import DisablePerson
from engine.store import tables
from tests.integration.web.office import PASSWORD, Office
from web import WebSettings


def cookie_of(browser) -> str:
    cookie = browser.client.get_cookie("banjie")
    return cookie.value if cookie else ""


def test_the_right_password_opens_the_inbox(office: Office) -> None:
    zhang = office.employ("zhang")

    zhang.sign_in()

    assert zhang.status == 200
    assert "没有待办" in zhang.text


def test_the_cookie_is_out_of_reach_for_scripts_and_only_its_hash_is_stored(office: Office) -> None:
    zhang = office.employ("zhang")
    zhang.get("/login")
    answer = zhang.client.post("/login", data={"csrf": zhang.token, "login": "zhang", "password": PASSWORD})

    header = next(value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("banjie="))
    with office.database.read() as connection:
        stored = [row.id_hash for row in connection.execute(tables.session.select())]

    assert "HttpOnly" in header and "SameSite=Lax" in header
    assert len(stored) == 1 and cookie_of(zhang) not in stored


def test_with_https_the_cookie_is_bound_to_the_host(database, tmp_path) -> None:
    office = Office(database, tmp_path, settings=WebSettings(secret=b"x", https=True))
    zhang = office.employ("zhang")
    zhang.get("/login", base_url="https://localhost")
    answer = zhang.client.post(
        "/login", data={"csrf": zhang.token, "login": "zhang", "password": PASSWORD}, base_url="https://localhost"
    )

    header = next(value for name, value in answer.headers if name == "Set-Cookie" and "__Host-banjie=" in value)

    assert "Secure" in header and "Path=/" in header and "Domain" not in header
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_each_sign_in_makes_a_new_session_whatever_cookie_came_along(office: Office) -> None:
    zhang = office.employ("zhang")
    zhang.client.set_cookie("banjie", "chosen-by-an-attacker")

    zhang.sign_in()

    assert cookie_of(zhang) not in ("", "chosen-by-an-attacker")


@pytest.mark.parametrize(
    "login, password", [("zhang", "wrong password!"), ("nobody", PASSWORD), ("", ""), ("zhang", "")]
)
def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(office: Office, login: str, password: str) -> None:
    office.employ("zhang")
    stranger = office.stranger()
    stranger.get("/login")

    stranger.send("/login", {"login": login, "password": password})

    assert stranger.status == 401
    assert stranger.messages == ["账号或密码不正确。"]


@pytest.mark.parametrize("login", ["zhang", "left", "nobody", ""])
def test_whoever_signs_in_in_vain_is_worth_one_verification_and_the_same_queries(
    office: Office, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not timed: the work itself is counted. The known, the disabled and the unknown cost the same."""
    office.employ("zhang")
    office.employ("left")
    office.house.engine.execute(DisablePerson(login="left"), actor=office.house.admin)
    stranger = office.stranger()
    stranger.get("/login")
    stranger.send(
        "/login", {"login": "somebody.else", "password": "wrong password!"}
    )  # the address is known from now on
    verified: list[str] = []
    real = PasswordHasher.verify

    def watched(self: PasswordHasher, stored: str, password: str) -> bool:
        verified.append(stored.rsplit("$", 2)[0])
        return real(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    with counted(office.house.database.engine) as first:
        stranger.send("/login", {"login": login, "password": "wrong password!"})
    with counted(office.house.database.engine) as second:
        stranger.send("/login", {"login": "never.heard.of", "password": "wrong password!"})

    assert verified[0] == verified[1]  # the same kind of hash at the same cost
    assert len(verified) == 2
    assert first.statements == second.statements


def test_a_disabled_person_is_out_at_once_and_cannot_come_back(office: Office) -> None:
    zhang = office.person("zhang")
    office.house.engine.execute(DisablePerson(login="zhang"), actor=office.house.admin)

    zhang.get("/inbox")
    assert zhang.status == 303

    zhang.sign_in()
    assert zhang.status == 401


def test_guessing_is_braked_for_the_account_and_opens_again_with_time(office: Office) -> None:
    zhang = office.employ("zhang")
    zhang.get("/login")
    for _ in range(5):
        zhang.send("/login", {"login": "zhang", "password": "a wrong guess"})

    zhang.send("/login", {"login": "zhang", "password": PASSWORD})
    assert zhang.status == 429
    assert int(zhang.answer.headers["Retry-After"]) >= 1
    assert "秒后再试" in zhang.messages[0]

    office.wait(timedelta(minutes=1))
    zhang.send("/login", {"login": "zhang", "password": PASSWORD})
    assert zhang.status == 200


def test_a_day_of_guessing_gets_about_a_hundred_tries(office: Office) -> None:
    office.employ("zhang")
    stranger = office.stranger()
    stranger.get("/login")
    tries, end = 0, office.wall + timedelta(days=1)
    while office.wall < end:
        stranger.client.post("/login", data={"csrf": stranger.token, "login": "zhang", "password": "guess"})
        answer = stranger.client.post("/login", data={"csrf": stranger.token, "login": "zhang", "password": "guess"})
        blocked = answer.status_code == 429
        tries += 1 if blocked else 2
        office.wait(timedelta(seconds=int(answer.headers["Retry-After"])) if blocked else timedelta(0))

    assert tries <= 110


def test_one_address_that_guesses_at_many_accounts_is_braked_too(office: Office) -> None:
    office.employ("zhang")
    stranger = office.stranger()
    stranger.get("/login")
    for number in range(30):
        stranger.send("/login", {"login": f"person{number}", "password": "guess"})

    stranger.send("/login", {"login": "zhang", "password": PASSWORD})

    assert stranger.status == 429


def test_signing_in_in_between_does_not_free_an_address_for_more_guesses(office: Office) -> None:
    """The sign-in takes back its own try, no more."""
    attacker, guesser = office.employ("attacker"), office.stranger()
    guesser.get("/login")
    for number in range(29):
        guesser.client.post("/login", data={"csrf": guesser.token, "login": f"p{number}", "password": "guess"})

    attacker.sign_in()
    assert attacker.status == 200
    guesser.client.post("/login", data={"csrf": guesser.token, "login": "p29", "password": "guess"})
    answer = guesser.client.post("/login", data={"csrf": guesser.token, "login": "p30", "password": "guess"})

    assert answer.status_code == 429


def test_a_session_ends_after_thirty_idle_minutes(office: Office) -> None:
    zhang = office.person("zhang")

    office.wait(timedelta(minutes=29))
    zhang.get("/inbox")
    assert zhang.status == 200

    office.wait(timedelta(minutes=31))
    zhang.get("/inbox")
    assert zhang.status == 303
    assert "/login" in zhang.answer.headers["Location"]


def test_a_session_ends_after_eight_hours_however_busy(office: Office) -> None:
    zhang = office.person("zhang")
    for _ in range(24):
        office.wait(timedelta(minutes=20))
        zhang.get("/inbox")
    assert zhang.status == 200

    office.wait(timedelta(minutes=1))
    zhang.get("/inbox")

    assert zhang.status == 303


def test_a_page_that_refreshes_itself_does_not_keep_a_session_alive(office: Office) -> None:
    zhang = office.person("zhang")
    for _ in range(31):
        office.wait(timedelta(minutes=1))
        answer = zhang.client.get("/inbox/counts", headers={"Accept": "application/json"})

    assert answer.status_code == 401


def test_the_engines_frozen_clock_neither_keeps_nor_ends_sessions(office: Office) -> None:
    zhang = office.person("zhang")

    office.house.now += timedelta(days=300)
    zhang.get("/inbox")

    assert zhang.status == 200


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    zhang = office.person("zhang")
    cookie = cookie_of(zhang)

    zhang.send("/logout")
    zhang.client.set_cookie("banjie", cookie)
    zhang.get("/inbox")

    assert zhang.status == 303


def test_after_signing_in_one_is_where_one_wanted_to_be(office: Office) -> None:
    zhang = office.employ("zhang")

    zhang.get("/inbox/done?q=x")
    zhang.get(zhang.answer.headers["Location"])
    next_field = zhang.page.find("input", attrs={"name": "next"})
    zhang.send("/login", {"login": "zhang", "password": PASSWORD, "next": next_field["value"]})

    assert zhang.answer.request.full_path == "/inbox/done?q=x"


def test_next_never_leads_to_another_house(office: Office) -> None:
    zhang = office.employ("zhang")
    zhang.get("/login?next=//evil.example/")

    assert zhang.page.find("input", attrs={"name": "next"})["value"] == "/"

    answer = zhang.client.post(
        "/login",
        data={"csrf": zhang.token, "login": "zhang", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer.headers["Location"] == "/"


def test_who_is_signed_in_already_is_not_asked_again(office: Office) -> None:
    zhang = office.person("zhang")

    zhang.get("/login?next=/inbox/done")

    assert zhang.status == 303
    assert zhang.answer.headers["Location"] == "/inbox/done"


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(office: Office) -> None:
    zhang = office.person("zhang")
    elsewhere = type(zhang)(office.app.test_client(), "zhang").sign_in()
    new = "a quite new password"

    zhang.get("/account/password")
    zhang.send("/account/password", {"old": "not mine", "new": new, "again": new})
    assert zhang.status == 422
    assert "现在的密码不正确" in zhang.text

    zhang.send("/account/password", {"old": PASSWORD, "new": new, "again": "something else"})
    assert "两次输入的新密码不一致" in zhang.text

    zhang.send("/account/password", {"old": PASSWORD, "new": "zhang-zhang", "again": "zhang-zhang"})
    assert "密码不能包含账号名" in zhang.text

    zhang.send("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert zhang.status == 200
    elsewhere.get("/inbox")
    assert elsewhere.status == 303
    assert elsewhere.sign_in(new).status == 200


def test_sign_ins_are_in_the_audit_trail_and_passwords_are_not(office: Office) -> None:
    admin = office.person("boss", roles=(Role.ADMIN,))
    office.person("zhang").send("/logout")

    kinds = [row["kind"] for row in office.house.queries.admin.admin_history()]
    admin.get("/admin/audit")

    assert {"PersonSignedIn", "PersonSignedOut", "PasswordSet"} <= set(kinds)
    assert PASSWORD not in admin.answer.text
    assert "argon2" not in admin.answer.text


def test_the_language_chosen_on_the_page_of_signing_in_stays(office: Office) -> None:
    zhang, wang = office.employ("zhang"), office.employ("wang")
    zhang.get("/login?lang=en")

    zhang.sign_in()
    assert zhang.page.html is not None and zhang.page.html["lang"] == "en"

    # whoever sits down at the same desk next reads as they are used to
    zhang.send("/logout", {})
    zhang.login = wang.login
    zhang.sign_in()
    assert zhang.page.html is not None and zhang.page.html["lang"] == "zh-CN"
