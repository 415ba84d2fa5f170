"""Attachments and the handwritten signature of an action on a task; ``banjie:signature="required"`` is held for every outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.access import SYSTEM
from engine.errors import Conflict, InvalidInput
from engine.runtime.inbox import ActionFileAdded, ActionFileRemoved, FileKind
from engine.store.rows import inbox as inbox_rows

if TYPE_CHECKING:
    from engine.context import CommandContext
    from engine.runtime.task import Task

MAX_FILES, MAX_SIGNATURE = 20, 512 << 10  # files of one task; bytes
_SHA256 = re.compile(r"[0-9a-f]{64}")

# {kind, key, name, media_type, size, sha256}: those of a StoredFile
Stored = Mapping[str, Any]


def add(context: CommandContext, task: Task, files: Iterable[Stored]) -> None:
    """Keep the files that came with an action (P-4.5). A newer signature of the same person replaces the one before."""
    sent = [_checked(file) for file in files]
    if not sent:
        return
    known = inbox_rows.files_of(context.uow, task.id)
    if len(known) + len(sent) > MAX_FILES:
        raise Conflict(
            f"一件任务最多 {MAX_FILES} 个附件。", f"A task takes at most {MAX_FILES} files.", task_id=task.id
        )
    for file in sent:
        if file["file_kind"] == FileKind.SIGNATURE:
            for row in known:
                if row["kind"] == FileKind.SIGNATURE and row["added_by"] == context.actor.login:
                    context.record(task.instance_id, ActionFileRemoved(file_id=row["id"]))
        context.record(task.instance_id, ActionFileAdded(file_id=context.new_id(), task_id=task.id, **file))


def check_signed(context: CommandContext, task: Task, sent: Iterable[Stored]) -> None:
    """Raise InvalidInput for a node that asks for a signature, when the actor has not signed before and ``sent`` none now.

    The house itself signs nothing (P-9.3).
    """
    if not needs_signature(task.settings) or context.actor.login == SYSTEM.login:
        return
    if any(file.get("kind") == FileKind.SIGNATURE for file in sent):
        return
    rows = inbox_rows.files_of(context.uow, task.id)
    if any(row["kind"] == FileKind.SIGNATURE and row["added_by"] == context.actor.login for row in rows):
        return
    raise InvalidInput(
        f"「{task.label}」需要手写签名后才能办理，无论什么结果。",
        f"{task.label} needs a handwritten signature, whatever the outcome.",
        fields={"signature": "请签名"},
        fields_en={"signature": "Please sign"},
    )


def needs_signature(settings: Mapping[str, Any]) -> bool:
    """Whether the node says ``signature="required"``."""
    return str(settings.get("signature") or "").strip() == "required"


def _checked(file: Stored) -> dict[str, Any]:
    """The values come from the house's own store, so a wrong one is a fault of the caller; a signature must be a small PNG."""
    kind, key, name, media_type = (str(file.get(field) or "") for field in ("kind", "key", "name", "media_type"))
    size, sha256 = file.get("size"), str(file.get("sha256") or "")
    named = 0 < len(key) <= 64 and 0 < len(name) <= 200 and 0 < len(media_type) <= 100
    if kind not in set(FileKind) or not named or type(size) is not int or size < 0 or not _SHA256.fullmatch(sha256):
        raise InvalidInput(
            "附件信息不完整，请重新上传。", "The description of the file is incomplete; upload it again."
        )
    if kind == FileKind.SIGNATURE and (media_type != "image/png" or size > MAX_SIGNATURE):
        raise InvalidInput(
            "签名须为 512 KB 以内的 PNG 图片。",
            "A signature is a PNG of at most 512 KB.",
            fields={"signature": "须为 PNG 图片"},
            fields_en={"signature": "must be a PNG"},
        )
    return {
        "file_kind": kind,
        "name": name,
        "media_type": media_type,
        "size": size,
        "sha256": sha256,
        "storage_key": key,
    }
