"""The REST API under /api/v1: thin views over commands and queries, one module for each noun."""

from functools import cache
from typing import Any

from flask import Flask, Response, jsonify

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
from web.policy import public

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
    answers={200: Content("application/json", "The OpenAPI 3.1 document.")},
)
def openapi() -> Response:
    """Get this document."""
    return jsonify(_document())


@cache
def _document() -> dict[str, Any]:
    return document(ENDPOINTS, version=VERSION)


def register(app: Flask) -> None:
    """Add the API to ``app``."""
    app.register_blueprint(blueprint)
