"""Files of a case: upload (judged by content), download (handed out inertly), verify, reject, remove."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.access import Verb
from engine.commands.cases.attachments import AddAttachment, RemoveAttachment
from engine.commands.cases.materials import JudgeMaterial
from engine.errors import BanjieError, NotFound, TooLarge
from engine.files import FileStore, StoredFile, download_headers
from engine.files.kinds import KINDS
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.frame.security import safe_next
from web.parts import casefile
from web.wording.i18n import language
from web.wording.i18n import translate as _

blueprint = Blueprint("materials", __name__, url_prefix="/cases/<no>")

ACCEPT = ",".join(f".{extension}" for extension in KINDS)  # what the file dialogue offers; the content decides


@blueprint.post("/attachments")
@asks_thing(Verb.CHANGE_CASE)
def upload(no: str) -> BaseResponse:
    """Add files to one material (or to the case itself). Each file is judged alone; what is refused is told by name."""
    case = casefile.open_case(no, Verb.CHANGE_CASE)
    code = request.form.get("material") or None
    added, refused = 0, []
    for each in request.files.getlist("files"):
        if not each.filename:
            continue
        try:
            stored = store().accept(each.filename, each.stream.read())
            services().engine.execute(_adding(case.no, stored, code), actor=current_actor())
            added += 1
        except (BanjieError, TooLarge) as error:
            refused.append(error.message(language()))
    if added:
        flash(_("已上传 {n} 个文件。", n=added), "success")
    for sentence in refused:
        flash(sentence, "error")
    if not added and not refused:
        flash(_("请先选择文件。"), "warning")
    return _back(no)


@blueprint.get("/attachments/<attachment_id>")
@asks_thing(Verb.VIEW_CASE)
def download(no: str, attachment_id: str) -> Response:
    """Hand out a file; ``?inline`` shows PDF and pictures in the browser."""
    case = casefile.open_case(no)
    row = services().queries.cases.attachment(attachment_id)
    if row is None or row["case_id"] != case.row["id"]:
        raise NotFound("没有这个文件。", "There is no such file.")
    with store().open(row["storage_key"]) as stream:
        content = stream.read()
    headers = download_headers(row["name"], row["media_type"], inline="inline" in request.args)
    return Response(content, headers=headers)


@blueprint.post("/attachments/<attachment_id>/remove")
@asks_thing(Verb.CHANGE_CASE)
def remove(no: str, attachment_id: str) -> BaseResponse:
    command = RemoveAttachment(no=no, attachment_id=attachment_id, reason=request.form.get("reason", "")[:500])
    services().engine.execute(command, actor=current_actor())
    flash(_("文件已删除，记录保留。"), "success")
    return _back(no)


@blueprint.post("/materials/<code>/judge")
@asks_thing(Verb.JUDGE_MATERIAL)
def judge(no: str, code: str) -> BaseResponse:
    """核验 or 退回 one material."""
    verdict, reason = request.form.get("verdict", ""), request.form.get("reason", "").strip()[:500]
    command = JudgeMaterial(no=no, code=code, verdict=verdict, reason=reason)
    services().engine.execute(command, actor=current_actor())
    flash(_("材料已核验。") if verdict == "verified" else _("材料已退回。"), "success")
    return _back(no)


def store() -> FileStore:
    """Where uploads lie."""
    found = services().engine.environment.files
    if found is None:
        raise NotFound("本系统没有配置文件存放位置。", "This installation keeps no files.")
    return found


def _adding(no: str, stored: StoredFile, code: str | None) -> AddAttachment:
    return AddAttachment(
        no=no,
        key=stored.key,
        name=stored.name,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        material_code=code,
    )


def _back(no: str) -> BaseResponse:
    """To the page on which the button stood: the case's materials, or a task."""
    return redirect(safe_next(request.form.get("back"), url_for("cases.show", no=no, tab="materials")), 303)
