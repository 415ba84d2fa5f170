"""Deployments and process definitions over HTTP."""

import re
from datetime import datetime
from typing import Annotated, Any

from flask import Response
from pydantic import BeforeValidator, Field, WithJsonSchema

from engine.access import Verb
from engine.commands.administration.deployments import ActivateDefinition, DeployResources, SuspendDefinition
from engine.errors import NotFound
from engine.files import download_headers
from engine.runtime.finding import Severity
from engine.store.base.paging import Row
from web.api.acting import created, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Content, Noun
from web.api.reading import Form, Query, Upload, named_files
from web.api.shapes import Flag, Listing, Name, Out, PageQuery, Remark
from web.api.tasks import FormField, told
from web.frame import models
from web.frame.policy import asks
from web.parts import diagrams, formview

deployments = Noun(blueprint, "deployments")
definitions = Noun(blueprint, "process-definitions")

_CODE = re.compile(r"[a-z][a-z0-9-]{0,99}")


def _consent(text: Any) -> Any:
    """``normalise``: "true" or "false", or a comma separated list of the codes of changes."""
    if not isinstance(text, str):
        return text
    if text.lower() in ("true", "1", ""):
        return True
    if text.lower() in ("false", "0"):
        return False
    codes = frozenset(text.split(","))
    if not all(_CODE.fullmatch(code) for code in codes):
        raise ValueError("must be true, false or codes of changes, separated by commas")
    return codes


class ModelFinding(Out):
    severity: Severity
    code: str
    file: str = ""
    line: int = 0
    element: str = ""
    element_name: str = ""
    zh: str
    en: str


class Change(Out):
    code: str
    file: str = ""
    line: int = 0
    element: str = ""
    applied: bool = False
    zh: str
    en: str


class FileReport(Out):
    file: str
    ok: bool
    findings: list[ModelFinding]
    changes: list[Change]


class DefinitionVersion(Out):
    id: str
    key: str
    version: int
    name: str
    created: bool = Field(description="False when the file is that of the newest version already.")


class DeploymentResult(Out):
    deployment_id: str | None = Field(description="Null for a dry run, and when nothing is new.")
    created: bool
    definitions: list[DefinitionVersion]
    items: list[str] = Field(description="Codes of the items 事项 that the files describe.")
    report: list[FileReport]


class DeploymentForm(Form):
    files: list[Upload] = Field(description="BPMN files, forms (.form) and items (item.toml).")
    name: Name = ""
    comment: Remark = ""


class DeploymentQuery(Query):
    dry_run: Flag = Field(False, description="Check only, store nothing.")
    normalise: Annotated[
        bool | frozenset[str],
        BeforeValidator(_consent),
        WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "string"}]}),
    ] = Field(False, description="Consent to the listed changes: true, or their codes separated by commas.")


class DefinitionSummary(Out):
    id: str
    key: str
    version: int
    name: str
    deployment_id: str
    sha256: str
    created_at: datetime
    suspended: bool
    is_latest: bool


class Definition(DefinitionSummary):
    pins: dict[str, str] = Field(description="Called process keys, each with the definition it is fixed to.")
    model: dict[str, Any] = Field(description="What the reader found: start events, tasks, forms, calls.")
    form: list[FormField] = Field(description="What its start asks for: the `variables` of `POST /process-instances`.")


class DefinitionList(Listing):
    items: list[DefinitionSummary]


class Deployment(Out):
    id: str
    name: str
    comment: str
    created_at: datetime
    created_by: str
    files: list[str]
    definitions: list[DefinitionSummary]


class DeploymentList(Listing):
    items: list[Deployment]


class DefinitionState(Out):
    id: str
    suspended: bool


class DefinitionsQuery(PageQuery):
    key: Name | None = None
    latest: Flag = Field(True, description="Newest versions only.")


class XmlQuery(Query):
    normalised: Flag = Field(False, description="As the machine runs it, not as it was uploaded.")


