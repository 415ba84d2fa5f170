"""Who asks: a session cookie for people, a bearer token for programs. The only place that decides it.

The cookie holds 256 random bits; the database holds only their hash. A session ends after 30 idle minutes or 8 hours,
by the wall clock (see ``engine.commands.administration.sessions``).
"""

from datetime import datetime, timedelta
from typing import cast

from flask import current_app, g, request
from werkzeug.wrappers import Response

from engine.access import SYSTEM, Actor, Scope
from engine.commands.administration.sessions import IDLE, LIFETIME, CloseSession, OpenSession, TouchSession
from engine.errors import NotSignedIn
from engine.people import hash_secret, new_secret, parse_token
from engine.records import record
from engine.store.queries.people import SignedIn
from web.frame.services import Services

TOUCH_AFTER = timedelta(minutes=1)
BACKGROUND = frozenset({"inbox.counts"})  # asked by a page on its own: nobody may be sitting before it


@record
class Identity:
    """The one who asks, as this request knows them. ``session_hash`` and ``csrf`` are empty for an API token."""

    actor: Actor
    person: SignedIn
    session_hash: str = ""
    csrf: str = ""

    @property
    def by_token(self) -> bool:
        return not self.session_hash


def services() -> Services:
    """What the app was built from: engine, queries, settings."""
    return cast(Services, current_app.extensions["banjie"])


def identify() -> None:
    """Find out who asks, before the view runs; a wrong or spent token is refused even where nobody is needed.

    Tokens are for programs, and open the API alone: a page asks for no scope, so one of a narrow scope would see more there.
    """
    by_token = "Authorization" in request.headers and request.path.startswith("/api/")
    g.identity = _by_token() if by_token else _by_session()


def current_identity() -> Identity:
    """Return who asks, or raise NotSignedIn."""
    identity = g.get("identity")
    if identity is None:
        raise NotSignedIn("请先登录。", "Please sign in first.")
    return cast(Identity, identity)


def current_actor() -> Actor:
    """Return who asks as the engine knows them, or raise NotSignedIn. Pages and API share it."""
    return current_identity().actor


def _by_token() -> Identity:
    scheme, _, text = request.headers["Authorization"].partition(" ")
    parsed = parse_token(text.strip()) if scheme.lower() == "bearer" else None
    address, token_id = request.remote_addr or "", parsed[0] if parsed else ""
    brake, now = services().brake, services().wall_clock()
    brake.check(address, token_id, now)
    found = services().queries.people.by_token(parsed[0], hash_secret(parsed[1])) if parsed else None
    if found is not None:
        token, person = found
        if token["revoked_at"] is None and token["expires_at"] > services().engine.now():
            brake.right(token_id)
            return Identity(actor=person.actor(frozenset(Scope(scope) for scope in token["scopes"])), person=person)
    brake.wrong(address, token_id, now)
    raise NotSignedIn("令牌无效、已过期或已撤销。", "The token is unknown, expired or revoked.")


def _by_session() -> Identity | None:
    cookie = request.cookies.get(cookie_name())
    if not cookie:
        return None
    now = services().wall_clock()
    found = services().queries.people.by_session(hash_secret(cookie))
    if found is None:
        return None
    row, person = found
    if now - row["created_at"] > LIFETIME or now - row["seen_at"] > IDLE:
        services().engine.execute(CloseSession(id_hash=row["id_hash"]), actor=person.actor())
        return None
    if now - row["seen_at"] > TOUCH_AFTER and request.endpoint not in BACKGROUND:
        services().engine.execute(TouchSession(id_hash=row["id_hash"], at=now.isoformat()), actor=SYSTEM)
    return Identity(actor=person.actor(), person=person, session_hash=row["id_hash"], csrf=row["csrf"])


# ---------------------------------------------------------------- the cookie


def cookie_name() -> str:
    """``__Host-`` binds the cookie to this very host and to https; browsers refuse the prefix without https."""
    return "__Host-banjie" if services().settings.https else "banjie"


def open_session(person: SignedIn, response: Response, *, password_hash: str | None = None) -> None:
    """Sign ``person`` in with a fresh session id (whatever cookie came with the request is worth nothing any more)."""
    secret = new_secret()
    at: datetime = services().wall_clock()
    command = OpenSession(
        login=person.login,
        id_hash=hash_secret(secret),
        csrf=new_secret(),
        at=at.isoformat(),
        address=request.remote_addr or "",
        password_hash=password_hash,
    )
    services().engine.execute(command, actor=person.actor())
    https = services().settings.https
    response.set_cookie(cookie_name(), secret, httponly=True, samesite="Lax", secure=https, path="/")


def close_session(response: Response) -> None:
    """Sign the present person out."""
    identity = g.get("identity")
    if identity is not None and not identity.by_token:
        services().engine.execute(CloseSession(id_hash=identity.session_hash), actor=identity.actor)
    response.delete_cookie(cookie_name(), path="/", secure=services().settings.https, httponly=True, samesite="Lax")
