"""The OpenAPI 3.1 document, made from the endpoints themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.api import wording
from web.api.endpoint import Content, Described, Endpoint, scope_needed
from web.api.shapes import Problem
from web.frame.policy import Reach

Mode = Literal["validation", "serialization"]
Schemas = Mapping[Any, dict[str, Any]]  # by (model, mode)

PREFIX = "/api/v1"
REF = "#/components/schemas/{model}"

TAGS = {
    "deployments": "部署 · Files become immutable versions",
    "process-definitions": "流程定义 · What can be started",
    "process-instances": "流程实例 · What is running, and its history",
    "tasks": "任务 · What waits for people",
    "ballots": "会签 · What is voted on, who has voted what",
    "proxies": "代理 · Who stands in for whom, when, for what",
    "copies": "抄送与讨论 · Copies, read marks, comments and mentions",
    "views": "常用查询与列 · Saved views and columns of the caller's lists",
    "phrases": "常用语 · What people write again and again",
    "notices": "通知 · What the caller was told",
    "messages": "消息与信号 · How other systems speak to processes",
    "cases": "办件 · Cases and their materials",
    "matters": "热线工单、异议、保密来电人 · Orders, objections, sealed callers",
    "items": "事项 · What can be applied for",
    "people": "人员",
    "organisation": "部门与办理组 · Departments and candidate groups",
    "tokens": "令牌 · API tokens",
    "clocks": "时限 · Limits, suspensions and extension",
    "calendar": "工作日历 · Working days",
    "credit": "信用记录 · Credit events",
    "jobs": "作业 · What runs in the background",
    "incidents": "异常 · Steps that failed",
    "supervision": "看板、黄红牌、催办、监察规则 · Board, cards, urging, card rules",
    "supervision-orders": "督办单 · Supervision orders",
    "scans": "扫描记录 · Scans",
    "audit": "管理操作记录 · What administrators did",
    "document": "接口文档 · This document",
}

_SENTENCES = {
    401: "Nobody is signed in, or the token is unknown, expired or revoked.",
    403: "The person, or the token's scope, does not allow this.",
    404: "There is no such thing, or the caller may not know of it.",
    409: "Somebody was faster, or the thing is not in the state that this needs; `by` and `at` say who and when.",
    413: "Too large.",
    415: "Another media type than the one that this reads.",
    422: "A value is wrong; `fields` says which and why.",
}


_WHENEVER = {  # name: sentence, whether Retry-After comes with it
    "TooManyRequests": ("Too many wrong tokens from this address, or too many tries.", True),
    "Internal": ("Nobody expected this. `number` is what to tell an administrator.", False),
    "Unavailable": ("The database does not answer. Ask again, for a change with the same Idempotency-Key.", True),
}


def document(endpoints: Sequence[Endpoint], *, version: str) -> dict[str, Any]:
    """Return the document as JSON values."""
    models = sorted(set(_models(endpoints)), key=lambda pair: (pair[0].__name__, pair[1]))
    schemas, definitions = models_json_schema(models, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        address = PREFIX + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", endpoint.path)
        paths.setdefault(address, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    used = {endpoint.tag for endpoint in endpoints}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "办结 Banjie",
            "version": version,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": text} for name, text in TAGS.items() if name in used],
        "security": [{"token": []}, {"session": [], "csrf": []}],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "responses": {name: _whenever(*facts, schemas) for name, facts in _WHENEVER.items()},
            "securitySchemes": _SECURITY,
        },
    }


def _models(endpoints: Sequence[Endpoint]) -> Iterator[tuple[type[BaseModel], Mode]]:
    yield Problem, "serialization"
    for endpoint in endpoints:
        for given in (endpoint.body, endpoint.form):
            if given is not None:
                yield given, "validation"
        for described in endpoint.answers.values():
            if isinstance(described, type):
                yield described, "serialization"


def _operation(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.tag],
        "summary": f"{endpoint.zh} · {endpoint.en}",
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_header_parameters(endpoint)],
        "responses": _responses(endpoint, schemas),
    }
    operation["description"] = " ".join(filter(None, (endpoint.details, _permission(endpoint))))
    if endpoint.body is not None:
        operation["requestBody"] = _request_body(
            "application/json", schemas[endpoint.body, "validation"], endpoint.body
        )
        if endpoint.name in wording.EXAMPLES:
            operation["requestBody"]["content"]["application/json"]["example"] = wording.EXAMPLES[endpoint.name]
    if endpoint.form is not None:
        operation["requestBody"] = _request_body("multipart/form-data", schemas[endpoint.form, "validation"])
    if endpoint.policy.reach is Reach.PUBLIC:
        operation["security"] = []
    scope = scope_needed(endpoint)
    if endpoint.policy.verb is not None:
        operation["x-banjie-verb"] = endpoint.policy.verb.value
    if endpoint.policy.verb is not None or scope is not None:
        operation["x-banjie-scope"] = scope.value if scope else None
    return operation


def _permission(endpoint: Endpoint) -> str:
    """Which scope a token needs and which right its person: what stands in x-banjie-… for programs, for readers."""
    if endpoint.policy.reach is Reach.PUBLIC:
        return "Needs no token."
    verb, scope = endpoint.policy.verb, scope_needed(endpoint)
    needed = f"Needs the scope `{scope.value}`" if scope else "Any token will do"
    return f"{needed}; the right is `{verb.value}`." if verb is not None else f"{needed}."


def _request_body(media_type: str, schema: dict[str, Any], model: type[BaseModel] | None = None) -> dict[str, Any]:
    required = model is None or any(field.is_required() for field in model.model_fields.values())
    return {"required": required, "content": {media_type: {"schema": schema}}}


def _path_parameters(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", endpoint.path):
        schema = {"type": "integer" if kind == "int" else "string"}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": wording.of_path(endpoint.path, name),
            "schema": schema,
        }


def _query_parameters(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    if endpoint.query is None:
        return
    schema = endpoint.query.model_json_schema(ref_template=REF)
    known = schema.get("$defs", {})
    for name, facts in schema["properties"].items():
        inner = _inlined({key: value for key, value in facts.items() if key not in ("title", "description")}, known)
        parameter = {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": inner}
        yield parameter | {"description": facts.get("description") or wording.QUERY[name]}


def _inlined(schema: Any, known: Mapping[str, Any]) -> Any:
    """Replace references by what they stand for; absent is how a query says null."""
    if isinstance(schema, list):
        return [_inlined(each, known) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(known[schema["$ref"].rpartition("/")[2]], known)
    found = {key: _inlined(value, known) for key, value in schema.items()}
    choices = [each for each in found.get("anyOf", []) if each != {"type": "null"}]
    if len(choices) == 1:
        rest = {key: value for key, value in found.items() if key != "anyOf" and value is not None}
        return choices[0] | rest
    return found


def _header_parameters(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    if endpoint.takes_key and endpoint.method != "GET":
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Visible ASCII. The same request with the same key acts once and gets the first answer again; "
            "another request with the same key is 409. Keys are kept for each person, for a month.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        }


def _responses(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, described in endpoint.answers.items():
        found[str(status)] = {"description": HTTPStatus(status).phrase} | _content(described, schemas)
        if status == 201:
            found["201"]["headers"] = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
    for status in _errors(endpoint):
        problem = {"application/problem+json": {"schema": schemas[Problem, "serialization"]}}
        found[str(status)] = {"description": _SENTENCES[status], "content": problem}
    if endpoint.policy.reach is not Reach.PUBLIC:
        found["429"] = {"$ref": "#/components/responses/TooManyRequests"}
    found |= {"500": {"$ref": "#/components/responses/Internal"}, "503": {"$ref": "#/components/responses/Unavailable"}}
    return dict(sorted(found.items()))


def _whenever(sentence: str, waits: bool, schemas: Schemas) -> dict[str, Any]:
    """An answer that any operation may give, whatever was asked."""
    problem = {"application/problem+json": {"schema": schemas[Problem, "serialization"]}}
    header = {"description": "Seconds after which to try again.", "schema": {"type": "integer"}}
    return {"description": sentence, "content": problem} | ({"headers": {"Retry-After": header}} if waits else {})


def _content(described: Described, schemas: Schemas) -> dict[str, Any]:
    if described is None:
        return {}
    if isinstance(described, Content):
        schema = {"type": "string", "contentMediaType": described.media_type}
        return {"description": described.description, "content": {described.media_type: {"schema": schema}}}
    return {"content": {"application/json": {"schema": schemas[described, "serialization"]}}}


def _errors(endpoint: Endpoint) -> list[int]:
    errors = {422, *endpoint.errors}
    if endpoint.policy.reach is not Reach.PUBLIC:
        errors |= {401, 403}
    if endpoint.body is not None or endpoint.form is not None:
        errors |= {413, 415}
    if endpoint.method != "GET" and endpoint.takes_key:
        errors.add(409)  # the key was used for another request
    return sorted(errors)


_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, `bj_<id>_<secret>`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "banjie", "description": "`__Host-banjie` behind https."},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "With a session, for changes."},
}

_DESCRIPTION = """\
审批流程引擎的接口。Everything that the pages can do, for programs.

* Errors are `application/problem+json` (RFC 9457) with sentences in Chinese (`Accept-Language: en` for English).
* Lists page by key: pass `next` of one page as `after`.
* `Idempotency-Key` makes a repeated request act once.
* A thing that one may not know of is 404, not 403.
"""
