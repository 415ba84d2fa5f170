"""What every answer carries, and what goes wrong is told in words."""

import re
from pathlib import Path

import pytest

import web
from tests.integration.web.office import Browser, Office
from tests.integration.web.world import ROLES, World
from web.frame import security

HAN = re.compile(r"[\u4e00-\u9fff]+")
TEMPLATES = sorted((Path(web.__file__).parent / "templates").rglob("*.html"))


@pytest.fixture
def zhang(office: Office) -> Browser:
    return office.person("zhang")


@pytest.mark.parametrize("path", ["/login", "/inbox", "/nowhere", "/static/css/base.css", "/healthz", "/api/v1/tasks"])
def test_every_answer_carries_the_strict_policy(zhang: Browser, path: str) -> None:
    headers = zhang.client.get(path, buffered=True).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_by_anybody_and_assets_are(zhang: Browser) -> None:
    zhang.get("/inbox")
    sheet = zhang.page.find("link", rel="stylesheet")["href"]

    assert zhang.answer.headers["Cache-Control"] == "no-store"
    assert "max-age" in zhang.client.get(sheet, buffered=True).headers["Cache-Control"]
    assert re.search(r"\?v=[0-9a-f]{12}$", sheet)
    assert zhang.client.get("/static/js/none.js", buffered=True).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_switches_the_escaping_off_or_needs_a_weaker_policy(template: Path) -> None:
    text = template.read_text("utf-8")

    assert "safe" not in re.findall(r"\|\s*(\w+)", text) and "Markup" not in text
    assert "autoescape" not in text
    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=|<style|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


def test_an_unknown_address_is_told_in_words_with_a_way_on(zhang: Browser) -> None:
    zhang.get("/nowhere")

    assert zhang.status == 404
    assert "没有这个页面" in zhang.text
    assert zhang.page.find("a", string="回到待办") is not None


def test_an_accident_shows_a_number_and_nothing_else(
    office: Office, zhang: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("the secret: sesame")

    monkeypatch.setattr(office.house.queries.tasks, "done", broken)
    zhang.get("/inbox/done")

    number = re.search(r"编号 ([0-9a-f]{8})", zhang.text)
    assert zhang.status == 500 and number is not None
    assert "sesame" not in zhang.answer.text and "ZeroDivision" not in zhang.answer.text
    assert number[1] in caplog.text and "the secret: sesame" in caplog.text


def test_a_lost_database_is_told_too(office: Office, zhang: Browser) -> None:
    def lost() -> None:
        raise OSError("gone")

    office.database.read = lost  # type: ignore[assignment, method-assign]

    zhang.get("/inbox")

    assert zhang.status == 500
    assert "编号" in zhang.answer.text


def test_programs_get_problems_not_pages(zhang: Browser) -> None:
    answer = zhang.client.get("/inbox/done?after=junk", headers={"Accept": "application/json"})

    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == 422 and answer.json["detail"]


def test_who_is_sent_away_while_working_comes_back_to_the_page(office: Office, zhang: Browser) -> None:
    zhang.get("/account/tokens")
    zhang.client.delete_cookie("banjie")

    answer = zhang.client.post(
        "/account/tokens", data={"name": "x"}, headers={"Referer": "http://localhost/account/tokens"}
    )

    assert answer.status_code in (303, 403)


def test_the_frozen_clock_is_told_on_every_page(office: Office) -> None:
    office.house.engine.clock_frozen = True
    zhang = office.person("zhang")

    for path in ("/inbox", "/start", "/calendar", "/nowhere"):
        zhang.get(path)
        assert "演示时钟：系统时间固定在 2026-11-23 09:00" in zhang.text, path
    stranger = office.stranger()
    stranger.get("/login")
    assert "演示时钟" in stranger.text


def test_the_language_is_switched_and_remembered(office: Office) -> None:
    zhang = office.person("zhang")
    zhang.get("/inbox")
    assert zhang.page.html["lang"] == "zh-CN"

    zhang.get(zhang.page.select_one("a[hreflang=en]")["href"])
    assert zhang.page.html["lang"] == "en" and "To do" in zhang.text
    again = Browser(office.app.test_client(), "zhang").sign_in()
    again.get("/inbox/done")
    assert again.page.html["lang"] == "en"


def test_before_sign_in_the_browser_remembers_the_language(office: Office) -> None:
    stranger = office.stranger()

    stranger.get("/login?lang=en")
    stranger.get("/login")

    assert stranger.page.html["lang"] == "en" and "Password" in stranger.text


ENGLISH = [
    "/account/password",
    "/account/tokens",
    "/inbox",
    "/inbox/offered",
    "/inbox/started",
    "/inbox/done",
    "/start",
    "/start/item/000131010001?step=form",
    "/start/item/000131010001?step=materials",
    "/start/item/000131010001?step=preview",
    "/cases",
    "/cases/{no}",
    "/cases/{no}?tab=process",
    "/cases/{no}?tab=materials",
    "/cases/{no}?tab=documents",
    "/cases/{no}/receipt",
    "/cases/{no}/sheet",
    "/tasks/{task}",
    "/instances",
    "/instances/{instance}",
    "/deployments",
    "/deployments/definitions/{definition}",
    "/admin/people",
    "/admin/people/new",
    "/admin/people/staff",
    "/admin/organisation",
    "/calendar",
    "/admin/incidents",
    "/admin/jobs",
    "/admin/credit",
    "/admin/audit",
    "/nowhere",
]


def test_an_english_reader_reads_english_on_every_page(database, tmp_path: Path) -> None:
    """Everything Chinese that is left must be data: names of models, people, materials."""
    world = World(Office(database, tmp_path / "uploads"))
    admin = world.office.person("reader", roles=ROLES["admin"] + ROLES["clerk"])
    admin.get("/inbox?lang=en")
    data = _data(world)
    left: dict[str, set[str]] = {}
    for path in ENGLISH:
        admin.get(world.fill(path))
        words = {word for word in HAN.findall(admin.page.get_text(" ")) if word not in data}
        if words:
            left[path] = words

    assert left == {}


def _data(world: World) -> str:
    """All Chinese texts of the models, and the two words that stay: the house's name and the other language's."""
    from tests.integration.web import samples

    files = (samples.PURCHASE, samples.APPLY_FORM, samples.REVIEW_FORM, samples.STUCK, samples.ITEM, samples.STALL)
    decoded = [data.decode() if b"\\u" not in data else data.decode("unicode_escape") for data in files]
    rest = ["办结", "中文", "样例", samples.STALL_FORM.decode("unicode_escape"), "系统", security.__doc__ or ""]
    return "\n".join(decoded + rest + _documents(world))


def _documents(world: World) -> list[str]:
    """Official documents are Chinese, whoever reads them."""
    case = world.office.house.queries.cases.get(world.ids["no"])
    assert case is not None
    return [str(value) for row in world.office.house.queries.cases.documents(case["id"]) for value in row.values()]
