"""Whatever is sent, the answer is never a 5xx: made-up bodies, parameters, addresses and files against one world."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import databases
from tests.integration.api.rehearsal import Rehearsal
from tests.integration.api.site import Site
from tests.integration.api.world import World
from tests.integration.engine.house import LEAVE
from web.api.endpoint import ENDPOINTS, Endpoint

# One world for all examples: it is only rehearsed, so no example sees what another one did.
fuzzed = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NASTY = [
    "",
    " ",
    "\0",
    "\ud800",
    "' OR 1=1 --",
    "%00",
    "../..",
    "\u202e",
    "🙂" * 50,
    "x" * 5000,
    "=1+1",
    "{{7*7}}",
    "null",
    "-1",
]
texts = st.sampled_from(NASTY) | st.text(max_size=20)
numbers = st.sampled_from([0, -1, 2**31, 2**63, 10**30, 1e308, -0.0, 0.1]) | st.integers()
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with databases.opened(database_url, Rehearsal) as database:
        world = World(Site(database, tmp_path / "uploads"))
        database.rehearsing = True
        yield world


def addresses(world: World, endpoint: Endpoint) -> st.SearchStrategy[str]:
    """The endpoint's path with the id of what it is about, of something else, or with nonsense."""
    nonsense = st.text(st.characters(exclude_characters="/?#", exclude_categories=["Cs"]), min_size=1, max_size=40)
    others = st.sampled_from([*world.ids.values(), "2026-10-02"])
    named = {
        "login": ["staff"],
        "code": ["M02", world.ids["item"]],
        "key": ["leaders"],
        "task_id": [world.ids["task"], world.ids["offered"]],
    }
    parts = re.split(r"<(?:\w+:)?(\w+)>", endpoint.path)
    fillers = []
    for name in parts[1::2]:
        right = st.sampled_from(named.get(name, [world.ids.get(name.removesuffix("_id"), "2026-10-02")]))
        fillers.append(right | right | others | nonsense)
    return st.tuples(*fillers).map(lambda found: "".join(map("".join, zip(parts[::2], (*found, ""), strict=True))))


def bodies(world: World, endpoint: Endpoint) -> st.SearchStrategy[Any]:
    """Mostly what the endpoint's schema allows, with odd content; sometimes anything at all."""
    if endpoint.body is None:
        return st.just({}) | json_values
    schema = endpoint.body.model_json_schema()
    return (
        allowed(schema, schema.get("$defs", {}), world) | allowed(schema, schema.get("$defs", {}), world) | json_values
    )


def allowed(schema: dict[str, Any], known: dict[str, Any], world: World) -> st.SearchStrategy[Any]:
    """Values that a schema, as pydantic writes them, allows."""
    if "$ref" in schema:
        return allowed(known[schema["$ref"].rpartition("/")[2]], known, world)
    if "anyOf" in schema:
        return st.one_of([allowed(each, known, world) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "string":
            ids = st.sampled_from([*world.ids.values(), "leave", "staff", "leaders", "agree", "hello", "newcomer"])
            longest = schema.get("maxLength", 50)
            odd = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=min(longest, 60))
            return (ids | odd | st.just("字" * longest)).filter(
                lambda text: schema.get("minLength", 0) <= len(text) <= longest
            )
        case "integer":
            return st.integers(schema.get("minimum", -(2**63)), schema.get("maximum", 2**63))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "array" if "prefixItems" in schema:
            return st.tuples(*(allowed(each, known, world) for each in schema["prefixItems"])).map(list)
        case "array":
            return st.lists(allowed(schema["items"], known, world), min_size=schema.get("minItems", 0), max_size=3)
        case "object" if "properties" in schema:
            fields = {name: allowed(inner, known, world) for name, inner in schema["properties"].items()}
            required = {name: fields.pop(name) for name in schema.get("required", ())}
            return st.fixed_dictionaries(required, optional=fields)
        case "object":
            names = st.sampled_from(["days", "天数", "x_1", "outcome", "no good"])
            return st.dictionaries(names, json_values, max_size=3)
    raise AssertionError(schema)


def show(answer: Any) -> str:
    return f"{answer.status_code} {answer.get_data(as_text=True)[:500]}"


def test_no_request_is_a_server_error(world: World):
    for endpoint in ENDPOINTS:
        if endpoint.form is None:
            send_nonsense(world, endpoint)


def send_nonsense(world: World, endpoint: Endpoint) -> None:
    changes = endpoint.method != "GET"
    names = st.sampled_from([*(endpoint.query.model_fields if endpoint.query else ()), "nonsense"])
    queries = st.just({}) if changes else st.dictionaries(names, texts, max_size=3)
    sent = bodies(world, endpoint) if changes else st.none()
    clients = st.sampled_from([world.callers["admin"], world.callers["holder"]])

    @fuzzed
    @given(addresses(world, endpoint), sent, queries, clients)
    def check(path: str, body: Any, query: dict[str, str], client: Any) -> None:
        # Python's own writer: NaN and lone surrogates go out as they are.
        data = {"data": json.dumps(body), "content_type": "application/json"} if changes else {}
        query = {name: value.encode(errors="replace").decode() for name, value in query.items()}
        answer = client.call(endpoint.method, path, query_string=query, **data)
        assert answer.status_code < 500, f"{endpoint.method} {path}: {show(answer)}"

    check()


def test_no_upload_is_a_server_error(world: World):
    names = st.sampled_from(["a.bpmn", "item.toml", "f.form", "", "..", "a\0.bpmn", "x" * 300 + ".bpmn", "b.exe"])
    contents = st.sampled_from([LEAVE, LEAVE[:200], b"", b"{}", b"\xff", b"a = 1", b"<a/>"]) | st.binary(max_size=50)

    @settings(fuzzed, max_examples=60)
    @given(
        st.lists(st.tuples(names, contents), max_size=3),
        st.dictionaries(st.sampled_from(["name", "x"]), texts, max_size=2),
    )
    def check(files: list[tuple[str, bytes]], fields: dict[str, str]) -> None:
        data: dict[str, Any] = {"files": [(io.BytesIO(content), name) for name, content in files]}
        data |= {name: value.encode(errors="replace").decode() for name, value in fields.items()}
        answer = world.callers["admin"].call("POST", "/deployments", data=data, content_type="multipart/form-data")
        assert answer.status_code < 500, show(answer)

    check()


@fuzzed
@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", "multipart/form-data; boundary=b", "multipart/form-data", "", "\u00e9"]),
)
def test_no_bytes_are_a_server_error(world: World, data: bytes, content_type: str):
    for path in ("/messages", "/deployments", "/tasks/x/complete"):
        answer = world.callers["admin"].call("POST", path, data=data, content_type=content_type)
        assert answer.status_code < 500, show(answer)


@fuzzed
@given(st.text(max_size=60), texts)
def test_no_header_is_a_server_error(world: World, token: str, key: str):
    headers = {"Authorization": token, "Idempotency-Key": key, "Accept-Language": token, "Cookie": f"banjie={key}"}
    usable = {
        name: re.sub(r"[\r\n]", "", value).encode(errors="replace").decode("latin-1") for name, value in headers.items()
    }
    answer = world.callers["admin"].call("POST", "/messages", headers=usable, json={"name": "hello"})
    assert answer.status_code < 500, show(answer)
