"""What a service task with the verb ``http.request`` asks for, checked before anything is resolved or sent."""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from engine import plain
from engine.errors import InvalidInput
from engine.outgoing.policy import HOST
from engine.records import record

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
MAX_URL = 2_000
MAX_SECONDS = 60.0

_INPUTS = frozenset({"url", "method", "headers", "query", "body", "accept", "timeoutSeconds"})
_OURS = frozenset(
    {
        "host",
        "connection",
        "content-length",
        "content-type",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "accept",
        "accept-encoding",
        "idempotency-key",
        "proxy-authorization",
        "proxy-connection",
    }
)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e]{0,4000}")
_STATUSES = re.compile(r"\s*([2-4]\d\d)(?:\s*-\s*([2-4]\d\d))?\s*")


@record
class OutgoingRequest:
    """One checked request. ``target`` is path and query; ``body`` JSON text, or None."""

    scheme: str
    host: str
    port: int
    target: str
    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    accept: frozenset[int] = frozenset(range(200, 300))
    seconds: float | None = None

    @classmethod
    def from_inputs(cls, inputs: Mapping[str, Any]) -> Self:
        """Read the inputs of the service task; raises InvalidInput that names the bad one.

        ``url``; ``method`` (GET, or POST with a body); ``headers`` and ``query`` (names to texts or numbers); ``body`` (any
        JSON); ``accept`` (status codes that are answers and no errors, such as "200-299,404"); ``timeoutSeconds``.
        """
        unknown = sorted(set(inputs) - _INPUTS)
        if unknown:
            raise _bad(unknown[0], f"没有这个参数，可用：{'、'.join(sorted(_INPUTS))}", "there is no such input")
        scheme, host, port, target = _split(inputs.get("url"))
        query = _pairs(inputs.get("query"), "query")
        if query:
            target += ("&" if "?" in target else "?") + urlencode(query)
        body = inputs.get("body")
        if body is not None:
            plain.check(body, "body")
        method = str(inputs.get("method") or ("GET" if body is None else "POST")).upper()
        if method not in METHODS:
            raise _bad("method", f"只能是 {'、'.join(sorted(METHODS))}", f"must be one of {', '.join(sorted(METHODS))}")
        return cls(
            scheme=scheme,
            host=host,
            port=port,
            target=target,
            method=method,
            headers=_headers(inputs.get("headers")),
            body=None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode(),
            accept=_statuses(inputs.get("accept")),
            seconds=_seconds(inputs.get("timeoutSeconds")),
        )


def _split(url: Any) -> tuple[str, str, int, str]:
    if not isinstance(url, str) or not url or len(url) > MAX_URL or re.search(r"[\x00-\x20\x7f\\]", url):
        raise _bad(
            "url", "缺少地址，或含有空格等不允许的字符", "missing, too long, or with characters that are not allowed"
        )
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise _bad("url", "地址格式有误", "not a URL") from None
    if parts.scheme not in ("http", "https"):
        raise _bad("url", "只允许 http 和 https", "only http and https")
    if "@" in parts.netloc:
        raise _bad("url", "地址中不能含账号和密码", "no credentials in the URL")
    host = (parts.hostname or "").lower().rstrip(".")
    _check_host(host)
    # Everything that is not ASCII is percent-encoded as UTF-8; what is encoded already stays.
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._")
    return parts.scheme, host, port, path + (f"?{query}" if query else "")


def _check_host(host: str) -> None:
    """A name in ASCII, or an address in its usual form: 0x7f.1 and 2130706433 are not, and resolvers take them for one."""
    if ":" in host or re.fullmatch(r"[0-9.]+", host):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise _bad("url", "IP 地址格式有误", "the address is not in its usual form") from None
        if "%" in host:
            raise _bad("url", "IP 地址不能带网卡编号", "no zone in an address")
    elif not HOST.fullmatch(host):
        raise _bad("url", "主机名有误（中文域名请用 xn-- 形式）", "not a host name (write IDN as xn--)")


def _headers(given: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _pairs(given, "headers").items():
        if name.lower() in _OURS:
            raise _bad(f"headers.{name}", "由系统设置，不能更改", "is set by the engine")
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise _bad(f"headers.{name}", "含有不允许的字符", "holds characters that are not allowed")
        found[name] = value
    return found


def _pairs(given: Any, place: str) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise _bad(place, "须为名称到文字的对应", "must map names to texts")
    found: dict[str, str] = {}
    for name, value in given.items():
        if not isinstance(value, (str, int, float)):
            raise _bad(f"{place}.{name}", "须为文字或数字", "must be a text or a number")
        found[str(name)] = str(value).lower() if isinstance(value, bool) else str(value)
    plain.check(found, place)
    return found


def _statuses(given: Any) -> frozenset[int]:
    if given is None or given == "":
        return frozenset(range(200, 300))
    found: set[int] = set()
    for part in str(given).split(","):
        match = _STATUSES.fullmatch(part)
        if not match:
            raise _bad("accept", "须为状态码，例如 200-299,404", "must be status codes, such as 200-299,404")
        found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return frozenset(found)


def _seconds(given: Any) -> float | None:
    if given is None or given == "":
        return None
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        seconds = 0.0
    if not 0 < seconds <= MAX_SECONDS:
        raise _bad(
            "timeoutSeconds", f"须大于 0、不超过 {MAX_SECONDS:.0f}", f"must be above 0 and at most {MAX_SECONDS:.0f}"
        )
    return seconds


def _bad(place: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(
        f"http.request 的参数 {place} {zh}。", f"Input {place} of http.request: {en}.", fields={place: zh}
    )
