"""The border: everything that comes in is read here, strictly, once. What is unknown, doubled or unusual is refused."""

import codecs
import re
from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError, WithJsonSchema
from werkzeug.datastructures import FileStorage

from engine import plain
from engine.errors import InvalidInput, TooLarge, WrongContentType
from web.api.faults import as_invalid_input

MAX_JSON_BYTES = 1 << 20
MAX_FILES = 50
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Query(BaseModel):
    """Query parameters. Texts are turned into what the field wants; a name that is not declared is an error."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Body(BaseModel):
    """A JSON object. Strict: "5" is no number and 1 is no truth; a name that is not declared is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Form(BaseModel):
    """A multipart form: texts, and files as lists of ``FileStorage``."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)


Upload = Annotated[
    FileStorage, WithJsonSchema({"type": "string", "contentMediaType": "application/octet-stream"}, mode="validation")
]

Q = TypeVar("Q", bound=Query)
B = TypeVar("B", bound=Body)
F = TypeVar("F", bound=Form)


class NoQuery(Query):
    """No parameters at all."""


class NoBody(Body):
    """Nothing, or an empty object."""


def idempotency_key(*, allowed: bool = True) -> str | None:
    """Return the request's Idempotency-Key, or None. Raises InvalidInput for one that is malformed or has no use here."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise plain.refused("Idempotency-Key", "须为 1 至 200 个可见 ASCII 字符", "1 to 200 visible ASCII characters")
    if not allowed and request.method != "GET":
        raise plain.refused(
            "Idempotency-Key", "此操作不支持（结果只显示一次）", "not supported here: the answer is shown once"
        )
    return key if allowed else None


def query(model: type[Q]) -> Q:
    """Read the query parameters as ``model``; raises InvalidInput."""
    given: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise plain.refused(name, "参数重复", "the parameter stands twice")
        given[name] = values[0]
    plain.check(given)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise as_invalid_input(error, model) from error


def body(model: type[B]) -> B:
    """Read the JSON body as ``model``, no body as {}; raises InvalidInput, TooLarge, or WrongContentType."""
    if (request.content_length or 0) > MAX_JSON_BYTES:
        raise TooLarge("请求内容超过 1 MB。", "The request has more than 1 MB.", limit=MAX_JSON_BYTES)
    data = request.get_data(cache=False)
    if data:
        _check_type("application/json")
    data = data.removeprefix(codecs.BOM_UTF8)  # some writers cannot help it, and RFC 8259 lets readers ignore it
    # First what concerns every value, then the shape: pydantic reads the same bytes again.
    plain.parse(data or b"{}", max_bytes=MAX_JSON_BYTES)
    try:
        return model.model_validate_json(data or b"{}")
    except ValidationError as error:
        raise as_invalid_input(error, model) from error


def _check_type(expected: str) -> None:
    """Raise WrongContentType unless the body is of this type, in UTF-8, and not packed."""
    packed = request.headers.get("Content-Encoding", "identity").lower()
    if packed not in ("", "identity"):
        raise WrongContentType(
            f"请求内容不能压缩（Content-Encoding: {packed}），请原样发送。",
            f"The body must not be packed (Content-Encoding: {packed}); send it as it is.",
            expected="identity",
        )
    if request.mimetype != expected:
        given = request.mimetype or "—"
        raise WrongContentType(
            f"请求的 Content-Type 应为 {expected}，收到的是 {given}。",
            f"The Content-Type must be {expected}; this request has {given}.",
            expected=expected,
        )
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise WrongContentType(
            f"请求内容应为 UTF-8 编码，不是 {charset}。",
            f"The body must be UTF-8, not {charset}.",
            expected=f"{expected}; charset=utf-8",
        )


def form(model: type[F]) -> F:
    """Read a multipart form as ``model``; raises InvalidInput, or WrongContentType."""
    _check_type("multipart/form-data")
    given: dict[str, Any] = {}
    for name, values in request.form.lists():
        if len(values) > 1:
            raise plain.refused(name, "字段重复", "the field stands twice")
        given[name] = values[0]
    for name, files in request.files.lists():
        if len(files) > MAX_FILES:
            raise plain.refused(name, f"一次最多 {MAX_FILES} 个文件", f"at most {MAX_FILES} files at once")
        for file in files:
            plain.check_text(file.filename or "", name)
        given[name] = files
    plain.check({name: value for name, value in given.items() if isinstance(value, str)})
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise as_invalid_input(error, model) from error


def named_files(files: list[FileStorage]) -> dict[str, bytes]:
    """Return the uploaded files by their names, folders cut off; raises InvalidInput for one without a name or a name twice."""
    found: dict[str, bytes] = {}
    for file in files:
        name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
        if not name or len(name) > 200:
            raise plain.refused(
                "files", "文件没有名称，或名称超过 200 字", "a file has no name, or one of more than 200 characters"
            )
        if name in found:
            raise InvalidInput(
                f"文件 {name} 重复。", f"There are two files with the name {name}.", fields={"files": "duplicate"}
            )
        found[name] = file.read()
    return found
