"""Proof that a changing request comes from our own page: a token, and whatever the browser says about the origin.

Each signed-in session has a token of its own (table ``session``); before sign-in the token lives in the signed cookie, which
stops a stranger from signing somebody into the stranger's account. Browsers also send Origin or Sec-Fetch-Site: if they do,
it must be us. A request with an API token in its header carries no cookie's authority and needs none of this.
"""

import hmac
import secrets

from flask import g, request, session

from engine.errors import Forbidden

FIELD = "csrf"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def token() -> str:
    """Return the token for forms on this page."""
    identity = g.get("identity")
    if identity is not None and identity.csrf:
        return str(identity.csrf)
    if FIELD not in session:
        session[FIELD] = secrets.token_urlsafe(32)
    return str(session[FIELD])


def check() -> None:
    """Raise Forbidden unless the request is safe by its method or proves that our own page sent it."""
    if request.method in SAFE_METHODS:
        return
    if not _same_origin():
        raise _refused("origin")
    identity = g.get("identity")
    if identity is not None and identity.by_token:
        return
    if identity is None and request.path.startswith("/api/"):
        return  # nobody has no authority to borrow; the endpoint's guard answers 401, which a program understands
    expected = identity.csrf if identity is not None else session.get(FIELD)
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not expected or not hmac.compare_digest(str(expected).encode(), given.encode()):
        raise _refused("token")


def _same_origin() -> bool:
    """Judge what the browser says; silence is left to the token."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin.lower() == request.host_url.rstrip("/").lower()


def _refused(reason: str) -> Forbidden:
    return Forbidden(
        "页面已过期，或请求不是从本系统的页面发出的。没有做任何修改，请返回刷新页面后重试。",
        "This page has expired, or the request did not come from a page of this system. Nothing was changed; go back, "
        "reload the page and try again.",
        csrf=reason,
    )
