"""Deploying: checked files become immutable versions of processes, forms and items, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.commands.administration import licences
from engine.commands.administration.deployable import Deployable, read_files
from engine.commands.running import moving
from engine.commands.running.service_tasks import results_by_verb
from engine.context import Command, CommandContext
from engine.errors import ModelRefused, NotFound
from engine.events import Event, as_json
from engine.records import record
from engine.runtime.definition import DefinitionActivated, DefinitionDeployed, DefinitionSuspended
from engine.store import tables
from engine.store.base.unit_of_work import Values
from engine.store.rows import definitions, organisation, running
from engine.store.tables.types import dump

if TYPE_CHECKING:
    from engine.bpmn.model import ProcessModel


@record
class ResourcesDeployed(Event):
    deployment_id: str
    name: str
    comment: str = ""
    files: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@record
class DeployResources(Command):
    """Check BPMN files, forms and items, and store them as one deployment.

    Nothing is stored when one file has an error: ModelRefused carries the report. A process whose file, forms and called
    versions are those of its newest version gets no new version; when nothing is new, no deployment is made. ``normalise`` is
    the consent to the reader's listed changes (True, or a set of their codes); ``dry_run`` only reports.

    Answers {deployment_id, created, definitions: [{id, key, version, name, created}], items, report}.
    """

    name: str
    files: Mapping[str, bytes]
    comment: str = ""
    normalise: bool | Collection[str] = False
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()}
        normalise = self.normalise if isinstance(self.normalise, bool) else sorted(self.normalise)
        fields = {"name": self.name, "files": digests, "normalise": normalise, "dry_run": self.dry_run}
        return {"command": "DeployResources", "fields": fields}

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.DEPLOY)
        found = read_files(self.files, normalise=self.normalise, known=self._known(context))
        licences.check(context, found)
        report = found.as_json()
        if self.dry_run:
            return {"deployment_id": None, "created": False, "definitions": [], "items": [], "report": report}
        if not found.ok:
            raise ModelRefused(
                "文件有错误，没有部署。请按下列问题逐项修改后重新上传。",
                "The files have errors and nothing was deployed. Mend the findings and upload again.",
                findings=[finding for file in report for finding in file["findings"]],
                report=report,
            )
        return _Deploying(context, self, found).run() | {"report": report}

    def _known(self, context: CommandContext) -> dict[str, Any]:
        return {
            "known_processes": definitions.keys(context.uow),
            "groups": definitions.group_keys(context.uow) or None,
            "organisation": organisation.keys(context.uow),
            "verbs": results_by_verb(context.environment.verbs),
            "forms": definitions.forms(context.uow),
        }


@dataclass(slots=True)
class _Deploying:
    """One deployment under way: resources first, then definitions in the order of their calls, then items."""

    context: CommandContext
    command: DeployResources
    found: Deployable
    deployment_id: str | None = None
    definitions: list[dict[str, Any]] = field(default_factory=list)
    resources: dict[str, str] = field(default_factory=dict)  # file name -> resource id
    latest: dict[str, Values] = field(default_factory=dict)  # process key -> newest definition row

    def run(self) -> dict[str, Any]:
        for model in self.found.in_call_order():
            self._define(model)
        items = [self._item(name, item) for name, item in self.found.items.items()]
        created = self.deployment_id is not None
        if created:
            self._record(tuple(code for code, new in items if new))
        return {
            "deployment_id": self.deployment_id,
            "created": created,
            "definitions": self.definitions,
            "items": [code for code, _ in items],
        }

    def _record(self, items: tuple[str, ...]) -> None:
        assert self.deployment_id is not None
        self.context.record_admin(
            ResourcesDeployed(
                deployment_id=self.deployment_id,
                name=self.command.name,
                comment=self.command.comment,
                files=tuple(self.resources),
                items=items,
            )
        )

    def _define(self, model: ProcessModel) -> None:
        before = self._newest(model.key)
        forms = {key: self._form(key) for key in sorted(set(model.forms))}
        pins = self._pins(model)
        digest = self._digest(model, forms, pins)
        if before is not None and before["sha256"] == digest:
            self.definitions.append(_told(before, created=False))
            return
        row = self._insert(model, before, forms, pins, digest)
        self.latest[model.key] = row
        self.definitions.append(_told(row, created=True))
        self.context.record_admin(
            DefinitionDeployed(
                definition_id=row["id"],
                key=row["key"],
                version=row["version"],
                name=row["name"],
                sha256=digest,
                deployment_id=row["deployment_id"],
                pins=pins,
            )
        )
        _schedule_starts(self.context, row, before)

    def _insert(
        self, model: ProcessModel, before: Values | None, forms: Mapping[str, str], pins: Mapping[str, str], digest: str
    ) -> Values:
        context = self.context
        if before is not None:
            context.uow.update(tables.process_definition, (before["id"],), {"is_latest": False})
        resource_id = self._resource(model.file, "bpmn", normalised=self.found.normalised[model.file])
        row = {
            "id": context.new_id(),
            "key": model.key,
            "version": 1 if before is None else before["version"] + 1,
            "name": model.name or model.key,
            "deployment_id": self._deployment(),
            "resource_id": resource_id,
            "sha256": digest,
            "created_at": context.now,
            "suspended": False,
            "is_latest": True,
            "pins": dict(pins),
            "model": as_json(model) | {"forms": dict(forms)},
        }
        context.uow.insert(tables.process_definition, row)
        return row

    def _digest(self, model: ProcessModel, forms: Mapping[str, str], pins: Mapping[str, str]) -> str:
        """What makes a version: its file as the machine runs it, its forms, and the versions it calls."""
        form_digests = {key: self._form_digest(resource_id) for key, resource_id in forms.items()}
        file = hashlib.sha256(self.found.normalised[model.file]).hexdigest()
        return hashlib.sha256(dump([model.key, file, form_digests, dict(sorted(pins.items()))]).encode()).hexdigest()

    def _pins(self, model: ProcessModel) -> dict[str, str]:
        """The definition to which each called process is fixed, down to the last: one version of a key per closure."""
        pins: dict[str, str] = {}
        for key in sorted({call.process_key for call in model.calls}):
            called = self._newest(key)
            if called is None:
                raise NotFound(f"被调用的流程 {key!r} 不存在。", f"The called process {key!r} does not exist.", key=key)
            pins |= called["pins"] | {key: called["id"]}
        return pins

    def _newest(self, key: str) -> Values | None:
        if key not in self.latest:
            row = definitions.lock_latest(self.context.uow, key)
            if row is None:
                return None
            self.latest[key] = row
        return self.latest[key]

    def _form(self, key: str) -> str:
        """The resource of a form: the same content is the same resource, whichever deployment brought it."""
        name = self.found.form_file(key)
        digest = None if name is None else hashlib.sha256(self.found.forms[name]).hexdigest()
        names = [key, f"{key}.form", f"{key}.json"] if name is None else [name]
        known = definitions.form_id(self.context.uow, names, digest)
        if known is not None:
            return known
        assert name is not None, "the check found this form"
        return self._resource(name, "form")

    def _form_digest(self, resource_id: str) -> str:
        row = self.context.uow.get(tables.resource, (resource_id,))
        return str(row["sha256"]) if row else ""

    def _item(self, name: str, item: Any) -> tuple[str, bool]:
        source = self.command.files[name]
        digest = hashlib.sha256(source).hexdigest()
        table = tables.item
        before = definitions.lock_latest_item(self.context.uow, item.code)
        if before is not None and before["sha256"] == digest:
            return item.code, False
        if before is not None:
            self.context.uow.update(table, (before["id"],), {"is_latest": False})
        self._resource(name, "item")
        self.context.uow.insert(
            table,
            {
                "id": self.context.new_id(),
                "code": item.code,
                "version": 1 if before is None else before["version"] + 1,
                "name": item.name,
                "process_key": item.process_key,
                "deployment_id": self._deployment(),
                "is_latest": True,
                "disabled": False,
                "sha256": digest,
                "source": source.decode(),
                "created_at": self.context.now,
            },
        )
        return item.code, True

    def _deployment(self) -> str:
        if self.deployment_id is None:
            self.deployment_id = self.context.new_id()
            self.context.uow.insert(
                tables.deployment,
                {
                    "id": self.deployment_id,
                    "name": self.command.name,
                    "comment": self.command.comment,
                    "created_at": self.context.now,
                    "created_by": self.context.actor.login,
                },
            )
        return self.deployment_id

    def _resource(self, name: str, kind: str, normalised: bytes | None = None) -> str:
        if name not in self.resources:
            data = self.found.forms.get(name) or self.command.files[name]
            self.resources[name] = self.context.new_id()
            self.context.uow.insert(
                tables.resource,
                {
                    "id": self.resources[name],
                    "deployment_id": self._deployment(),
                    "name": name,
                    "kind": kind,
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "original": data,
                    "normalised": normalised,
                },
            )
        return self.resources[name]


def _told(row: Values, *, created: bool) -> dict[str, Any]:
    return {"id": row["id"], "key": row["key"], "version": row["version"], "name": row["name"], "created": created}


def _schedule_starts(context: CommandContext, row: Values, before: Values | None) -> None:
    """Timer start events run from the newest version only."""
    if before is not None:
        for job in running.start_timers(context.uow):
            if job.payload["definition_id"] == before["id"]:
                context.uow.delete(tables.job, (job.id,))
    compiled = definitions.compiled(context.uow, context.machine, row["id"])
    for start in compiled.start_events:
        if start.timer is not None:
            timer = compiled.start_schedule(start.id, now=context.now, zone=context.machine.zone)
            payload = {"definition_id": row["id"], "element_id": start.id, "timer": timer.to_json()}
            moving.insert_job(context, "start-timer", timer.due, payload, element_id=start.id)


@record
class SuspendDefinition(Command):
    """停用: a version can no longer be started; running instances go on."""

    definition_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        return _set_suspended(context, self.definition_id, True)


@record
class ActivateDefinition(Command):
    """启用: a suspended version can be started again."""

    definition_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        return _set_suspended(context, self.definition_id, False)


def _set_suspended(context: CommandContext, definition_id: str, suspended: bool) -> dict[str, Any]:
    require(context.actor, Verb.DEPLOY)
    definitions.by_id(context.uow, definition_id)
    context.uow.update(tables.process_definition, (definition_id,), {"suspended": suspended})
    event = DefinitionSuspended if suspended else DefinitionActivated
    context.record_admin(event(definition_id=definition_id))
    return {"id": definition_id, "suspended": suspended}