@deployments.post(
    "/deployments",
    asks(Verb.DEPLOY),
    zh="部署流程、表单和事项",
    form=DeploymentForm,
    query=DeploymentQuery,
    answers={201: DeploymentResult, 200: DeploymentResult},
    errors=(413,),
)
def deploy(form: DeploymentForm, query: DeploymentQuery) -> Answer:
    """Deploy processes, forms and items.

    All files or none: with an error in one of them the answer is 422, `findings` name each by file, line and element.
    A process whose files are those of its newest version gets no new version (200).
    """
    files = named_files(form.files)
    name = form.name or ", ".join(files)[:200]
    result = execute(
        DeployResources(name=name, files=files, comment=form.comment, normalise=query.normalise, dry_run=query.dry_run)
    )
    if result["deployment_id"] is None:
        return Answer(result, 200)
    return created(result, f"/deployments/{result['deployment_id']}")


@deployments.get(
    "/deployments", asks(Verb.VIEW_DEFINITIONS), zh="部署记录", query=PageQuery, answers={200: DeploymentList}
)
def list_deployments(query: PageQuery) -> Any:
    """List deployments, newest first."""
    page = queries().definitions.deployments(after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


@deployments.get(
    "/deployments/<deployment_id>",
    asks(Verb.VIEW_DEFINITIONS),
    zh="一次部署",
    answers={200: Deployment},
    errors=(404,),
)
def get_deployment(deployment_id: str) -> Row:
    """Get one deployment."""
    row = queries().definitions.deployment(deployment_id)
    if row is None:
        raise NotFound(f"没有编号为 {deployment_id} 的部署。", f"There is no deployment {deployment_id}.")
    return row


@definitions.get(
    "/process-definitions",
    asks(Verb.VIEW_DEFINITIONS),
    zh="流程定义",
    query=DefinitionsQuery,
    answers={200: DefinitionList},
)
def list_definitions(query: DefinitionsQuery) -> Any:
    """List process definitions by key and version."""
    page = queries().definitions.page(key=query.key, latest=query.latest, after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


@definitions.get(
    "/process-definitions/<definition_id>",
    asks(Verb.VIEW_DEFINITIONS),
    zh="一个流程定义",
    answers={200: Definition},
    errors=(404,),
)
def get_definition(definition_id: str) -> Row:
    """Get one version of a process."""
    row = _definition(definition_id)
    bound = formview.of_start(definition_id, models.form_key_of_start(definition_id))
    return row | {"form": [told(field) for field in bound.view(None).flat()] if bound else []}


@definitions.get(
    "/process-definitions/<definition_id>/xml",
    asks(Verb.VIEW_DEFINITIONS),
    zh="流程定义的 BPMN 文件",
    query=XmlQuery,
    answers={200: Content("application/xml", "The BPMN file.")},
    errors=(404,),
)
def get_xml(definition_id: str, query: XmlQuery) -> Response:
    """Download the BPMN file."""
    row = _definition(definition_id)
    xml = queries().definitions.xml(definition_id, normalised=query.normalised)
    assert xml is not None, "a definition has its file"
    # A file that somebody uploaded: never shown as a page, although it is called XML here.
    headers = download_headers(f"{row['key']}-{row['version']}.bpmn", "application/xml")
    return Response(xml, headers=headers | {"Content-Type": "application/xml"})


@definitions.get(
    "/process-definitions/<definition_id>/diagram.svg",
    asks(Verb.VIEW_DEFINITIONS),
    zh="流程定义的图",
    answers={200: Content("image/svg+xml", "The diagram.")},
    errors=(404,),
)
def get_diagram(definition_id: str) -> Response:
    """Get the diagram of a process."""
    _definition(definition_id)
    return diagrams.svg_of_definition(definition_id)


@definitions.post(
    "/process-definitions/<definition_id>/suspend",
    asks(Verb.DEPLOY),
    zh="停用流程定义",
    answers={200: DefinitionState},
    errors=(404,),
)
def suspend(definition_id: str) -> Any:
    """Suspend a version: it can no longer be started; running instances go on."""
    return execute(SuspendDefinition(definition_id=definition_id))


@definitions.post(
    "/process-definitions/<definition_id>/activate",
    asks(Verb.DEPLOY),
    zh="启用流程定义",
    answers={200: DefinitionState},
    errors=(404,),
)
def activate(definition_id: str) -> Any:
    """Activate a suspended version."""
    return execute(ActivateDefinition(definition_id=definition_id))


def _definition(definition_id: str) -> Row:
    row = queries().definitions.get(definition_id)
    if row is None:
        raise NotFound(f"没有编号为 {definition_id} 的流程定义。", f"There is no process definition {definition_id}.")
    return row
