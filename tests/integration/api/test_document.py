"""The OpenAPI document: valid, complete, and true."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from engine.access import Scope
from tests.integration.api.site import Client, Site
from web.api.endpoint import ENDPOINTS
from web.api.openapi import TAGS
from web.api.wording import EXAMPLES

# What the OpenAPI Specification 3.1.0 allows in each object.
METHODS = {"get", "post", "put", "patch", "delete"}
OPERATION = {"operationId", "tags", "summary", "description", "parameters", "requestBody", "responses", "security"}
PARAMETER = {"name", "in", "required", "description", "schema"}
TYPES = {"string", "number", "integer", "boolean", "array", "object", "null"}


@pytest.fixture
def document(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = Client(site.app, None).get("/openapi.json").json
    return found


def walk(value: Any, path: str = "#"):
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, f"{path}/{index}")


def operations(document: dict[str, Any]):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_it_says_what_it_is(document):
    assert document["openapi"] == "3.1.0"
    assert set(document) <= {"openapi", "info", "tags", "security", "paths", "components"}
    assert {"title", "version"} <= set(document["info"])


def test_every_route_is_documented_once(document):
    documented = Counter((method.upper(), path) for method, path, _ in operations(document))
    declared = {(e.method, "/api/v1" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", e.path)) for e in ENDPOINTS}

    assert set(documented) == declared


def test_every_reference_leads_somewhere(document):
    for path, value in walk(document):
        if isinstance(value, dict) and "$ref" in value:
            start, components, kind, name = value["$ref"].split("/")
            assert (start, components) == ("#", "components"), (path, value["$ref"])
            assert name in document["components"][kind], (path, value["$ref"])


def test_every_schema_is_used(document):
    used = {
        value["$ref"].rpartition("/")[2] for _, value in walk(document) if isinstance(value, dict) and "$ref" in value
    }

    assert {*document["components"]["schemas"], *document["components"]["responses"]} == used


def test_names_of_schemas_tell_no_files_of_ours(document):
    assert [name for name in document["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []


def test_every_operation_has_a_form_that_the_specification_allows(document):
    ids = Counter(operation["operationId"] for _, _, operation in operations(document))
    assert set(ids.values()) == {1}
    for method, path, operation in operations(document):
        assert method in METHODS
        assert {key for key in operation if not key.startswith("x-")} <= OPERATION, path
        assert set(operation["tags"]) <= set(TAGS)
        assert all(re.fullmatch(r"[1-5]\d\d", status) for status in operation["responses"])
        assert all("description" in response or "$ref" in response for response in operation["responses"].values())
        assert " · " in operation["summary"]


def test_parameters_are_those_of_the_path_and_well_formed(document):
    for _, path, operation in operations(document):
        for parameter in operation["parameters"]:
            assert set(parameter) <= PARAMETER
            assert parameter["in"] in ("path", "query", "header")
            assert isinstance(parameter["schema"], dict)
        keys = [(parameter["in"], parameter["name"]) for parameter in operation["parameters"]]
        assert len(keys) == len(set(keys))
        in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path" and p["required"]}
        assert in_path == set(re.findall(r"\{(\w+)\}", path))


def test_types_are_those_of_json_schema(document):
    for path, value in walk(document):
        if (
            isinstance(value, dict)
            and isinstance(value.get("type"), str)
            and not path.startswith("#/components/securitySchemes")
        ):
            assert value["type"] in TYPES, path


def test_defaults_have_the_type_that_they_stand_for(document):
    python = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    for path, value in walk(document):
        if isinstance(value, dict) and value.get("default") is not None and isinstance(value.get("type"), str):
            assert isinstance(value["default"], python[value["type"]]), path


def test_errors_are_problems_and_scopes_are_real(document):
    for _, path, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400 and "$ref" not in response:
                assert set(response["content"]) == {"application/problem+json"}, path
        assert operation.get("x-banjie-scope") in {None, *(scope.value for scope in Scope)}
    public = [path for _, path, operation in operations(document) if operation.get("security") == []]
    assert public == ["/api/v1/openapi.json"]


def test_every_operation_says_which_scope_and_right_it_needs(document):
    for _, path, operation in operations(document):
        scope, right = operation.get("x-banjie-scope"), operation.get("x-banjie-verb")
        assert f"scope `{scope}`" in operation["description"] if scope else "scope `" not in operation["description"], (
            path
        )
        assert right is None or f"`{right}`" in operation["description"], path


def test_every_parameter_is_described(document):
    for _, path, operation in operations(document):
        assert all(parameter["description"] for parameter in operation["parameters"]), path


def test_every_operation_tells_the_refusals_that_may_come_at_any_time(document):
    for _, path, operation in operations(document):
        expected = {"500", "503"} if operation.get("security") == [] else {"429", "500", "503"}
        assert expected <= set(operation["responses"]), path
    responses = document["components"]["responses"]
    assert {name for name, response in responses.items() if "Retry-After" in response.get("headers", {})} == {
        "TooManyRequests",
        "Unavailable",
    }


def test_examples_are_what_their_operations_read():
    bodies = {endpoint.name: endpoint.body for endpoint in ENDPOINTS}
    for name, example in EXAMPLES.items():
        body = bodies[name]
        assert body is not None
        body.model_validate_json(json.dumps(example))


def test_whoever_has_the_document_is_told_that_it_is_still_the_same(site: Site):
    first = Client(site.app, None).get("/openapi.json")

    again = Client(site.app, None).call("GET", "/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert next(iter(first.json)) == "openapi"


def test_changes_take_an_idempotency_key_unless_they_carry_or_show_a_secret(document):
    without = {
        (method, path)
        for method, path, operation in operations(document)
        if method != "get" and not any(p["name"] == "Idempotency-Key" for p in operation["parameters"])
    }

    assert without == {
        ("post", "/api/v1/tokens"),
        ("post", "/api/v1/people/{login}/password"),
        ("put", "/api/v1/people/{login}/identity"),
    }
