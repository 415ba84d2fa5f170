"""Diagrams: drawn by the server from the BPMN file, coloured by what the history says, shown as pictures."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import Response, url_for
from markupsafe import Markup

from engine.bpmn.diagram import render_svg
from engine.errors import NotFound
from engine.records import record
from engine.runtime.task import OPEN
from web.frame.auth import services
from web.frame.filters import moment, person_name
from web.frame.models import definition_of
from web.wording.i18n import language
from web.wording.i18n import translate as _

CACHED = 64
Marks = tuple[tuple[str, str], ...]
Tasks = Sequence[Mapping[str, Any]]


@record(kw_only=False)
class Picture:
    """A diagram on a page: its address, and what it shows in words."""

    url: str
    text: str


def of_instance(instance: Mapping[str, Any], tasks: Tasks | None = None) -> Picture:
    """The diagram of an instance with its progress; ``tasks`` are all of its tasks, where they were read before."""
    states = states_of(instance["id"], tasks)
    names = definition_of(instance["definition_id"]).get("model", {}).get("element_names", {})
    done = _named(states, names, {"done"})
    active = _named(states, names, {"active", "overdue", "failed"})
    text = _("流程图。已办：{done}。办理中：{active}。", done=done or "—", active=active or "—")
    return Picture(url_for("instances.diagram_svg", instance_id=instance["id"], lang=language()), text)


def drawn_with_links(instance: Mapping[str, Any], tasks: Tasks, links: Mapping[str, str]) -> Markup:
    """The diagram of an instance as a part of the page, for its steps can be clicked; ``links``: element id -> address."""
    states, titles = states_of(instance["id"], tasks), _titles(tasks)
    return Markup(_text(instance["definition_id"], states, titles, links))  # noqa: S704 everything in it is escaped


def of_definition(definition_id: str, name: str) -> Picture:
    """The plain diagram of a definition."""
    url = url_for("deployments.diagram_svg", definition_id=definition_id)
    return Picture(url, _("流程图：{name}", name=name))


def states_of(instance_id: str, tasks: Tasks | None = None) -> dict[str, str]:
    """{element id: done, active, overdue, failed or cancelled}; ``tasks`` are all of its tasks, where they were read before."""
    states = services().queries.instances.element_states(instance_id)
    now = services().engine.now()
    for task in services().queries.tasks.of_instance(instance_id) if tasks is None else tasks:
        late = task["state"] in OPEN and task["due_at"] is not None and task["due_at"] < now
        if late and states.get(task["element_id"]) == "active":
            states[task["element_id"]] = "overdue"
    return states


def svg_of_instance(instance: Mapping[str, Any]) -> Response:
    """Draw an instance: states in colour, who and when in the tooltips."""
    tasks = services().queries.tasks.of_instance(instance["id"])
    return _svg(instance["definition_id"], states_of(instance["id"], tasks), _titles(tasks))


def svg_of_definition(definition_id: str) -> Response:
    """Draw a definition."""
    return _svg(definition_id, {}, {})


def _titles(tasks: Tasks) -> dict[str, str]:
    """Who did or holds each task; the last one where an element was passed several times."""
    titles: dict[str, str] = {}
    for task in tasks:
        if task["closed_at"] is not None and task["closed_by"]:
            titles[task["element_id"]] = f"{person_name(task['closed_by'])} {moment(task['closed_at'])}"
        elif task["assignee"]:
            titles[task["element_id"]] = person_name(task["assignee"])
    return titles


def _svg(definition_id: str, states: Mapping[str, str], titles: Mapping[str, str]) -> Response:
    response = Response(_text(definition_id, states, titles, {}), content_type="image/svg+xml; charset=utf-8")
    # Opened on its own, the picture is a document: it may run and load nothing.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    return response


def _text(definition_id: str, states: Mapping[str, str], titles: Mapping[str, str], links: Mapping[str, str]) -> str:
    xml = services().queries.definitions.xml(definition_id, normalised=True)
    if xml is None:
        raise NotFound("没有这个流程。", "There is no such process.")
    key = definition_of(definition_id).get("key")
    marks = (tuple(sorted(each.items())) for each in (states, titles, links))
    return _drawn(xml, key, *marks, language())


@lru_cache(maxsize=CACHED)
def _drawn(xml: bytes, key: str | None, states: Marks, titles: Marks, links: Marks, to: str) -> str:
    return render_svg(xml, process_key=key, states=dict(states), titles=dict(titles), links=dict(links), language=to)


def _named(states: Mapping[str, str], names: Mapping[str, list[str]], wanted: set[str]) -> str:
    """The names of the elements in these states; nameless gateways and events say nothing in words."""
    found = [names[element][0] for element, state in states.items() if state in wanted and element in names]
    return "、".join(dict.fromkeys(name for name in found if name))
