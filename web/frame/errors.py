"""Errors in words: a page with a way on for people; for programs see ``web.frame.problems``."""

import logging
import re
import secrets
from typing import Any

from flask import Flask, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import NotSignedIn, SpokenError, Unavailable
from engine.process_engine import COMMITTED
from engine.records import record
from web.frame import problems
from web.frame.filters import file_size, moment, person_name
from web.frame.security import safe_next
from web.wording.i18n import language
from web.wording.i18n import translate as _

logger = logging.getLogger("banjie.web")


@record(kw_only=False)
class Link:
    """A way on."""

    label: str
    url: str


SAVED = (
    "操作已保存，但随后取不到结果。请稍后查看最新情况，不要重复提交。",
    "This was saved, but its result cannot be shown just now. Look again later and do not send it a second time.",
)


def register(app: Flask) -> None:
    """Let ``app`` answer every error in words."""
    app.register_error_handler(SpokenError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def wants_json() -> bool:
    """Whether the caller is a program."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def _known(error: SpokenError) -> Any:
    if isinstance(error, Unavailable):
        logger.warning("%s %s is answered with 503: %s", request.method, request.path, error)
        if _has_acted():
            error.zh, error.en = SAVED
    if wants_json():
        return problems.of_error(error)
    if isinstance(error, NotSignedIn):
        return _to_login()
    if isinstance(error, Unavailable):
        g.identity = None  # the menu and its counts would ask the very thing that does not answer
    answer = page(error.status, in_words(error), code=error.code, facts=error.facts)
    if "retry_after" in error.facts:
        answer.headers["Retry-After"] = str(error.facts["retry_after"])
    return answer


def _has_acted() -> bool:
    """Whether something was committed for this request before its answer failed."""
    before = g.get("committed")
    return before is not None and COMMITTED.get() > before


def in_words(error: SpokenError) -> str:
    """What ``error`` says, with the name of whom it speaks of and the time on the office's clock."""
    text, by, at = error.message(language()), error.facts.get("by"), error.facts.get("at")
    if isinstance(by, str) and by:
        text = re.sub(rf"(?<= ){re.escape(by)}(?=[ .])", lambda _found: person_name(by), text, count=1)
    return text.replace(at, moment(at)) if isinstance(at, str) and at else text


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status in (301, 302, 307, 308):
        redirection: Any = error.get_response()
        return redirection
    if wants_json():
        return problems.of_http(error)
    if isinstance(error, RequestEntityTooLarge):
        limit = file_size(request.max_content_length or 0)
        sentence = _("上传的内容太大：一次最多 {limit}。", limit=limit)
    else:
        sentence = {
            400: _("请求不完整或无法理解，请返回检查后重试。"),
            404: _("没有这个页面：地址可能写错了，或者内容已经移走。"),
            405: _("这个地址不接受这种操作。"),
        }.get(status, error.description or error.name)
    return page(status, sentence)


def _unknown(error: Exception) -> Any:
    """Whatever we did not expect: the log has it all, the page only a number to ask for."""
    number = secrets.token_hex(4)
    logger.exception("unexpected error %s at %s %s", number, request.method, request.path)
    acted = _has_acted()
    if wants_json():
        return problems.of_unknown(number, acted=acted)
    if acted:
        return page(
            500,
            _(
                "操作已保存，但显示结果时出了意外错误。请查看最新情况，不要重复提交，并把编号 {number} 告诉管理员。",
                number=number,
            ),
        )
    return page(500, _("系统出了意外错误，没有保存任何修改。请把编号 {number} 告诉管理员。", number=number))


def page(status: int, sentence: str, *, code: str = "", facts: dict[str, Any] | None = None) -> Response:
    """Render the error page."""
    facts = facts or {}
    text = render_template(
        "error.html", status=status, title=_title(status, facts), sentence=sentence, facts=facts, links=_ways_on(facts)
    )
    return Response(text, status=status, content_type="text/html; charset=utf-8")


def _title(status: int, facts: dict[str, Any]) -> str:
    if "csrf" in facts:
        return _("页面已过期")
    titles = {
        400: _("请求有误"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("不支持的操作"),
        409: _("情况已经变化"),
        413: _("内容太大"),
        422: _("内容有误"),
        429: _("请稍候再试"),
        503: _("系统暂时不可用"),
    }
    return titles.get(status, _("出错了"))


def _ways_on(facts: dict[str, Any]) -> list[Link]:
    links = []
    if task := facts.get("task_id"):
        links.append(Link(_("查看这件任务的最新情况"), f"/tasks/{task}"))
    elif instance := facts.get("instance_id"):
        links.append(Link(_("查看流程的最新情况"), f"/instances/{instance}"))
    back = safe_next(request.referrer and _path_of(request.referrer), "")
    if back and back != request.full_path.rstrip("?"):
        links.append(Link(_("返回上一页"), back))
    links.append(Link(_("回到待办"), "/inbox"))
    return links


def _to_login() -> BaseResponse:
    """Send a person to the login page, and afterwards back to where they were."""
    if request.method == "GET":
        back = request.full_path.rstrip("?")
    else:
        back = _path_of(request.referrer or "")
        flash(_("登录已过期，刚才的操作没有保存，请登录后重试。"), "warning")
    back = safe_next(back, "")
    return redirect(url_for("login.show", next=back) if back not in ("", "/") else url_for("login.show"), 303)


def _path_of(address: str) -> str:
    """The path and query of an address on this server; "" for any other."""
    host = request.host_url
    return "/" + address.removeprefix(host) if address.startswith(host) else ""
