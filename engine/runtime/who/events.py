"""What the history tells of recusals, choices and tasks whose people were looked for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from engine.events import Event
from engine.records import record


class RecusalGround(StrEnum):
    """How a recusal came about (公务员回避规定（2020）第十二条：本人提出、利害关系人申请、组织决定)."""

    DECLARED = "declared"  # 自行回避: the person himself
    ORDERED = "ordered"  # 责令回避: a supervisor or administrator
    APPLICANT = "applicant"  # the person is the applicant: recorded by the system when the case is filed


@record
class RecusalDeclared(Event):
    recusal_id: str
    login: str
    ground: RecusalGround
    reason: str


@record
class RecusalLifted(Event):
    recusal_id: str
    login: str
    reason: str


@record
class ApproversChosen(Event):
    """The initiator (``by`` = start) or whoever acted before (previous) chose who acts at an element."""

    element_id: str
    by: str
    logins: tuple[str, ...]
    element_name: str = ""


@record
class TaskReoffered(Event):
    """The people of an open task were looked for again: nobody holds it now, these may take it."""

    task_id: str
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    reason: str = ""


@record
class TaskExplained(Event):
    """The account of an open task's people as it stands after they were looked for again."""

    task_id: str
    why: Mapping[str, Any] = field(default_factory=dict)
