"""What the API refuses before anything is looked up, and how it says so."""

import json
import re
from datetime import UTC, datetime

import pytest

from engine.cli.bench.measuring import counted
from engine.commands.administration.sessions import OpenSession
from engine.people import hash_secret
from tests.integration.api.site import Client, Site
from tests.integration.engine.house import LEAVE
from web.frame.brake import FREE


@pytest.fixture
def admin(site: Site) -> Client:
    site.house.deploy(LEAVE)
    return site.admin


def send(client: Client, data: bytes, path: str = "/process-instances", content_type: str = "application/json"):
    return client.call("POST", path, data=data, content_type=content_type)


POISON = {
    "NaN": b'{"key": "leave", "variables": {"x": NaN}}',
    "an infinity": b'{"key": "leave", "variables": {"x": -Infinity}}',
    "a number beyond all floats": b'{"key": "leave", "variables": {"x": 1e999}}',
    "a huge integer": b'{"key": "leave", "variables": {"x": 1' + b"0" * 60 + b"}}",
    "an integer of ten thousand digits": b'{"key": "leave", "variables": {"x": ' + b"9" * 10_000 + b"}}",
    "a NUL character": b'{"key": "leave", "title": "a\\u0000b"}',
    "a NUL character in a name": b'{"key": "leave", "variables": {"a\\u0000": 1}}',
    "a lone surrogate": b'{"key": "leave", "title": "\\ud800"}',
    "deep nesting": b'{"key": "leave", "variables": {"x": ' + b"[" * 60 + b"]" * 60 + b"}}",
    "endless nesting": b'{"key": "leave", "variables": {"x": ' + b"[" * 100_000,
    "a name given twice": b'{"key": "leave", "key": "other"}',
    "broken JSON": b'{"key": ',
    "bytes that are no text": b'{"key": "\xff"}',
    "a list": b"[]",
    "a text": b'"leave"',
    "null": b"null",
    "nothing": b"",
    "an unknown field": b'{"key": "leave", "kye": 1}',
    "a wrong type": b'{"key": 5}',
    "a number for a text": b'{"key": "leave", "title": 5}',
    "a text that fits no column": b'{"key": "leave", "business_key": "' + b"x" * 101 + b'"}',
    "a variable with a bad name": b'{"key": "leave", "variables": {"a b": 1}}',
    "a reserved variable": b'{"key": "leave", "variables": {"initiator": "boss"}}',
}


@pytest.mark.parametrize("what", POISON)
def test_a_poisonous_body_is_422_and_stores_nothing(admin, what):
    refused = send(admin, POISON[what])

    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    assert admin.get("/process-instances").json["items"] == []


def test_a_refusal_names_every_bad_field_in_both_languages(admin):
    refused = admin.post("/messages", {"name": 5, "keep_seconds": -1, "nmae": "x"}).json

    assert refused["fields"] == {"name": "须为文字", "keep_seconds": "不能小于 0", "nmae": "没有这个字段"}
    assert set(refused["fields_en"]) == set(refused["fields"])
    assert refused["known"] == ["name", "correlation", "variables", "keep_seconds"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_of_another_type_is_415(admin, content_type):
    assert send(admin, b'{"key": "leave"}', content_type=content_type).status_code == 415


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Encoding": "gzip"}, "identity"),
        ({"Content-Type": "application/json; charset=iso-8859-1"}, "application/json; charset=utf-8"),
        ({"Content-Type": "application/merge-patch+json"}, "application/json"),
    ],
)
def test_a_body_that_cannot_be_read_as_it_comes_is_415_and_told_how_to_come(admin, headers, expected):
    headers = {"Content-Type": "application/json"} | headers

    refused = admin.call("POST", "/process-instances", data=b'{"key": "leave"}', headers=headers)

    assert (refused.status_code, refused.json["expected"]) == (415, expected)
    assert refused.json["title"] == "unsupported-media-type"


def test_a_byte_order_mark_before_the_json_is_passed_over(admin):
    assert send(admin, b'\xef\xbb\xbf{"key": "leave"}').status_code == 201


