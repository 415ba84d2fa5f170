"""Choosing colleagues: a list by department in a house of some hundred people, a search by name or login in a larger one.

Both send the login. What somebody types in full works without scripts too: a login, a name that one person has, or
``name（login）`` as the lists show it.
"""

import re
from typing import Any

from flask import Blueprint, g, render_template, request

from engine.errors import InvalidInput
from web.frame.auth import services
from web.frame.policy import signed_in

blueprint = Blueprint("colleagues", __name__, url_prefix="/colleagues")

MOST = 300  # people in one list: nobody scrolls through more, and a page has several such lists
FOUND = 20

_SHOWN = re.compile(r".+[（(]([^（）()]+)[）)]\s*")


def listed(*without: str | None) -> list[dict[str, Any]] | None:
    """Everybody who can be given a task but ``without``, by department; None in a house where one searches."""
    everybody = _everybody()
    return [each for each in everybody if each["login"] not in without] if len(everybody) <= MOST else None


def chosen(name: str) -> str:
    """The login of whom a field of the form names, "" if nobody. Raises InvalidInput for a name that several people have.

    What is nobody's name is handed on as it is: the command says that there is no such person.
    """
    return _login_of(request.form.get(name, ""))


def chosen_all(name: str) -> list[str]:
    """The same for a field that may come several times, without the empty ones."""
    return [login for text in request.form.getlist(name) if (login := _login_of(text))]


def _login_of(text: str) -> str:
    text = text.strip()[:200]
    shown = _SHOWN.fullmatch(text)
    if not text:
        return ""
    if shown is not None:
        return shown[1].strip()
    same = services().queries.people.named(text)
    if len(same) > 1:
        told = "、".join(f"{each['login']}（{each['department_name']}）" for each in same)
        raise InvalidInput(
            f"有 {len(same)} 位同事叫“{text}”：{told}。请填其中一位的账号。",
            f"{len(same)} colleagues have the name {text}: {', '.join(each['login'] for each in same)}. Give the login of one.",
        )
    return str(same[0]["login"]) if same else text


def _everybody() -> list[dict[str, Any]]:
    """Everybody, or one more than a list shows; read once for a page however many fields offer them."""
    if "everybody" not in g:
        g.everybody = services().queries.people.active_names(MOST + 1)
    found: list[dict[str, Any]] = g.everybody
    return found


@blueprint.get("")
@signed_in
def found() -> str:
    """Options for a field in which somebody types: whoever has the text in his name or login. The field's name is its own."""
    text = next(iter(request.args.values()), "").strip()[:100]
    rows = services().queries.people.found(text, FOUND) if text else []
    return render_template("parts/colleagues_found.html", rows=rows)
