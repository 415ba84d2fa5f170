"""The REST API under /api/v1: thin views over commands and queries, one module for each noun."""

import hashlib
import json
from functools import cache
from typing import Any

from flask import Flask, Response, request

from web.api import (
    asking,
    ballots,
    board,
    calendar,
    cases,
    clocks,
    definitions,
    inbox,
    instances,
    materials,
    matters,
    messages,
    office,
    operations,
    orders,
    people,
    returns,
    supervision,
    tasks,
    tokens,
    who,
)
from web.api.blueprint import blueprint
from web.api.endpoint import ENDPOINTS, Content, Noun
from web.api.openapi import document
from web.frame.policy import public

VERSION = "1.0.0"

NOUNS = (
    definitions,
    instances,
    tasks,
    asking,
    returns,
    ballots,
    inbox,
    messages,
    office,
    cases,
    materials,
    matters,
    people,
    tokens,
    calendar,
    clocks,
    operations,
    who,
    board,
    supervision,
    orders,
)

own = Noun(blueprint, "document")


@own.get(
    "/openapi.json",
    public,
    zh="接口文档",
    answers={200: Content("application/json", "The OpenAPI 3.1 document."), 304: None},
)
def openapi() -> Response:
    """Get this document. It has an `ETag`: whoever keeps it asks with `If-None-Match` whether it is still the same."""
    text = _written()
    response = Response(text, content_type="application/json")
    response.set_etag(hashlib.sha256(text).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"  # there is nothing in it that only some may know
    response.make_conditional(request)  # in place
    return response


@cache
def _written() -> bytes:
    return json.dumps(_document(), ensure_ascii=False, separators=(",", ":")).encode()


@cache
def _document() -> dict[str, Any]:
    return document(ENDPOINTS, version=VERSION)


def register(app: Flask) -> None:
    """Add the API to ``app``."""
    app.register_blueprint(blueprint)
