"""What every page needs: menu, language, time and assets."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for

from web.frame import csrf, filters
from web.frame.auth import services
from web.lists import menu
from web.parts import talk
from web.parts.materials import ACCEPT
from web.wording import i18n

STYLESHEETS = (
    "css/base.css",
    "css/shell.css",
    "css/parts.css",
    "css/forms.css",
    "css/pages.css",
    "css/verbs.css",
    "css/inbox.css",
    "css/board.css",
    "css/print.css",
)
SCRIPTS = ("dist/compat.js", "dist/banjie.js")  # built by the launcher; pages work without them


def register(app: Flask) -> None:
    """Give the templates of ``app`` their common words."""
    static = Path(app.static_folder or "")
    scripts = [name for name in SCRIPTS if (static / name).is_file()]
    app.jinja_env.globals.update(
        _=i18n.translate,
        choose=i18n.choose,
        csrf_token=csrf.token,
        asset=lambda name: _asset_url(static, name),
        stylesheets=STYLESHEETS,
        scripts=scripts,
        accept_files=ACCEPT,
        talk_about=talk.about,
    )
    filters.register(app)
    app.context_processor(_context)
    app.after_request(_remember_language)


def _context() -> dict[str, Any]:
    identity = g.get("identity")
    settings, engine = services().settings, services().engine
    language = i18n.language()
    return {
        "identity": identity,
        "language": language,
        "html_lang": i18n.HTML_LANG[language],
        "organisation": settings.organisation if language == "zh" else settings.organisation_en,
        "switch_language_url": _switch_language_url(language),
        "now": engine.now(),
        "clock_frozen": engine.clock_frozen,
        "menu": menu.build(identity.actor) if identity else [],
        "unread_notices": services().queries.inbox.unread_notices(identity.actor) if identity else 0,
        "notes": menu.notes(identity.actor) if identity else [],
    }


def _switch_language_url(language: str) -> str:
    """This very page in the other language; a page that answered a form is opened anew at its address."""
    arguments = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    other = "en" if language == "zh" else "zh"
    return f"{request.path}?{urlencode([*arguments, ('lang', other)])}"


def _remember_language(response: Response) -> Response:
    asked = i18n.known(request.args.get("lang"))
    if asked and g.get("identity") is None:
        response.set_cookie(i18n.COOKIE, asked, max_age=31_536_000, samesite="Lax", secure=services().settings.https)
    return response


def _asset_url(static: Path, name: str) -> str:
    return url_for("static", filename=name, v=_fingerprint(static / name))


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"
