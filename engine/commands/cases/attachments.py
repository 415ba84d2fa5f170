"""Files of a case: added and removed; their bytes were judged and stored before by ``engine.files.FileStore``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.access import Verb
from engine.approval.clock import ClockKind, ClockState
from engine.approval.filing import AttachmentAdded, AttachmentRemoved
from engine.approval.item.terms import MaterialForm
from engine.approval.material import SlotState
from engine.commands.cases.case_files import CaseFile
from engine.context import Command
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.records import record
from engine.store import tables
from engine.store.rows import cases

if TYPE_CHECKING:
    from engine.context import CommandContext

MAX_FILES = 200  # of one case, those of no material and those that were removed included
_SHA256 = re.compile(r"[0-9a-f]{64}")


@record
class AddAttachment(Command):
    """Add a stored file to a material of a case, as its next version; without ``material_code`` to the case itself.

    ``key``, ``name``, ``media_type``, ``size`` and ``sha256`` are those of the StoredFile. Answers {id, no, material_code, state}.
    """

    no: str
    key: str
    name: str
    media_type: str
    size: int
    sha256: str
    material_code: str | None = None
    note: str = ""

    def identity(self) -> dict[str, Any]:
        """The same upload sent again was stored under another key; its content is what makes it the same."""
        asked = self.as_json()
        return asked | {"fields": {name: value for name, value in asked["fields"].items() if name != "key"}}

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.CHANGE_CASE)
        if file.case.state.is_ended and not _is_awaited(file):
            raise Conflict(
                f"办件{file.number}已结束，不能再上传材料。", f"Case {file.number} has ended and takes no more files."
            )
        attachment_id = add(
            file,
            {
                "key": self.key,
                "name": self.name,
                "media_type": self.media_type,
                "size": self.size,
                "sha256": self.sha256,
                "material_code": self.material_code,
                "note": self.note,
            },
        )
        state = file.slots[self.material_code].state.value if self.material_code else None
        return {"id": attachment_id, "no": file.number, "material_code": self.material_code, "state": state}


def _is_awaited(file: CaseFile) -> bool:
    """May something still be handed in after the decision (告知承诺，领证后限期补交)?"""
    running = {clock.kind for clock in file.clocks.values() if clock.state is ClockState.RUNNING}
    return ClockKind.SUPPLEMENT in running


@record
class RemoveAttachment(Command):
    """Remove a file that one added oneself by mistake; its row and bytes stay for the record. Answers {id, no}.

    What somebody else handed in is not taken away: its material is returned with a reason.
    """

    no: str
    attachment_id: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.CHANGE_CASE)
        row = context.uow.get(tables.attachment, (self.attachment_id,))
        if row is None or row["case_id"] != file.id or row["removed_at"] is not None:
            raise NotFound(f"办件{file.number}没有这个附件。", f"Case {file.number} has no such file.")
        if row["uploaded_by"] != context.actor.login:
            raise Forbidden(
                f"{row['name']} 由 {row['uploaded_by']} 上传，只有上传人可以删除；材料有问题请退回并写明原因。",
                f"{row['name']} was added by {row['uploaded_by']}, who alone may remove it; return the material with a reason.",
                by=row["uploaded_by"],
            )
        slot = file.slots.get(row["material_code"] or "")
        if slot is not None and slot.state is SlotState.VERIFIED:
            raise Conflict(
                f"材料“{slot.name}”已核验，不能删除附件；如有问题请先退回该材料。",
                f"Material {slot.code} is verified; reject it before removing its file.",
            )
        file.tell(AttachmentRemoved(case_id=file.id, attachment_id=self.attachment_id, reason=self.reason[:500]))
        if slot is not None and slot.versions and self.attachment_id in slot.versions[-1].files:
            _take_back(file, slot.code)
        return {"id": self.attachment_id, "no": file.number}


def _take_back(file: CaseFile, code: str) -> None:
    """The last version of a material is gone: it has to be handed in again."""
    slot = file.slots[code]
    if slot.state is SlotState.SUBMITTED:
        file.keep_slot(slot.reject("附件已删除，请重新提交"))
    elif slot.state is SlotState.COMPLETED:
        file.keep_slot(slot.return_completion("附件已删除，请重新提交"))


def add_all(file: CaseFile, stored: Iterable[Mapping[str, Any]]) -> None:
    """Add the files that came with the application."""
    for each in stored:
        add(file, each)


def add(file: CaseFile, stored: Mapping[str, Any]) -> str:
    """Add one stored file: {key, name, media_type, size, sha256, material_code, note}; return the attachment's id."""
    code = stored.get("material_code") or None
    if code is not None and code not in file.slots:
        raise NotFound(f"本事项没有编码为 {code} 的材料。", f"This item has no material {code}.", material=code)
    if cases.number_of_files(file.context.uow, file.id) >= MAX_FILES:
        raise Conflict(f"一个办件最多 {MAX_FILES} 个附件。", f"A case holds at most {MAX_FILES} files.")
    attachment_id = file.context.new_id()
    added = AttachmentAdded(
        case_id=file.id,
        attachment_id=attachment_id,
        material_code=code,
        version=1 if code is None else len(file.slots[code].versions) + 1,
        **_checked(stored),
    )
    file.tell(added)
    if code is not None:
        note = str(stored.get("note") or "")[:500]
        moved = file.slots[code].submit(
            (attachment_id,), at=file.now, by=file.context.actor.login, form=MaterialForm.ELECTRONIC, note=note
        )
        file.keep_slot(moved)
    return attachment_id


def _checked(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a StoredFile; they come from the house itself, so a wrong one is a fault of the caller."""
    key, name, media_type = (str(stored.get(field) or "") for field in ("key", "name", "media_type"))
    size, sha256 = stored.get("size"), str(stored.get("sha256") or "")
    named = 0 < len(key) <= 64 and 0 < len(name) <= 200 and 0 < len(media_type) <= 100
    if not named or type(size) is not int or size < 0 or not _SHA256.fullmatch(sha256):
        raise InvalidInput(
            "附件信息不完整，请重新上传。",
            "The description of the file is incomplete; upload it again.",
            fields={"file": "不完整"},
        )
    return {"name": name, "media_type": media_type, "size": size, "sha256": sha256, "storage_key": key}