def test_a_body_beyond_a_megabyte_is_413(admin):
    data = json.dumps({"key": "leave", "title": "x" * (1 << 20)}).encode()

    assert send(admin, data).status_code == 413


def test_a_body_where_none_belongs_is_refused(admin):
    task = admin.get("/tasks").json
    assert task["items"] == []

    assert admin.post("/tasks/x/claim", {"assignee": "boss"}).status_code == 422
    assert admin.post("/tasks/x/claim", {}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1000",
        "limit=x",
        "limit=1&limit=2",
        "nonsense=1",
        "after=%00",
        "after=" + "x" * 2000,
        "assignee=%ED%A0%80%00",
        "from=0001-01-01",
        "until=9999-12-31",
        "due_from=2026-02-30",
        "until=0",
        "from=2026-01-01T00:00:00",
    ],
)
def test_bad_query_parameters_are_422(admin, query):
    assert admin.call("GET", f"/tasks?{query}").status_code == 422


def test_a_nul_character_in_a_path_is_422(admin):
    assert admin.get("/tasks/%00").status_code == 422


def test_the_moment_of_a_conflict_is_one_that_programs_can_read(admin, site):
    task = site.house.task(site.house.start("leave"))
    boss = site.person("boss", "leaders")
    site.house.complete(task, site.house.actors["boss"], "refuse")

    refused = boss.post(f"/tasks/{task['id']}/claim").json

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", refused["at"])


def test_a_moment_without_a_zone_is_422(admin):
    period = {"start": "2026-11-24T09:00:00", "end": "2026-11-25T09:00:00"}

    refused = admin.post("/proxies", {"proxy": "admin"} | period)

    assert refused.status_code == 422
    assert refused.json["fields"] == dict.fromkeys(period, "须为带时区的时刻")


def test_a_moment_beyond_all_calendars_is_422(admin):
    period = {"start": "0001-01-01T00:00:00+14:00", "end": "9999-12-31T23:59:59-12:00"}

    refused = admin.post("/proxies", {"proxy": "admin"} | period)

    assert (refused.status_code, set(refused.json["fields"])) == (422, {"start", "end"})


def test_an_unknown_address_is_404_and_a_wrong_method_405_with_the_right_ones(admin):
    assert admin.get("/nothing").json["title"] == "not-found"
    assert "斜线" in admin.get("/tasks/").json["detail"]
    refused = admin.delete("/tasks")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert refused.content_type == "application/problem+json"


def test_nobody_is_401_with_the_way_to_sign_in(site: Site):
    refused = Client(site.app, None).get("/tasks")

    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="banjie"')
    assert Client(site.app, None).post("/messages", {"name": "x"}).status_code == 401


@pytest.mark.parametrize("token", ["x", "bj_", "bj_a_b", "bj__", "Bearer", "bj_\u00e9_x"])
def test_a_token_that_is_none_is_401(site: Site, token):
    assert Client(site.app, token).get("/tasks").status_code == 401


def test_a_token_with_a_wrong_secret_an_expired_and_a_revoked_one_are_401(site: Site):
    li = site.person("li")
    assert li.get("/me").status_code == 200

    assert Client(site.app, li.token[:-1] + "!").get("/me").status_code == 401
    token_id = li.token.split("_")[1]
    assert site.admin.delete(f"/tokens/{token_id}").status_code == 204
    assert li.get("/me").status_code == 401


def test_a_token_that_is_there_costs_a_stranger_the_same_query_as_one_that_is_not(site: Site):
    token = site.admin.token or ""
    known, unknown = token.rpartition("_")[0] + "_wrong", "bj_none_wrong"
    costs = []
    for each in (known, unknown):
        with counted(site.house.database.engine) as count:
            assert Client(site.app, each).get("/me").status_code == 401
        costs.append(count.statements)

    assert costs == [1, 1]


