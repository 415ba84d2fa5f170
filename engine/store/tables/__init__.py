"""All tables of the engine. Each index answers a question that a page or a worker asks; the question stands beside it.

Runtime rows (task, job, subscription) hold what is open or recent; ``history`` holds everything for ever and can rebuild
the projections (see ``projections``). Times are UTC.
"""

from engine.store.tables.approval import ballot, ballot_member, ballot_vote
from engine.store.tables.asking import (
    handover,
    proxy_rule,
    task_transfer,
)
from engine.store.tables.base import metadata
from engine.store.tables.calendar import (
    calendar_day,
    calendar_year,
    setting,
)
from engine.store.tables.definitions import (
    deployment,
    process_definition,
    resource,
)
from engine.store.tables.inbox import (
    action_file,
    comment,
    copy,
    mention,
    notification,
    phrase,
    preference,
    saved_view,
)
from engine.store.tables.office import (
    attachment,
    case_file,
    case_number,
    clock,
    credit_event,
    document,
    document_number,
    draft,
    item,
    material,
    opinion,
)
from engine.store.tables.people import (
    api_token,
    choice,
    department,
    group,
    login_throttle,
    membership,
    person,
    person_post,
    post,
    recusal,
    session,
    turn,
)
from engine.store.tables.runtime import (
    history,
    idempotency,
    incident,
    job,
    message_buffer,
    process_instance,
    stream_head,
    subscription,
    task,
    task_offer,
)

__all__ = [
    "action_file",
    "api_token",
    "attachment",
    "ballot",
    "ballot_member",
    "ballot_vote",
    "calendar_day",
    "calendar_year",
    "case_file",
    "case_number",
    "choice",
    "clock",
    "comment",
    "copy",
    "credit_event",
    "department",
    "deployment",
    "document",
    "document_number",
    "draft",
    "group",
    "handover",
    "history",
    "idempotency",
    "incident",
    "item",
    "job",
    "login_throttle",
    "material",
    "membership",
    "mention",
    "message_buffer",
    "metadata",
    "notification",
    "opinion",
    "person",
    "person_post",
    "phrase",
    "post",
    "preference",
    "process_definition",
    "process_instance",
    "proxy_rule",
    "recusal",
    "resource",
    "saved_view",
    "session",
    "setting",
    "stream_head",
    "subscription",
    "task",
    "task_offer",
    "task_transfer",
    "turn",
]
