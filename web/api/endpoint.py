"""Declaring an endpoint once: its guard, what it reads, what it answers; the OpenAPI document is made from the same facts.

A view is a plain function. It gets path parameters, and ``query``, ``body`` or ``form`` as checked models, and returns what
its first answer's model describes, or an ``Answer`` with another status.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import wraps
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel

from engine import plain
from engine.access import SCOPE_OF, Scope, lacking, may
from engine.errors import Forbidden
from engine.records import record
from web.api import reading
from web.frame.auth import current_actor
from web.frame.policy import Policy, Reach

View = Callable[..., Any]
Guard = Callable[[View], View]


@record(kw_only=False)
class Content:
    """An answer that is not JSON: its media type, and what it is."""

    media_type: str
    description: str


Described = type[BaseModel] | Content | None


@record
class Endpoint:
    """Everything that the document, the border and the matrix test need to know of one route."""

    method: str
    path: str  # as Flask writes it, below /api/v1
    name: str
    tag: str
    zh: str
    en: str
    details: str
    policy: Policy
    query: type[reading.Query] | None = None
    body: type[reading.Body] | None = None
    form: type[reading.Form] | None = None
    answers: Mapping[int, Described] = field(default_factory=dict)
    errors: tuple[int, ...] = ()
    takes_key: bool = True  # whether an Idempotency-Key may come with it


@record(kw_only=False)
class Answer:
    """A status and what goes with it."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


ENDPOINTS: list[Endpoint] = []


class Noun:
    """The endpoints of one subject; ``tag`` groups them in the document."""

    def __init__(self, blueprint: Blueprint, tag: str) -> None:
        self.blueprint = blueprint
        self.tag = tag

    def get(self, path: str, guard: Guard, **facts: Any) -> Callable[[View], View]:
        return self._route("GET", path, guard, facts)

    def post(self, path: str, guard: Guard, **facts: Any) -> Callable[[View], View]:
        return self._route("POST", path, guard, facts)

    def put(self, path: str, guard: Guard, **facts: Any) -> Callable[[View], View]:
        return self._route("PUT", path, guard, facts)

    def patch(self, path: str, guard: Guard, **facts: Any) -> Callable[[View], View]:
        return self._route("PATCH", path, guard, facts)

    def delete(self, path: str, guard: Guard, **facts: Any) -> Callable[[View], View]:
        return self._route("DELETE", path, guard, facts)

    def _route(self, method: str, path: str, guard: Guard, facts: dict[str, Any]) -> Callable[[View], View]:
        def add(view: View) -> View:
            en, _, details = (view.__doc__ or "").strip().partition("\n")
            policy: Policy = guard(lambda: None)._banjie_policy  # type: ignore[attr-defined]
            endpoint = Endpoint(
                method=method,
                path=path,
                name=f"{self.tag}_{view.__name__}".replace("-", "_"),
                tag=self.tag,
                en=en.strip().rstrip("."),
                details=" ".join(details.split()),
                policy=policy,
                **facts,
            )
            ENDPOINTS.append(endpoint)
            guarded = guard(_answering(endpoint, view))
            self.blueprint.add_url_rule(path, endpoint.name, guarded, methods=[method])
            return view

        return add


def _answering(endpoint: Endpoint, view: View) -> View:
    """Check scope, key and everything that comes in, call the view, and write what it returns."""

    @wraps(view)
    def answer(**path: Any) -> Response:
        _check_scope(endpoint)
        for name, value in path.items():
            if isinstance(value, str):
                plain.check_text(value, name)
        reading.idempotency_key(allowed=endpoint.takes_key and endpoint.method != "GET")
        given = dict(path)
        query = reading.query(endpoint.query or reading.NoQuery)
        if endpoint.query is not None:
            given["query"] = query
        if endpoint.form is not None:
            given["form"] = reading.form(endpoint.form)
        elif endpoint.method != "GET":
            body = reading.body(endpoint.body or reading.NoBody)
            if endpoint.body is not None:
                given["body"] = body
        return _written(endpoint, view(**given))

    return answer


def scope_needed(endpoint: Endpoint) -> Scope | None:
    """Which scope a token needs: that of the verb; for what is one's own anyway, that of reading or of working."""
    if endpoint.policy.verb is not None:
        return SCOPE_OF.get(endpoint.policy.verb)
    if endpoint.policy.reach is Reach.PUBLIC or endpoint.tag == "tokens":  # who am I; the rest there asks for a session
        return None
    return Scope.READ if endpoint.method == "GET" else Scope.TASKS


def _check_scope(endpoint: Endpoint) -> None:
    """A token without the scope is refused before anything is looked up: its answer must not depend on what exists."""
    policy = endpoint.policy
    if policy.reach is Reach.THING and policy.verb is not None:
        decision = may(current_actor(), policy.verb)
        if "scope" in decision.facts:
            raise Forbidden(decision.zh, decision.en, **decision.facts)
    elif policy.reach is Reach.SIGNED_IN:
        scope, scopes = scope_needed(endpoint), current_actor().scopes
        if scope is not None and scopes is not None and scope not in scopes:
            raise Forbidden(*lacking(scope.value), scope=scope.value)


def _written(endpoint: Endpoint, result: Any) -> Response:
    if isinstance(result, Response):
        return result
    answer = result if isinstance(result, Answer) else Answer(result, next(iter(endpoint.answers)))
    described = endpoint.answers[answer.status]
    response = Response(status=answer.status)
    if isinstance(described, type):
        response.data = described.model_validate(answer.body).model_dump_json().encode()
        response.content_type = "application/json"
    else:
        del response.headers["Content-Type"]
    response.headers.update(answer.headers)
    return response
