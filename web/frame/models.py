"""What a deployed model says about its elements: labels of outcomes, documentation, names. Definitions never change, so it is kept."""

from collections.abc import Mapping
from typing import Any

from web.frame.auth import services

Model = Mapping[str, Any]
KEPT = 500


def definition_of(definition_id: str) -> Model:
    """Return {"key", "pins", "model"} of a definition; {} when there is none."""
    if not definition_id:
        return {}
    known = services().models
    found = known.get(definition_id)
    if found is None:
        row = services().queries.definitions.get(definition_id)
        found = {name: row[name] for name in ("key", "name", "version", "pins", "model")} if row else {}
        if len(known) >= KEPT:
            known.clear()
        known[definition_id] = found
    return found


def user_task(definition_id: str, process_key: str, element_id: str) -> Model:
    """Return the model of a user task, also of a process that the definition calls; {} when it is not found."""
    definition = definition_of(definition_id)
    pinned = definition.get("pins", {}).get(process_key)
    if pinned is not None and process_key != definition.get("key"):
        definition = definition_of(pinned)
    tasks = definition.get("model", {}).get("user_tasks", [])
    return next((task for task in tasks if task["element_id"] == element_id), {})


def outcome_labels(definition_id: str, process_key: str, element_id: str) -> dict[str, str]:
    """Return {code: label} as the model writes them, in order."""
    return dict(user_task(definition_id, process_key, element_id).get("outcomes", []))


def form_key_of_start(definition_id: str) -> str | None:
    """The form of the none start event, or None."""
    starts = definition_of(definition_id).get("model", {}).get("start_events", [])
    return next((start["form_key"] for start in starts if start["kind"] == "none"), None)
