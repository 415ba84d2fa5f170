"""The application factory: parts in, Flask out. Nothing here knows a process or a case."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from flask import Flask, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.commands.administration.people import SetLanguage
from engine.passwords import Passwords
from engine.process_engine import COMMITTED, ProcessEngine
from engine.store.queries.subjects import Queries
from web import api, layout, pages
from web.frame import auth, csrf, errors, policy, security
from web.frame.addresses import Address
from web.frame.services import Services
from web.frame.settings import WebSettings
from web.wording import i18n

SESSION_FREE = frozenset({"static"})  # endpoints that never look who asks


def create_app(
    engine: ProcessEngine,
    queries: Queries,
    *,
    settings: WebSettings | None = None,
    wall_clock: Callable[[], datetime] | None = None,
    passwords: Passwords | None = None,
) -> Flask:
    """Build the application over a process engine and its queries. ``wall_clock`` (aware) and ``passwords`` are for tests."""
    settings = settings or WebSettings()
    services = Services(engine, queries, settings)
    if wall_clock is not None:
        services.wall_clock = wall_clock
    if passwords is not None:
        services.passwords = passwords
    app = Flask("web")
    app.url_rule_class = Address
    app.extensions["banjie"] = services
    _configure(app, settings)
    security.register(app, https=settings.https)
    errors.register(app)
    layout.register(app)
    app.before_request(_before)
    pages.register(app)
    api.register(app)
    policy.check_all(app)
    return app


def _configure(app: Flask, settings: WebSettings) -> None:
    app.config.update(
        SECRET_KEY=hmac.new(settings.secret, b"web cookie", hashlib.sha256).digest(),
        SESSION_COOKIE_NAME="__Host-banjie-page" if settings.https else "banjie-page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        MAX_CONTENT_LENGTH=settings.max_body,
        MAX_FORM_MEMORY_SIZE=2 << 20,
        MAX_FORM_PARTS=2000,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # people read answers in a terminal, too
    app.jinja_env.autoescape = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _before() -> None:
    """Who asks, in which language, and whether a changing request comes from us: before every view."""
    if request.endpoint in SESSION_FREE:
        return
    g.language = i18n.known(request.cookies.get(i18n.COOKIE)) or "zh"
    auth.identify()
    _choose_language()
    csrf.check()
    g.committed = COMMITTED.get()  # what the errors of this request tell as done is what comes behind this


def _choose_language() -> None:
    """``?lang=en`` switches and is remembered: for a person in the database, before sign-in in a cookie."""
    identity = g.identity
    asked = i18n.known(request.args.get("lang")) if request.method == "GET" else None
    if identity is not None:
        g.language = asked or i18n.known(identity.person.language) or "zh"
        if asked and asked != identity.person.language and not identity.by_token:
            auth.services().engine.execute(SetLanguage(language=asked), actor=identity.actor)
    elif asked:
        g.language = asked
