"""Files of an action on a task: what came with the form, and handing them out."""

from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage, MultiDict

from engine.access import TaskFacts, Verb, not_found, require
from engine.commands.tasks.action_files import MAX_SIGNATURE
from engine.errors import InvalidInput, NotFound
from engine.files import download_headers
from engine.runtime.inbox import FileKind
from web.frame.auth import current_actor, services
from web.frame.policy import asks_thing
from web.parts.materials import store

blueprint = Blueprint("actionfiles", __name__, url_prefix="/action-files")

PNG = b"\x89PNG\r\n\x1a\n"


def sent(files: MultiDict[str, FileStorage]) -> tuple[dict[str, Any], ...]:
    """Judge and store what came with the form: ``attachments`` and ``signature``. Raises InvalidInput for what is refused."""
    found = [judged(FileKind.ATTACHMENT, each) for each in files.getlist("attachments") if each.filename]
    # A field of a form that nobody filled in comes as a file without a name.
    found += [judged(FileKind.SIGNATURE, each) for each in files.getlist("signature") if each.filename]
    return tuple(found)


def not_kept(files: MultiDict[str, FileStorage]) -> list[str]:
    """The names of the attachments that came with a page that was not accepted: a browser has to be given them again."""
    return [each.filename for each in files.getlist("attachments") if each.filename]


def judged(kind: str, file: FileStorage) -> dict[str, Any]:
    """Judge and store one file; a signature must be a small PNG. Raises InvalidInput, or what the store refuses."""
    if kind == FileKind.ATTACHMENT:
        return _keep(FileKind.ATTACHMENT, file.filename or "", file.stream.read())
    data = file.stream.read(MAX_SIGNATURE + 1)
    if len(data) > MAX_SIGNATURE or not data.startswith(PNG):
        raise InvalidInput(
            "签名须为 512 KB 以内的 PNG 图片。",
            "A signature is a PNG of at most 512 KB.",
            fields={"signature": "须为 PNG 图片"},
            fields_en={"signature": "must be a PNG"},
        )
    return _keep(FileKind.SIGNATURE, "signature.png", data)


@blueprint.get("/<file_id>")
@asks_thing(Verb.VIEW_TASK)
def show(file_id: str) -> Response:
    """Hand a file out to whoever may see its task; ``?inline`` shows pictures and PDF in the browser."""
    row = services().queries.inbox.file(file_id)
    task = services().queries.tasks.get(row["task_id"]) if row else None
    if row is None or task is None or row["removed_at"] is not None:
        raise not_found(TaskFacts(task_id=file_id, assignee=None))
    require(current_actor(), Verb.VIEW_TASK, services().queries.tasks.facts(task))
    with store().open(row["storage_key"]) as stream:
        content = stream.read()
    return Response(content, headers=download_headers(row["name"], row["media_type"], inline="inline" in request.args))


def _keep(kind: FileKind, name: str, data: bytes) -> dict[str, Any]:
    try:
        stored = store().accept(name, data)
    except NotFound as error:
        raise InvalidInput(error.zh, error.en) from error
    described = {field: getattr(stored, field) for field in ("key", "name", "media_type", "size", "sha256")}
    return {"kind": kind.value, **described}
