"""The story of an instance or a case for people: who did what, when, in how much time, and who has it now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.calendar import WorkCalendar
from engine.records import record
from web.frame import deadlines
from web.frame.deadlines import Deadline
from web.frame.filters import outcome_label, person_name
from web.parts import timeline_asking, timeline_returns, timeline_services, timeline_supervision
from web.wording.i18n import choose
from web.wording.i18n import translate as _
from web.wording.words import word
from web.wording.words_office import BAD_EVENTS, CASE_EVENTS, QUIET_EVENTS


@record
class Entry:
    """One line of the story. ``mood`` is done, now, bad or quiet; ``who`` is a login, ``groups`` where nobody has it yet."""

    title: str
    mood: str = "done"
    who: str = ""
    groups: tuple[str, ...] = ()
    at: datetime | None = None
    outcome: str = ""
    comment: str = ""
    used: str = ""
    deadline: Deadline | None = None
    deemed: bool = False
    task_id: str = ""
    acts_for: str = ""  # on whose behalf
    role: str = ""  # as what: delegate, signer
    read_at: datetime | None = None  # when whoever has it now opened it
    is_ballot: bool = False  # the result of a ballot, which stands on the print sheet


def build(
    history: Iterable[Mapping[str, Any]], tasks: Sequence[Mapping[str, Any]], *, now: datetime, calendar: WorkCalendar
) -> list[Entry]:
    """Tell ``history`` (rows of InstanceQueries.history) and end with the open tasks among ``tasks``."""
    by_id = {task["id"]: task for task in tasks}
    told = _gathered(entry for row in history if (entry := _entry(row, by_id, calendar)) is not None)
    waiting = [task for task in tasks if task["state"] in ("offered", "assigned", "waiting")]
    return told + [_waiting(task, now, calendar) for task in waiting]


def _gathered(entries: Iterable[Entry]) -> list[Entry]:
    """Small steps of one kind by one person in one breath (files of one upload) become one line."""
    story: list[Entry] = []
    for entry in entries:
        last = story[-1] if story else None
        if (
            last
            and last.mood == entry.mood == "quiet"
            and (last.title, last.who, last.at) == (entry.title, entry.who, entry.at)
        ):
            said = "、".join(filter(None, (last.comment, entry.comment)))
            story[-1] = replace(last, comment=said)
        else:
            story.append(entry)
    return story


def _entry(row: Mapping[str, Any], tasks: Mapping[str, Mapping[str, Any]], calendar: WorkCalendar) -> Entry | None:
    kind, data = row["kind"], row["data"]
    if kind == "TaskCompleted":
        return _completed(row, tasks.get(data["task_id"]), calendar)
    if kind in CASE_EVENTS:
        return _of_case(row)
    if kind == "BallotDecided":
        return _ballot(row)
    if kind == "VoteCast" and not data.get("task_id"):
        said = _("{name} 先前已同意，不再重复表决", name=person_name(data["login"]))
        return Entry(title=said, mood="quiet", who=row["actor"], at=row["at"], comment=data.get("comment", ""))
    if kind in ("TaskCreated", "TaskExplained") and (account := _account(data, tasks)) is not None:
        return Entry(title=account[0], mood="quiet", who="system", at=row["at"], comment=account[1])
    if kind not in TOLD:
        return None
    title, mood = TOLD[kind](data)
    said = str(data.get("reason") or data.get("question") or data.get("comment") or "")
    comment = "" if said in timeline_asking.CODES else choose(data.get("zh") or said, data.get("en") or said)
    return Entry(title=title, mood=mood, who=row["actor"], at=row["at"], comment=comment)


def _completed(row: Mapping[str, Any], task: Mapping[str, Any] | None, calendar: WorkCalendar) -> Entry:
    data = row["data"]
    used, late = "", None
    if task is not None:
        used = deadlines.spent(task["created_at"], row["at"], calendar)
        if task["due_at"] is not None and row["at"] > task["due_at"]:
            late = deadlines.of_row({**task, "closed_at": row["at"]}, now=row["at"], calendar=calendar)
    # A vote of a secret ballot is told in its task, once the ballot is closed.
    kept = task if task is not None and "outcome" not in data else {}
    outcome = data.get("outcome") or kept.get("outcome")
    return Entry(
        title=data.get("element_name") or data["element_id"],
        who=row["actor"],
        at=row["at"],
        outcome=outcome_label(task, outcome) if task is not None and outcome else (outcome or ""),
        comment=data.get("comment") or kept.get("comment", ""),
        used=used,
        deadline=late,
        deemed=bool(data.get("deemed")),
        task_id=data["task_id"],
        acts_for=row.get("acts_for") or "",
        role=timeline_asking.role(task),
    )


def _ballot(row: Mapping[str, Any]) -> Entry:
    """How a ballot ended, with the count."""
    data = row["data"]
    passed, tally = data["passed"], data.get("tally", {})
    title = _("会签通过：{name}", name=_name(data)) if passed else _("会签未通过：{name}", name=_name(data))
    counted = _(
        "同意 {yes} · 反对 {no} · 弃权 {abstain}",
        yes=tally.get("approvals", 0),
        no=tally.get("rejections", 0),
        abstain=tally.get("abstentions", 0),
    )
    comment = "\n".join(filter(None, (counted, data.get("reason", ""))))
    return Entry(title=title, mood="done", who=row["actor"], at=row["at"], comment=comment, is_ballot=True)


def _account(data: Mapping[str, Any], tasks: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
    """Who was left out when the people of a task were found, and why; None when there is nothing to tell."""
    why = data.get("why") or {}
    notes = [*why.get("skipped", ()), *why.get("notes", ())]
    if not notes:
        return None
    lines = []
    for note in notes:
        about = person_name(note["login"]) + " " if note.get("login") else ""
        lines.append(about + choose(note["zh"], note["en"]))
    name = tasks.get(data["task_id"], data).get("element_name", "")
    return _("{name}：办理人的确定", name=name), "\n".join(lines)


def _waiting(task: Mapping[str, Any], now: datetime, calendar: WorkCalendar) -> Entry:
    return Entry(
        title=task["element_name"],
        mood="now",
        who=task["assignee"] or "",
        groups=() if task["assignee"] else tuple(task["candidate_groups"]),
        at=task["created_at"],
        deadline=deadlines.of_row(task, now=now, calendar=calendar),
        task_id=task["id"],
        acts_for=task["principal"] or "",
        role=_("等候他人答复") if task["state"] == "waiting" else timeline_asking.role(task),
        read_at=task["read_at"],
    )


def _of_case(row: Mapping[str, Any]) -> Entry:
    """An event of the office, with what it is about."""
    kind, data = row["kind"], row["data"]
    mood = "bad" if kind in BAD_EVENTS else "quiet" if kind in QUIET_EVENTS else "done"
    if kind == "CaseDecided":
        outcome = word(data["result"], "result")
    elif kind == "CaseAccepted":
        outcome = word(data["acceptance"], "acceptance")
    elif kind == "CaseEnded":
        outcome = word(data["after"], "case")
    else:
        outcome = timeline_services.outcome(kind, data)
    about = str(data.get("title") or data.get("unit_name") or data.get("name") or "")
    number = str(data.get("number") or data.get("promise_no") or "")
    said = timeline_services.said(kind, data)
    if said is None:
        said = data.get("reason") or data.get("note") or data.get("statement") or data.get("text") or ""
    if "zh" in data:
        said = choose(data["zh"], data.get("en", data["zh"]))
    comment = "\n".join(part for part in (" ".join(filter(None, (about, number))), str(said)) if part)
    return Entry(
        title=word(kind, "case_event"), mood=mood, who=row["actor"], at=row["at"], outcome=outcome, comment=comment
    )


def _name(data: Mapping[str, Any]) -> str:
    return str(data.get("element_name") or data.get("element_id") or data.get("name") or "")


# What else of the history people want to read: event kind -> (title, mood). Everything else is for auditors.
TOLD: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "InstanceStarted": lambda data: (_("发起"), "done"),
    "TaskClaimed": lambda data: (_("认领"), "quiet"),
    "TaskUnclaimed": lambda data: (_("放回"), "quiet"),
    **timeline_asking.TOLD,
    **timeline_returns.TOLD,
    **timeline_supervision.TOLD,
    "TaskAssigned": lambda data: (_("转办给 {name}", name=person_name(data["assignee"])), "quiet"),
    "BallotOpened": lambda data: (_("会签开始：{name}", name=_name(data)), "quiet"),
    "BallotReopened": lambda data: (_("会签重新开始：{name}", name=_name(data)), "quiet"),
    "BallotCancelled": lambda data: (_("会签取消：{name}", name=_name(data)), "quiet"),
    "VoteWithdrawn": lambda data: (_("撤回表决"), "quiet"),
    "VoterAdded": lambda data: (_("会签加入 {name}", name=person_name(data["login"])), "quiet"),
    "VoterReplaced": lambda data: (
        _("会签由 {by} 代替 {name}", by=person_name(data["by"]), name=person_name(data["login"])),
        "quiet",
    ),
    "VoterRemoved": lambda data: (_("会签移除 {name}", name=person_name(data["login"])), "quiet"),
    "TaskReoffered": lambda data: (_("重新派发"), "quiet"),
    "ApproversChosen": lambda data: (
        _(
            "为「{name}」选择 {people}",
            name=_name(data),
            people="、".join(person_name(login) for login in data["logins"]),
        ),
        "quiet",
    ),
    "RecusalDeclared": lambda data: (_("{name} 回避", name=person_name(data["login"])), "bad"),
    "RecusalLifted": lambda data: (_("解除 {name} 的回避", name=person_name(data["login"])), "quiet"),
    "TimerFired": lambda data: (_("到点：{name}", name=_name(data)), "done"),
    "MessageReceived": lambda data: (_("收到消息：{name}", name=_name(data)), "done"),
    "SignalReceived": lambda data: (_("收到信号：{name}", name=_name(data)), "quiet"),
    "VariablesChanged": lambda data: (_("更正数据"), "quiet"),
    "IncidentOpened": lambda data: (_("出现异常：{text}", text=choose(data["zh"], data["en"])), "bad"),
    "IncidentResolved": lambda data: (
        _("异常已处理，失败的作业不再执行") if data.get("given_up") else _("异常已处理"),
        "quiet",
    ),
    "InstanceCompleted": lambda data: (_("流程结束"), "done"),
    "InstanceTerminated": lambda data: (_("流程终止"), "bad"),
    "InstanceFailed": lambda data: (_("流程出错结束"), "bad"),
}
