"""The pages over a test's database, and people who sit before them with a browser of their own."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.access import Role
from engine.commands.administration.deployments import DeployResources
from engine.commands.administration.people import SetPassword
from engine.files import FileStore
from engine.passwords import Passwords
from engine.store.base.database import Database
from tests.integration.engine.house import House
from tests.integration.web import samples
from tests.processes.bureau import Bureau
from web import WebSettings, create_app
from web.frame.services import Services

PASSWORD = "correct horse battery"
CHEAP = Passwords(memory_kib=64, passes=1, lanes=1)
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


_BUILT: dict[WebSettings, Flask] = {}


def application(
    house: House | Bureau, settings: WebSettings, wall_clock: Callable[[], datetime] | None = None
) -> Flask:
    """The application over this house. Routes and templates are compiled once for a run; what they work with is exchanged."""
    if settings not in _BUILT:
        _BUILT[settings] = create_app(house.engine, house.queries, settings=settings)
    app = _BUILT[settings]
    services = Services(house.engine, house.queries, settings, passwords=CHEAP)
    services.wall_clock = wall_clock or services.wall_clock
    app.extensions["banjie"] = services
    return app


@dataclass
class Office:
    """``house`` is the engine with its shorthands; ``wall`` is the wall clock by which sessions run."""

    database: Database
    uploads: Path
    settings: WebSettings = field(default_factory=lambda: WebSettings(secret=b"pages"))
    wall: datetime = MORNING
    house: House = field(init=False)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.house = House(self.database)
        self.house.engine.environment.files = FileStore(self.uploads)
        self.app = application(self.house, self.settings, lambda: self.wall)

    def wait(self, time: timedelta) -> None:
        """Let time pass on the wall."""
        self.wall += time

    def employ(self, login: str, *groups: str, roles: Iterable[Role] = (Role.STAFF,)) -> Browser:
        """Add a person with a password; nobody is signed in yet."""
        actor = self.house.person(login, *groups, roles=roles)
        self.house.engine.execute(SetPassword(login=login, password_hash=CHEAP.hash(PASSWORD)), actor=actor)
        return Browser(self.app.test_client(), login)

    def person(self, login: str, *groups: str, roles: Iterable[Role] = (Role.STAFF,)) -> Browser:
        """Add a person who is signed in."""
        return self.employ(login, *groups, roles=roles).sign_in()

    def admin(self) -> Browser:
        """The administrator of the house, signed in."""
        actor = self.house.admin
        self.house.engine.execute(SetPassword(login=actor.login, password_hash=CHEAP.hash(PASSWORD)), actor=actor)
        return Browser(self.app.test_client(), actor.login).sign_in()

    def deploy(self, **files: bytes) -> None:
        """Deploy files: ``purchase__bpmn=…`` is a file purchase.bpmn."""
        named = {name.replace("__", "."): data for name, data in files.items()}
        self.house.engine.execute(DeployResources(name="样例", files=named), actor=self.house.admin)

    def purchases(self) -> None:
        """A process with a start form, a review with field rights, and a decision."""
        self.deploy(purchase__bpmn=samples.PURCHASE, apply__form=samples.APPLY_FORM, review__form=samples.REVIEW_FORM)

    def stalls(self) -> None:
        """An item with two materials, handled at the window."""
        self.deploy(stall__bpmn=samples.STALL, stall__form=samples.STALL_FORM, item__toml=samples.ITEM)

    def task(self, instance_id: str, element_id: str | None = None) -> str:
        """The address of the one open task of an instance."""
        return f"/tasks/{self.house.task(instance_id, element_id)['id']}"

    def stranger(self) -> Browser:
        return Browser(self.app.test_client(), "")


class Page:
    """What a browser shows, as BeautifulSoup when a test looks at it: on the way there are many pages that nobody looks at."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def _soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.source, "html.parser")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._soup, name)


@dataclass
class Browser:
    """A browser without scripts. ``page`` is what it shows now."""

    client: FlaskClient
    login: str
    answer: TestResponse = field(init=False)
    page: Page = field(init=False)

    def sign_in(self, password: str = PASSWORD) -> Browser:
        self.get("/login")
        self.send("/login", {"login": self.login, "password": password})
        return self

    def get(self, path: str, **options: Any) -> Page:
        return self._show(self.client.get(path, **options))

    def send(self, path: str, fields: Mapping[str, Any] | None = None, **options: Any) -> Page:
        """Post a form with the token of the page that is shown, and go where the answer leads."""
        data = {"csrf": self.token, **(fields or {})}
        page = self._show(self.client.post(path, data=data, **options))
        while self.status == 303:
            page = self.get(self.answer.headers["Location"])
        return page

    def upload(self, path: str, name: str, files: Mapping[str, bytes], **fields: Any) -> Page:
        """Post files as a form with a file field does."""
        listed = [(io.BytesIO(data), file) for file, data in files.items()]
        return self.send(path, {name: listed, **fields}, content_type="multipart/form-data")

    @property
    def token(self) -> str:
        meta = re.search(r'<meta name="csrf-token" content="([^"]*)"', self.page.source)
        return meta[1] if meta else ""

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        """Everything one can read, blanks made one."""
        return " ".join(self.page.get_text(" ").split())

    @property
    def messages(self) -> list[str]:
        """The notices above the content."""
        return [" ".join(each.get_text(" ").split()) for each in self.page.select(".bj-message")]

    def rows(self) -> list[str]:
        """The rows of the lists on the page, as text."""
        return [" ".join(row.get_text(" ").split()) for row in self.page.select(".bj-table tbody tr")]

    def _show(self, answer: TestResponse) -> Page:
        self.answer = answer
        self.page = Page(answer.get_data(as_text=True))
        return self.page
