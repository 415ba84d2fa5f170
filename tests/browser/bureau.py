"""The sample bureau behind a real server, and people who sit before a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page
from waitress.server import create_server

from engine.bpmn.runner import Machine
from engine.cli import samples
from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.commands.administration.people import CreatePerson
from engine.commands.running.instances import StartInstance
from engine.files import FileStore
from engine.passwords import Passwords
from engine.process_engine import ProcessEngine, build
from engine.store.base.database import Database
from engine.store.queries.subjects import Queries
from engine.store.rows import people
from tests.integration.web import samples as models
from web import WebSettings, create_app

PASSWORD = "an ordinary sentence"
PATIENCE = 60_000  # milliseconds for whatever comes: a slow machine is no fault
NOW = datetime(2026, 11, 24, 2, 20, tzinfo=UTC)  # 10:20 in Chengdu
CHROMIUM = {
    "executable_path": "/usr/bin/chromium",
    "chromium_sandbox": False,
    "args": [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}
LAPTOP, DESKTOP = {"width": 1366, "height": 768}, {"width": 1920, "height": 1080}


@dataclass
class Bureau:
    """``address`` is where the server listens; ``engine`` stands behind it with its clock at 10:20."""

    engine: ProcessEngine
    queries: Queries
    address: str
    browser: Browser
    desks: list[Desk] = field(default_factory=list)

    def start(self, title: str, by: str = "chuangkou", key: str = "purchase") -> str:
        """Start a purchase; its review is offered to the window. Returns the task's address."""
        with self.engine.database.read() as connection:
            actor = people.actor(connection, by)
        command = StartInstance(key=key, title=title, variables={"project": "x", "amount": 500})
        answer = self.engine.execute(command, actor=actor)
        return f"/tasks/{self.queries.tasks.open(instance_id=answer['id']).rows[0]['id']}"

    def desk(self, login: str = "", *, scripts: bool = True, size: dict[str, int] | None = None) -> Desk:
        """A browser of somebody's own, signed in when ``login`` is given."""
        context = self.browser.new_context(
            viewport=size or LAPTOP, locale="zh-CN", java_script_enabled=scripts, base_url=self.address
        )
        context.set_default_timeout(PATIENCE)
        desk = Desk(context, context.new_page())
        self.desks.append(desk)
        if login:
            desk.sign_in(login)
        return desk

    def close_desks(self) -> None:
        for desk in self.desks:
            desk.context.close()
        self.desks.clear()


@dataclass
class Desk:
    """One browser window. ``complaints`` are errors of scripts, refusals of the policy, and requests to other houses."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        page = self.page
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._listen)
        page.on("request", lambda request: self._watch(request.url))

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        self.page.goto("/login")
        self.page.fill("#login", login)
        self.page.fill("#password", password)
        self.page.click(".bj-login__button")
        self.page.wait_for_url("**/inbox")

    def _listen(self, message: object) -> None:
        text = str(getattr(message, "text", ""))
        # A page that answers 409 or 422 is meant to be shown; Chromium calls it a failed resource.
        if getattr(message, "type", "") == "error" and "status of 4" not in text:
            self.complaints.append(f"console: {text}")

    def _watch(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.complaints.append(f"request: {url}")


@contextmanager
def opened(folder: Path, browser: Browser) -> Iterator[Bureau]:
    """Furnish the sample bureau in a fresh database and serve it."""
    from engine.store.tables import metadata

    database = Database(f"sqlite:///{folder / 'banjie.sqlite3'}")
    metadata.create_all(database.engine)
    cheap = Passwords(memory_kib=64, passes=1, lanes=1)
    engine = build(
        database,
        Machine(),
        secret=b"browser tests",
        files=FileStore(folder / "uploads"),
        clock=lambda: NOW,
        clock_frozen=True,
    )
    _furnish(engine, cheap.hash(PASSWORD))
    queries = Queries(database)
    app = create_app(engine, queries, settings=WebSettings(secret=b"browser tests"), passwords=cheap)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    bureau = Bureau(engine, queries, f"http://127.0.0.1:{server.effective_port}", browser)
    try:
        yield bureau
    finally:
        bureau.close_desks()
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(10)
        database.dispose()


def _furnish(engine: ProcessEngine, password_hash: str) -> None:
    samples.furnish(engine, OPERATOR, password_hash)
    purchase = models.PURCHASE.replace(b"reviewers", b"window").replace(b"boss", b"juzhang")
    files = {"purchase.bpmn": purchase, "apply.form": models.APPLY_FORM, "review.form": models.REVIEW_FORM}
    engine.execute(DeployResources(name="采购申请", files=files), actor=OPERATOR)
    admin = CreatePerson(
        login="admin", name="管理员", roles=("admin", "designer", "staff", "clerk"), password_hash=password_hash
    )
    engine.execute(admin, actor=OPERATOR)
