"""How people call a variable: by the label of the form field that fills it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.commands.running.forms import parsed
from engine.store.rows import definitions

if TYPE_CHECKING:
    from engine import forms
    from engine.store.base.unit_of_work import UnitOfWork


@dataclass
class Labels:
    """The labels of the forms of a process and of those that it calls; nothing is read until one is asked for."""

    uow: UnitOfWork
    definition_id: str

    def of(self, path: str) -> str:
        """The label of the field that a variable, or a path into one, comes from; without a field the name itself."""
        name, _, inside = path.partition(".")
        label = self._known.get(name, name)
        return f"{label}.{inside}" if inside else label

    @cached_property
    def _known(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for form in self._forms():
            for component in form.walk():
                if component.holds_value and component.label:
                    found.setdefault(component.key, component.label)
        return found

    def _forms(self) -> list[forms.Form]:
        """Its own forms before those of called processes, and the form of the start before those of tasks."""
        own = definitions.by_id(self.uow, self.definition_id)
        called = [definitions.by_id(self.uow, each) for each in own["pins"].values() if each != own["id"]]
        resources: dict[str, None] = {}
        for definition in (own, *called):
            model = definition["model"]
            known = model.get("forms", {})
            first = (known.get(start["form_key"]) for start in model.get("start_events", ()))
            resources |= dict.fromkeys(each for each in (*first, *known.values()) if each is not None)
        originals = definitions.originals(self.uow, list(resources))
        return [parsed(originals[each]) for each in resources if each in originals]
