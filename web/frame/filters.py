"""Filters that templates share: times, names, words, masks."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, g, has_request_context, url_for

from engine.approval.item import Item
from engine.calendar import SHANGHAI, Limit
from engine.errors import InvalidInput
from web.frame import models
from web.frame.auth import services
from web.wording.i18n import language, translate
from web.wording.words import colour, word


def register(app: Flask) -> None:
    """Give the templates of ``app`` these filters."""
    app.jinja_env.filters.update(
        moment=moment,
        day=day,
        person_name=person_name,
        group_name=group_name,
        word=word,
        colour=colour,
        shown=shown,
        tojson_text=tojson_text,
        masked=masked,
        outcome_label=outcome_label,
        instance_url=instance_url,
        options=options,
        file_size=file_size,
        control_id=control_id,
        limit_words=limit_words,
        branch_name=branch_name,
    )


def moment(value: datetime | str | None, seconds: bool = False) -> str:
    """``2026-11-22 17:30`` in the office's own time; "" for None."""
    if value is None or value == "":
        return ""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def day(value: date | datetime | str | None) -> str:
    """``2026-11-22``; "" for None."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value[:10]
    return (value.astimezone(SHANGHAI) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def person_name(login: str | None) -> str:
    """The name of the person with this login; the login itself when nobody has it."""
    if not login:
        return ""
    if login == "system":
        return translate("系统")
    return _names({login}).get(login) or login


def prefetch_names(logins: Iterable[str | None]) -> None:
    """Read the names of a whole list at once, before the template asks for each."""
    _names({login for login in logins if login})


def _names(logins: set[str]) -> dict[str, str]:
    """Names by login, kept for the length of the request."""
    known: dict[str, str] = g.setdefault("names", {}) if has_request_context() else {}
    if unknown := logins - known.keys():
        found = services().queries.admin.names(unknown)
        known.update({login: found.get(login, "") for login in unknown})
    return known


def group_name(key: str) -> str:
    """The name of the candidate group with this key; the key itself when there is none."""
    if "group_names" not in g:
        g.group_names = services().queries.people.group_names()
    return str(g.group_names.get(key) or key)


def shown(value: Any) -> str:
    """Any JSON value as a short text for people."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return translate("是") if value else translate("否")
    if isinstance(value, Mapping):
        return "；".join(f"{key}：{shown(item)}" for key, item in value.items()) or "—"
    if isinstance(value, (list, tuple)):
        return "、".join(shown(item) for item in value) or "—"
    return str(value)


def tojson_text(value: Any) -> str:
    """A JSON value as its text; escaped like any other text where it is shown."""
    return json.dumps(value, ensure_ascii=False)


def masked(number: str) -> str:
    """An identity number with its middle hidden: 330102********1234 (first six, last four)."""
    if len(number) <= 10:
        return number[:1] + "*" * (len(number) - 2) + number[-1:] if len(number) > 2 else "*" * len(number)
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def outcome_label(row: Mapping[str, Any], outcome: str | None = None) -> str:
    """The label of a task's outcome as its model says it, else the common word for the code, else the code."""
    code = outcome or row["outcome"]
    label = outcome_labels(row).get(code, code)
    return label if label != code else word(code, "outcome")


def outcome_labels(row: Mapping[str, Any]) -> dict[str, str]:
    """{code: label} of a task row's element."""
    cache: dict[str, str] = g.setdefault("definition_of_instance", {})
    prefetch_definitions([row["instance_id"]])
    return models.outcome_labels(cache[row["instance_id"]], row["process_key"], row["element_id"])


def prefetch_definitions(instance_ids: Iterable[str]) -> None:
    """Read which definition each instance of a whole list runs, before the labels of its outcomes are asked for."""
    cache: dict[str, str] = g.setdefault("definition_of_instance", {})
    missing = set(instance_ids) - cache.keys()
    if missing:
        found = services().queries.instances.definitions_of(sorted(missing))
        cache.update({each: found.get(each, "") for each in missing})


def instance_url(row: Mapping[str, Any]) -> str:
    """Where to look at an instance; the page goes on to the case when it has one."""
    return url_for("instances.show", instance_id=row["id"])


def options(rows: Iterable[Mapping[str, Any]], value: str = "id", label: str = "name") -> list[tuple[Any, Any]]:
    """Rows as (value, label) pairs for a select."""
    return [(row[value], row[label]) for row in rows]


def file_size(size: int) -> str:
    """``1.5 MB``."""
    if size < 1 << 10:
        return f"{size} B"
    if size < 1 << 20:
        return f"{size / (1 << 10):.0f} KB"
    return f"{size / (1 << 20):.1f} MB"


def control_id(name: str) -> str:
    """The id of the control of a form field: a name like ``list[0].column`` without what ids in links cannot have."""
    return "f-" + "".join(each if each.isalnum() or each == "_" else "-" for each in name)


def limit_words(text: str | None) -> str:
    """``5wd`` as 5个工作日 or 5 working days; an expression stays as it is written."""
    if not text:
        return "—"
    try:
        return Limit.parse(text).text(language())
    except InvalidInput:
        return text


def branch_name(code: str, item: Item) -> str:
    """What a co-department's branch is called; its code when the item does not know it."""
    branches = item.parallel.branches if item.parallel else ()
    return next((branch.name for branch in branches if branch.code == code), code)
