"""The pages over a test's database, and people who sit before them with a browser of their own."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from engine.access import Role
from engine.commands.people import SetPassword
from engine.files import FileStore
from engine.passwords import Passwords
from engine.store.database import Database
from tests.integration.engine.house import House
from web import WebSettings, create_app


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all applications of a test run: every test builds one of its own."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()
PASSWORD = "correct horse battery"
CHEAP = Passwords(memory_kib=64, passes=1, lanes=1)
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


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
        self.app = create_app(
            self.house.engine,
            self.house.queries,
            settings=self.settings,
            wall_clock=lambda: self.wall,
            passwords=CHEAP,
        )
        self.app.jinja_env.bytecode_cache = COMPILED

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
        return self.person("admin", roles=(Role.ADMIN, Role.STAFF, Role.DESIGNER))

    def stranger(self) -> Browser:
        return Browser(self.app.test_client(), "")


@dataclass
class Browser:
    """A browser without scripts. ``page`` is what it shows now."""

    client: FlaskClient
    login: str
    answer: TestResponse = field(init=False)
    page: BeautifulSoup = field(init=False)

    def sign_in(self, password: str = PASSWORD) -> Browser:
        self.get("/login")
        self.send("/login", {"login": self.login, "password": password})
        return self

    def get(self, path: str, **options: Any) -> BeautifulSoup:
        return self._show(self.client.get(path, **options))

    def send(self, path: str, fields: Mapping[str, Any] | None = None, **options: Any) -> BeautifulSoup:
        """Post a form with the token of the page that is shown, and go where the answer leads."""
        data = {"csrf": self.token, **(fields or {})}
        page = self._show(self.client.post(path, data=data, **options))
        while self.status == 303:
            page = self.get(self.answer.headers["Location"])
        return page

    def upload(self, path: str, name: str, files: Mapping[str, bytes], **fields: Any) -> BeautifulSoup:
        """Post files as a form with a file field does."""
        listed = [(io.BytesIO(data), file) for file, data in files.items()]
        return self.send(path, {name: listed, **fields}, content_type="multipart/form-data")

    @property
    def token(self) -> str:
        meta = self.page.find("meta", attrs={"name": "csrf-token"})
        return str(meta["content"]) if meta else ""  # type: ignore[index]

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

    def _show(self, answer: TestResponse) -> BeautifulSoup:
        self.answer = answer
        self.page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
        return self.page
