"""Materials of a case and their files over HTTP."""

from datetime import datetime
from typing import Any, Literal

from flask import Response
from pydantic import Field

from engine.access import Verb
from engine.approval.material import SlotState
from engine.commands.cases.attachments import AddAttachment, RemoveAttachment
from engine.commands.cases.materials import JudgeMaterial
from engine.errors import NotFound, Unavailable
from engine.files import FileStore, StoredFile, download_headers
from engine.store.base.paging import Row
from web.api.acting import created, engine, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Content, Noun
from web.api.reading import Body, Form, Query, Upload
from web.api.shapes import Out, Remark
from web.frame.policy import asks_thing
from web.parts.casefile import CaseView, open_case

materials = Noun(blueprint, "cases")


class File(Out):
    id: str
    material_code: str | None
    version: int
    name: str
    media_type: str
    size: int = Field(description="In bytes.")
    sha256: str
    uploaded_by: str
    uploaded_at: datetime


class Material(Out):
    code: str
    name: str
    material_class: str = Field(description="main, secondary or not_tolerable.")
    required: bool
    state: SlotState
    state_zh: str
    remark: str
    files: list[File] = Field(validation_alias="attachments")


class MaterialList(Out):
    items: list[Material]
    files: list[File] = Field(description="Files of the case that belong to no material.")


class UploadForm(Form):
    file: list[Upload] = Field(
        min_length=1,
        max_length=1,
        description="One file: pdf, png, jpg, docx, xlsx, ofd, txt or csv, judged by its content.",
    )
    note: Remark = ""


class AddedFile(Out):
    id: str
    no: str
    material_code: str | None
    state: SlotState | None = Field(description="Of the material.")


class Verdict(Body):
    verdict: Literal["verified", "rejected"]
    reason: Remark = Field("", description="Needed for a rejection.")


class JudgedMaterial(Out):
    no: str
    code: str
    state: SlotState


class RemovalQuery(Query):
    reason: Remark = ""


@materials.get(
    "/cases/<no>/materials", asks_thing(Verb.VIEW_CASE), zh="办件的材料", answers={200: MaterialList}, errors=(404,)
)
def list_materials(no: str) -> Any:
    """List the materials of a case: which are needed, where each stands, and its files."""
    case = open_case(no)
    rows = queries().cases.materials(case.row["id"])
    loose = [file for file in queries().cases.attachments(case.row["id"]) if not file["material_code"]]
    return {"items": [row | {"state_zh": SlotState(row["state"]).zh} for row in rows], "files": loose}


@materials.post(
    "/cases/<no>/materials/<code>/files",
    asks_thing(Verb.CHANGE_CASE),
    zh="上传材料",
    form=UploadForm,
    answers={201: AddedFile},
    errors=(404, 409),
)
def upload_material(no: str, code: str, form: UploadForm) -> Answer:
    """Add a file to a material, as its next version.

    The content decides, not the name: scripts, macros, embedded documents and links to other files are refused, and
    pictures are written anew, without place and device.
    """
    return _add(open_case(no, Verb.CHANGE_CASE), code, form)


@materials.post(
    "/cases/<no>/files",
    asks_thing(Verb.CHANGE_CASE),
    zh="上传其他文件",
    form=UploadForm,
    answers={201: AddedFile},
    errors=(404, 409),
)
def upload_file(no: str, form: UploadForm) -> Answer:
    """Add a file that belongs to no material."""
    return _add(open_case(no, Verb.CHANGE_CASE), None, form)


@materials.get(
    "/cases/<no>/files/<file_id>",
    asks_thing(Verb.VIEW_CASE),
    zh="下载文件",
    answers={200: Content("application/octet-stream", "The file, as an attachment.")},
    errors=(404,),
)
def download(no: str, file_id: str) -> Response:
    """Download a file of a case."""
    row = _file(open_case(no), file_id)
    with _store().open(row["storage_key"]) as stream:
        content = stream.read()
    return Response(content, headers=download_headers(row["name"], row["media_type"]))


@materials.delete(
    "/cases/<no>/files/<file_id>",
    asks_thing(Verb.CHANGE_CASE),
    zh="删除文件",
    query=RemovalQuery,
    answers={204: None},
    errors=(404, 409),
)
def remove_file(no: str, file_id: str, query: RemovalQuery) -> Answer:
    """Remove a file that was added by mistake; its record stays."""
    execute(RemoveAttachment(no=no, attachment_id=file_id, reason=query.reason))
    return Answer(status=204)


@materials.post(
    "/cases/<no>/materials/<code>/judge",
    asks_thing(Verb.JUDGE_MATERIAL),
    zh="核验或退回材料",
    body=Verdict,
    answers={200: JudgedMaterial},
    errors=(404, 409),
)
def judge_material(no: str, code: str, body: Verdict) -> Any:
    """Say that a material conforms, or does not and why."""
    return execute(JudgeMaterial(no=no, code=code, verdict=body.verdict, reason=body.reason))


def _add(case: CaseView, code: str | None, form: UploadForm) -> Answer:
    upload = form.file[0]
    stored = _store().accept(upload.filename or "", upload.read())
    try:
        result = execute(_adding(case.no, stored, code, form.note))
    except Unavailable:
        raise  # perhaps it was kept all the same; a file that nobody needs is swept away
    except Exception:
        _store().delete(stored.key)
        raise
    row = queries().cases.attachment(result["id"])
    if row is None or row["storage_key"] != stored.key:
        _store().delete(stored.key)  # the same request again: its first file is the one that counts
    return created(result, f"/cases/{case.no}/files/{result['id']}")


def _adding(no: str, stored: StoredFile, code: str | None, note: str) -> AddAttachment:
    return AddAttachment(
        no=no,
        key=stored.key,
        name=stored.name,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        material_code=code,
        note=note,
    )


def _file(case: CaseView, file_id: str) -> Row:
    row = queries().cases.attachment(file_id)
    if row is None or row["case_id"] != case.row["id"]:
        raise NotFound(f"办件 {case.no} 没有这个文件。", f"Case {case.no} has no such file.")
    return row


def _store() -> FileStore:
    found = engine().environment.files
    if found is None:
        raise NotFound("本系统没有配置文件存放位置。", "This installation keeps no files.")
    return found
