"""The application over a test's database, and clients that call it as one person with one token."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from engine.access import SYSTEM, Role, Scope
from engine.commands.administration.tokens import CreateToken
from engine.files import FileStore
from engine.people import hash_secret, new_secret, token_text
from engine.store.base.database import Database
from tests.integration.engine.house import House
from web.app import create_app
from web.frame.services import Services
from web.frame.settings import WebSettings

ALL_SCOPES = tuple(scope.value for scope in Scope)


_BUILT: list[Flask] = []


def application(house: House) -> Flask:
    """The application over this house. Its 150 routes are compiled once for a run; what they work with is exchanged."""
    if not _BUILT:
        _BUILT.append(create_app(house.engine, house.queries))
    app = _BUILT[0]
    app.extensions["banjie"] = Services(house.engine, house.queries, WebSettings())
    return app


@dataclass
class Site:
    """``house`` is the engine with its shorthands; ``app`` the application."""

    database: Database
    uploads: Path
    house: House = field(init=False)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.house = House(self.database)
        self.house.engine.environment.files = FileStore(self.uploads)
        self.app = application(self.house)

    def person(
        self, login: str, *groups: str, roles: Iterable[Role] = (Role.STAFF,), scopes: Iterable[str] = ALL_SCOPES
    ) -> Client:
        """Add a person and return a client with a token of this person."""
        self.house.person(login, *groups, roles=roles)
        return self.client(login, scopes)

    @property
    def admin(self) -> Client:
        _ = self.house.admin
        return self.client("admin")

    def client(self, login: str, scopes: Iterable[str] = ALL_SCOPES) -> Client:
        return Client(self.app, self.token(login, scopes))

    def token(self, login: str, scopes: Iterable[str] = ALL_SCOPES, days: int = 30) -> str:
        secret = new_secret()
        command = CreateToken(
            login=login, name="test", scopes=tuple(scopes), days=days, secret_hash=hash_secret(secret)
        )
        return token_text(self.house.engine.execute(command, actor=SYSTEM)["id"], secret)


@dataclass
class Client:
    """Calls the API with a token (or without: None)."""

    app: Flask
    token: str | None

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return self.app.test_client(use_cookies=False).open("/api/v1" + path, method=method, headers=headers, **options)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.call("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self._send("POST", path, body, options)

    def put(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self._send("PUT", path, body, options)

    def patch(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self._send("PATCH", path, body, options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self._send("DELETE", path, None, options)

    def upload(self, path: str, files: Mapping[str, bytes], field: str = "files", **options: Any) -> TestResponse:
        data: dict[str, Any] = {field: [FileStorage(io.BytesIO(content), name) for name, content in files.items()]}
        # Encoded here: the test client would write a large form into a temporary file that nobody closes.
        boundary, encoded = encode_multipart(MultiDict(data | options.pop("fields", {})))
        content_type = f"multipart/form-data; boundary={boundary}"
        return self._send("POST", path, None, {"data": encoded, "content_type": content_type} | options)

    def _send(self, method: str, path: str, body: Any, options: dict[str, Any]) -> TestResponse:
        key = options.pop("key", None)
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            options["json"] = body
        return self.call(method, path, headers=headers, **options)
