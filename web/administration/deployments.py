"""Deployments: upload files, read the findings, consent to repairs, see versions and their diagrams."""

import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from engine.access import Verb, may
from engine.bpmn import difference
from engine.bpmn.words import KINDS
from engine.commands.administration.deployments import ActivateDefinition, DeployResources, SuspendDefinition
from engine.errors import InvalidInput, ModelRefused, NotFound, TooLarge
from web.frame import listing
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.frame.policy import asks
from web.parts import diagrams
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("deployments", __name__, url_prefix="/deployments")

MAX_FILES = 200
MAX_BYTES = 20 << 20  # of all files together, unpacked


@blueprint.get("")
@asks(Verb.VIEW_DEFINITIONS)
def index() -> str:
    return _page()


@blueprint.post("")
@asks(Verb.DEPLOY)
def deploy() -> BaseResponse | tuple[str, int]:
    """Check the files; with 部署 also store them. With errors, or with repairs that nobody consented to, only the report comes."""
    files = _uploaded(request.files.getlist("files"))
    names = ", ".join(sorted(files))
    command = DeployResources(
        name=request.form.get("name", "").strip()[:200] or names[:200],
        comment=request.form.get("comment", "").strip()[:2000],
        files=files,
        normalise="normalise" in request.form,
        dry_run=request.form.get("action") == "check",
    )
    try:
        answer = services().engine.execute(command, actor=current_actor())
    except ModelRefused as error:
        return _page(report=error.facts["report"], refused=True), error.status
    if command.dry_run:
        return _page(report=answer["report"], checked=True), 200
    if not answer["created"]:
        flash(_("内容与现行版本相同，没有生成新版本。"), "info")
        return redirect(url_for("deployments.index"), 303)
    fresh = [each for each in answer["definitions"] if each["created"]]
    told = "、".join(f"{each['name']} v{each['version']}" for each in fresh) or "、".join(answer["items"])
    flash(_("已部署：{names}", names=told), "success")
    remarks = any(file["findings"] or file["changes"] for file in answer["report"])
    return (_page(report=answer["report"]), 200) if remarks else redirect(url_for("deployments.index"), 303)


@blueprint.get("/definitions/<definition_id>")
@asks(Verb.VIEW_DEFINITIONS)
def definition(definition_id: str) -> str:
    """One version: its diagram, its tasks, and the other versions of the same process."""
    row = _definition(definition_id)
    versions = services().queries.definitions.versions(row["key"])
    former = next((each for each in versions if each["version"] < row["version"]), None)
    return render_template(
        "deployments/definition.html",
        row=row,
        former=former,
        differences=_differences(former["id"], definition_id) if former else [],
        versions=versions,
        diagram=diagrams.of_definition(definition_id, row["name"]),
        may_deploy=may(current_actor(), Verb.DEPLOY).allowed,
    )


@blueprint.get("/definitions/<definition_id>/diagram.svg")
@asks(Verb.VIEW_DEFINITIONS)
def diagram_svg(definition_id: str) -> Response:
    return diagrams.svg_of_definition(definition_id)


@blueprint.get("/definitions/<definition_id>/process.bpmn")
@asks(Verb.VIEW_DEFINITIONS)
def download(definition_id: str) -> Response:
    """The BPMN file as uploaded, or (``?normalised``) as the machine runs it."""
    row = _definition(definition_id)
    xml = services().queries.definitions.xml(definition_id, normalised="normalised" in request.args)
    ascii_key = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "_" for each in row["key"])
    response = Response(xml, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{ascii_key}-v{row["version"]}.bpmn"'
    return response


@blueprint.post("/definitions/<definition_id>/suspend")
@asks(Verb.DEPLOY)
def suspend(definition_id: str) -> BaseResponse:
    services().engine.execute(SuspendDefinition(definition_id=definition_id), actor=current_actor())
    flash(_("已停用：不能再发起，在办的继续。"), "success")
    return redirect(url_for("deployments.definition", definition_id=definition_id), 303)


@blueprint.post("/definitions/<definition_id>/activate")
@asks(Verb.DEPLOY)
def activate(definition_id: str) -> BaseResponse:
    services().engine.execute(ActivateDefinition(definition_id=definition_id), actor=current_actor())
    flash(_("已启用。"), "success")
    return redirect(url_for("deployments.definition", definition_id=definition_id), 303)


def _page(*, report: list[dict[str, Any]] | None = None, refused: bool = False, checked: bool = False) -> str:
    queries = services().queries.definitions
    page = queries.deployments(after=listing.text("after", 500) or None, limit=10)
    prefetch_names(row["created_by"] for row in page.rows)
    return render_template(
        "deployments/index.html",
        definitions=queries.newest(),
        deployments=page.rows,
        pager=listing.pager(page.next, size=10),
        may_deploy=may(current_actor(), Verb.DEPLOY).allowed,
        report=report,
        refused=refused,
        checked=checked,
        wants_consent=any(change for file in report or [] for change in file["changes"] if not change.get("applied")),
    )


def _differences(former_id: str, definition_id: str) -> list[dict[str, Any]]:
    """What changed between two versions as the machine runs them, with the BPMN names in words."""
    xml = services().queries.definitions.xml
    before, after = xml(former_id, normalised=True) or b"", xml(definition_id, normalised=True) or b""
    return [
        {"type": KINDS[each.type].of(language()) if each.type in KINDS else each.type, "it": each}
        for each in difference.compare(before, after)
    ]


def _definition(definition_id: str) -> dict[str, Any]:
    row = services().queries.definitions.get(definition_id)
    if row is None:
        raise NotFound("没有这个流程版本。", "There is no such version of a process.")
    return row


# ---------------------------------------------------------------- the files


def _uploaded(uploads: Iterable[FileStorage]) -> dict[str, bytes]:
    """The uploaded files by name; archives are opened, within limits."""
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for upload in uploads:
        name = _plain_name(upload.filename or "")
        if not name:
            continue
        data = upload.stream.read(left + 1)
        parts = _unzipped(data, left) if name.lower().endswith(".zip") else {name: data}
        left -= sum(map(len, parts.values()))
        if left < 0 or len(files) + len(parts) > MAX_FILES:
            raise _too_large()
        files |= parts
    if not files:
        raise InvalidInput("请选择要上传的文件。", "Choose the files to upload.", fields={"files": "required"})
    return files


def _unzipped(data: bytes, left: int) -> dict[str, bytes]:
    """The files of an archive. What it claims about sizes is not believed: reading stops at the limit."""
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist()[: MAX_FILES * 2]:
                name = _plain_name(entry.filename)
                if entry.is_dir() or not name or name.startswith(("__MACOSX/", ".")):
                    continue
                with archive.open(entry) as stream:
                    found[name] = stream.read(left + 1)
                left -= len(found[name])
                if left < 0:
                    raise _too_large()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise InvalidInput("压缩包已损坏或加密，无法打开。", "The archive is broken or encrypted.") from error
    return found


def _plain_name(name: str) -> str:
    """A relative name with forward slashes and without anything that climbs."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts)[:200]


def _too_large() -> TooLarge:
    limit = MAX_BYTES >> 20
    return TooLarge(
        f"上传的文件太多或太大：最多 {MAX_FILES} 个，合计 {limit} MB。",
        f"Too many or too large files: at most {MAX_FILES}, {limit} MB together.",
    )
