"""What happens around tasks beside deciding them: a task is opened, a copy is sent and read, people talk."""

from enum import StrEnum

from engine.events import Event
from engine.records import record


@record
class TaskOpened(Event):
    """The holder opened the task for the first time since it came (已阅)."""

    task_id: str


@record
class CopySent(Event):
    """抄送: somebody, or the node itself (the actor is then whoever moved the process), lets ``recipient`` know.

    ``element_id`` is the step from which it was sent, "" for a copy of the whole instance.
    """

    copy_id: str
    recipient: str
    sent_by: str  # "system" when the node says so
    element_id: str = ""
    element_name: str = ""
    note: str = ""


@record
class CopyRead(Event):
    """The recipient opened the copy for the first time."""

    copy_id: str


@record
class CommentAdded(Event):
    """Somebody said something beside the decisions; whoever is named in ``mentions`` may see the instance from now on."""

    comment_id: str
    body: str
    task_id: str | None = None
    mentions: tuple[str, ...] = ()


@record
class CommentWithdrawn(Event):
    """Its author took a comment back: it is no longer shown, the history keeps it."""

    comment_id: str


class FileKind(StrEnum):
    """What a file of an action is."""

    ATTACHMENT = "attachment"
    SIGNATURE = "signature"  # 手写签名, a PNG


@record
class ActionFileAdded(Event):
    """A file came with an action on a task. Its bytes were judged and stored before."""

    file_id: str
    task_id: str
    file_kind: str  # of FileKind
    name: str
    media_type: str
    size: int
    sha256: str
    storage_key: str


@record
class ActionFileRemoved(Event):
    """A file was replaced or taken back before the action; its row and bytes stay for the record."""

    file_id: str
