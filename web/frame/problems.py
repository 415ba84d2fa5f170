"""Errors for programs: problem+json (RFC 9457), the sentence in the language of the request and in English, and facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from engine.errors import SpokenError
from engine.events import as_json
from web.wording.i18n import LANGUAGES, language

RESERVED = frozenset({"type", "title", "status", "detail", "detail_en", "instance"})

_SENTENCES: Mapping[int, tuple[str, str, str]] = {  # status: code, zh, en
    400: ("bad-request", "请求无法理解。", "The request cannot be understood."),
    404: ("not-found", "没有这个地址。", "There is nothing at this address."),
    405: ("method-not-allowed", "这个地址不接受这种操作。", "This address does not take this method."),
    413: ("too-large", "请求内容太大。", "The request is too large."),
    415: ("unsupported-media-type", "不接受这种内容类型。", "This content type is not accepted here."),
}


def of_error(error: SpokenError) -> Response:
    """The answer for an error that the house raised."""
    response = problem(error.status, error.code, error.zh, error.en, error.facts)
    if "retry_after" in error.facts:
        response.headers["Retry-After"] = str(error.facts["retry_after"])
    return response


def of_http(error: HTTPException) -> Response:
    """The answer for an error of HTTP itself: no such address, wrong method, wrong content type."""
    status = error.code or 500
    code = error.name.lower().replace(" ", "-")
    code, zh, en = _SENTENCES.get(status, (code, error.description or error.name, error.description or error.name))
    facts: dict[str, Any] = {}
    if status == 404 and len(request.path) > 1 and request.path.endswith("/"):
        zh, en = f"{zh}地址末尾不要有斜线。", f"{en} Addresses have no slash at their end."
    if isinstance(error, RequestEntityTooLarge):
        facts["limit"] = request.max_content_length
    response = problem(status, code, zh, en, facts)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def of_unknown(number: str, *, acted: bool = False) -> Response:
    """The answer for what nobody expected; the log has the details under ``number``. ``acted``: something was saved before."""
    if acted:
        return problem(
            500,
            "internal",
            f"操作已保存，但显示结果时出了意外错误。请查看最新情况，不要重复提交，并把编号 {number} 告诉管理员。",
            f"This was saved, but something unexpected went wrong behind it. Look what stands, do not send it a second time, "
            f"and tell an administrator the number {number}.",
            {"number": number},
        )
    return problem(
        500,
        "internal",
        f"系统出了意外错误，没有保存任何修改。请把编号 {number} 告诉管理员。",
        f"Something unexpected went wrong and nothing was changed. Tell an administrator the number {number}.",
        {"number": number},
    )


def _with_seconds(at: str) -> str:
    """Sentences tell a moment to the minute; programs read RFC 3339, which has seconds."""
    try:
        return datetime.fromisoformat(at).isoformat()
    except ValueError:
        return at


def problem(status: int, code: str, zh: str, en: str, facts: Mapping[str, Any]) -> Response:
    """Build the answer."""
    asked = request.accept_languages.best_match(LANGUAGES) or language()
    standard = {
        "type": f"urn:banjie:problem:{code}",
        "title": code,
        "status": status,
        "detail": zh if asked == "zh" else en,
        "detail_en": en,
    }
    # The members that the format reserves keep their meaning; a fact of the same name is told under another one.
    told = {(f"fact_{name}" if name in RESERVED else name): as_json(value) for name, value in facts.items()}
    if isinstance(at := told.get("at"), str):
        told["at"] = _with_seconds(at)
    response = jsonify(standard | told)
    response.status_code = status
    response.content_type = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="banjie"'
    return response