def test_sixty_wrong_tokens_of_one_address_are_429_and_a_right_one_goes_on(site: Site):
    li = site.person("li")
    assert li.get("/me").status_code == 200

    answers = [Client(site.app, "bj_none_x").get("/me") for _ in range(FREE + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {401}
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 300
    assert li.get("/me").status_code == 200


def test_a_token_of_a_disabled_person_is_401(site: Site):
    li = site.person("li")
    site.admin.post("/people/li/disable")

    assert li.get("/me").status_code == 401


def test_a_token_without_the_scope_is_403_and_names_it_whether_the_thing_exists_or_not(admin, site):
    reader = site.client("admin", ["read"])
    task = site.house.task(site.house.start("leave"))["id"]

    for task_id in (task, "no-such-task"):
        refused = reader.post(f"/tasks/{task_id}/claim")
        assert (refused.status_code, refused.json["scope"]) == (403, "tasks")


def test_sentences_are_chinese_and_on_request_english(admin):
    chinese = admin.get("/tasks/x").json
    english = admin.call("GET", "/tasks/x", headers={"Accept-Language": "en-GB,en;q=0.9"}).json

    assert chinese["detail"].startswith("没有编号为 x 的任务")
    assert english["detail"] == english["detail_en"] == chinese["detail_en"]
    assert english["detail"].startswith("No task x")


@pytest.mark.parametrize("key", ["", "x" * 201, "a b", "\u952e".encode().decode("latin-1")])
def test_a_malformed_idempotency_key_is_422(admin, key):
    assert admin.post("/process-instances", {"key": "leave"}, key=key).status_code == 422


def test_answers_are_not_kept_by_anybody_on_the_way(admin):
    answer = admin.get("/tasks")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_session_may_read_and_needs_the_csrf_token_for_changes(site: Site):
    site.house.person("li")
    site.house.engine.execute(
        OpenSession(login="li", id_hash=hash_secret("secret"), csrf="c" * 32, at=datetime.now(UTC).isoformat()),
        actor=site.house.actors["li"],
    )
    browser = Client(site.app, None)
    cookie = {"Cookie": "banjie=secret"}

    assert browser.call("GET", "/me", headers=cookie).json["scopes"] is None
    body = {"name": "script", "scopes": ["read"]}
    assert browser.post("/tokens", body, headers=cookie).status_code == 403
    made = browser.post("/tokens", body, headers=cookie | {"X-CSRF-Token": "c" * 32})
    assert made.status_code == 201
    assert Client(site.app, made.json["token"]).get("/me").json["scopes"] == ["read"]
    assert [token["name"] for token in browser.call("GET", "/tokens", headers=cookie).json["items"]] == ["script"]


def test_what_nobody_expected_is_500_with_a_number_and_no_details(site: Site, monkeypatch, caplog):
    admin = site.admin
    monkeypatch.setattr(site.house.queries.tasks, "open", lambda **_: 1 / 0)

    answer = admin.get("/tasks")

    assert answer.status_code == 500
    assert answer.json["number"] in caplog.text
    assert "ZeroDivision" not in answer.get_data(as_text=True)


OWN_THINGS = ["/copies", "/notices", "/phrases", "/views?tab=assigned", "/columns"]


@pytest.mark.parametrize("path", OWN_THINGS)
def test_what_is_ones_own_is_read_by_a_token_that_may_read_alone(site: Site, path):
    site.house.person("li")
    name, _, query = path.partition("?")

    answers = {
        scope: site.client("li", [scope]).call("GET", name, query_string=query)
        for scope in ("messages", "deploy", "read")
    }

    assert answers["messages"].json["scope"] == answers["deploy"].json["scope"] == "read"
    assert [answer.status_code for answer in answers.values()] == [403, 403, 200]


def test_a_token_opens_no_page(site: Site):
    site.house.person("li")
    headers = {"Authorization": f"Bearer {site.token('li')}"}
    pages = site.app.test_client()

    for path in ("/inbox", "/inbox/export/assigned.xlsx", "/account/tokens", "/account/password"):
        answer = pages.get(path, headers=headers)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/login")
    assert pages.post("/account/password", headers=headers, data={"old": "x"}).status_code in (303, 403)
    assert pages.get("/api/v1/me", headers=headers).json["login"] == "li"
