"""A ballot in plain words: by which rule it decides, who has voted what, how it stands and what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.access import InstanceFacts, Verb, may
from engine.calendar import Unit, WorkCalendar
from engine.records import record
from engine.runtime import member_limits
from engine.runtime.ballot import Ballot, Mode, Threshold, Tie
from engine.runtime.ballot_events import BallotState
from engine.runtime.ballot_settings import BallotNode, parse
from engine.runtime.member_limits import Overdue
from engine.runtime.task import Power, Seat, TaskState
from web.frame import deadlines
from web.frame.auth import current_actor, services
from web.frame.deadlines import Deadline
from web.frame.filters import limit_words, outcome_label, person_name, prefetch_names
from web.wording.i18n import translate as _
from web.wording.words import word

COLOURS = {"open": "blue", "passed": "green", "failed": "red", "cancelled": "grey"}


@record
class SeatView:
    """One line of the panel. ``choice`` is the vote's word, empty while it is not cast or nobody may know it."""

    login: str
    notes: tuple[str, ...] = ()  # chair, veto, weight, adviser
    state: str = ""
    choice: str = ""
    colour: str = ""
    comment: str = ""
    at: datetime | None = None
    by: str = ""  # who cast it, if that was somebody else
    deadline: Deadline | None = None  # of this member, as long as an answer is awaited
    late: datetime | None = None  # when the time of a member was over who answered later, or never


@record
class BallotView:
    """What the panel shows. ``rules`` are sentences; ``standing`` is one."""

    id: str
    title: str
    colour: str
    rules: tuple[str, ...]
    standing: str
    seats: tuple[SeatView, ...]
    skipped: tuple[str, ...] = ()
    can_close: bool = False  # by whoever looks at it


def of_task(task: Mapping[str, Any]) -> list[BallotView]:
    """The ballot to which a task belongs, if it does."""
    if not task["ballot_id"]:
        return []
    row = services().queries.ballots.get(task["ballot_id"])
    return [] if row is None else [view(row, task)]


def of_instance(instance_id: str, tasks: Iterable[Mapping[str, Any]]) -> list[BallotView]:
    """All ballots of an instance, the latest first."""
    by_ballot = {task["ballot_id"]: task for task in tasks if task["ballot_id"]}
    if not by_ballot:
        return []
    rows = services().queries.ballots.of_instance(instance_id)
    return [view(row, by_ballot.get(row["id"])) for row in reversed(rows)]


def progress(tasks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a list says of the ballots of its tasks, by ballot: 会签 2/3. One statement if there is any, else none."""
    found = services().queries.ballots.progress([task["ballot_id"] for task in tasks if task["ballot_id"]])
    return {ballot_id: _title(row) for ballot_id, row in found.items()}


def view(row: Mapping[str, Any], task: Mapping[str, Any] | None) -> BallotView:
    """Put a row of ``BallotQueries`` into words. ``task`` is any task of it: it knows the model's labels of the outcomes."""
    node = parse(row["settings"], row["outcomes"])[0]
    prefetch_names([seat["login"] for seat in row["seats"]])
    skipped = tuple(note["zh"] for note in (row["why"] or {}).get("skipped", ()))
    return BallotView(
        id=row["id"],
        title=_title(row),
        colour=COLOURS[row["state"]],
        rules=(*rules(node, row["seats"]), *_time_of_each(row["settings"])),
        standing=standing(row, node.ballot),
        seats=_timed([(_seat(seat, row, task), seat) for seat in row["seats"]], row),
        skipped=skipped,
        can_close=row["state"] == BallotState.OPEN.value and _may_close(row),
    )


def _may_close(row: Mapping[str, Any]) -> bool:
    chairs = frozenset(seat["login"] for seat in row["seats"] if seat["chair"])
    facts = InstanceFacts(instance_id=row["instance_id"], chairs=chairs)
    return may(current_actor(), Verb.CLOSE_BALLOT, facts).allowed


def _title(row: Mapping[str, Any]) -> str:
    words = {
        "open": _("会签 {voted}/{members}", voted=row["voted"], members=row["members"]),
        "passed": _("会签通过"),
        "failed": _("会签未通过"),
        "cancelled": _("会签已取消"),
    }
    title = words[row["state"]]
    return _("{title}（第 {n} 轮）", title=title, n=row["round"]) if row["round"] > 1 else title


# ---------------------------------------------------------------- by which rule


def rules(node: BallotNode, seats: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """The rules of a ballot, one sentence each. Veto and chair are named by who has them now: they go with the seat."""
    ballot = node.ballot
    veto = [seat["login"] for seat in seats if seat["veto"]]
    chair = next((seat["login"] for seat in seats if seat["chair"]), None)
    yield _mode(ballot)
    if ballot.in_order:
        yield _("按顺序逐一表决。")
    if ballot.veto_by_anyone:
        yield _("任何一人反对即不通过（一票否决）。")
    elif veto:
        yield _("{names} 反对即不通过（一票否决）。", names=_people(veto))
    if ballot.quorum is not None:
        yield _("参加表决的须达到 {share}。", share=_share(ballot.quorum))
    if ballot.may_abstain:
        yield _("弃权不计入基数。") if ballot.base.value == "cast" else _("弃权计入基数，相当于没有同意。")
    if ballot.tie is not None:
        yield _tie(ballot.tie, chair)
    if ballot.secret:
        yield _("不记名：结束前任何人都看不到各人的意见。")


def _mode(ballot: Ballot) -> str:
    need = _share(ballot.need)
    if ballot.mode is Mode.ANY:
        return _("或签：一人同意即通过。")
    if ballot.mode is Mode.ALL:
        return _("会签：全体同意才通过。")
    if ballot.mode is Mode.COUNT:
        return _("票签：同意的须达到 {share}。", share=need)
    if ballot.mode is Mode.WEIGHT:
        return _("加权票签：同意的权重须达到 {share}。", share=need)
    return _("票签：同意的须达到 {share}。", share=need)


def _share(need: Threshold) -> str:
    if need.denominator is None:
        return _("{n} 票", n=need.numerator)
    if need.is_half:
        return _("过半数") if need.strict else _("半数")
    share = f"{need.numerator}/{need.denominator}"
    return _("{share} 以上（不含本数）", share=share) if need.strict else share


def _tie(tie: Tie, chair: str | None) -> str:
    if tie is Tie.CHAIR:
        return _("平票时以主席 {name} 的意见为准。", name=person_name(chair) if chair else "")
    return _("平票时按上一轮的结果。") if tie is Tie.PREVIOUS else _("平票即不通过。")


def _time_of_each(settings: Mapping[str, Any]) -> Iterable[str]:
    """The limit of each member and what follows when it has passed, where the node has one."""
    found = member_limits.read(settings)
    if found is not None:
        yield _("每名成员限 {limit}。", limit=limit_words(str(found.limit))) + _overdue(found.overdue)


def _overdue(overdue: Overdue) -> str:
    return {
        Overdue.NONE: _("逾期仍可表决。"),
        Overdue.ABSTAIN: _("逾期未表决计为弃权。"),
        Overdue.APPROVE: _("逾期未表决计为同意。"),
        Overdue.REJECT: _("逾期未表决计为不同意。"),
    }[overdue]


def _people(logins: Iterable[str]) -> str:
    return "、".join(person_name(login) for login in sorted(logins))


# ---------------------------------------------------------------- how it stands


def standing(row: Mapping[str, Any], ballot: Ballot) -> str:
    """One sentence: the count, and what is missing or why it ended."""
    if row["state"] == BallotState.CANCELLED.value:
        return _("流程走了别的路，表决没有结果。")
    if row["count"] is None:
        return _("已表决 {voted} 人，共 {members} 人；意见在结束后公开。", voted=row["voted"], members=row["members"])
    count = row["count"]
    said = _(
        "同意 {yes}，反对 {no}，弃权 {abstain}，共 {members} 人。",
        yes=count["approvals"],
        no=count["rejections"],
        abstain=count["abstentions"],
        members=row["members"],
    )
    return said + (_open(row) if row["state"] == BallotState.OPEN.value else _ended(row))


def _open(row: Mapping[str, Any]) -> str:
    count, missing = row["count"], row["missing"]
    more = _("同意已过半数。") if count["approvals"] * 2 > count["voters"] else ""
    if count["vetoed"] or missing is None:
        return more
    return more + _("再有 {n} 人同意即通过。", n=missing)


def _ended(row: Mapping[str, Any]) -> str:
    grounds = {
        "veto": _("因一票否决未通过。"),
        "quorum": _("参加人数不足，未通过。"),
        "tie": _("平票，按规则通过。") if row["state"] == "passed" else _("平票，按规则未通过。"),
        "nobody": _("没有可以表决的人，按规则通过。")
        if row["state"] == "passed"
        else _("没有可以表决的人，按规则未通过。"),
    }
    return grounds.get(row["ground"], "")


# ---------------------------------------------------------------- who


def _seat(seat: Mapping[str, Any], row: Mapping[str, Any], task: Mapping[str, Any] | None) -> SeatView:
    vote, adviser = seat["vote"], seat["power"] == Power.ADVISE.value
    notes = (
        _("只提意见") if adviser else "",
        _("主席") if seat["chair"] else "",
        _("有否决权") if seat["veto"] else "",
        _("权重 {n}", n=seat["weight"]) if seat["weight"] != 1 else "",
        _("加签加入") if seat["added_by"] else "",
    )
    known = tuple(note for note in notes if note)
    if vote is None:
        return SeatView(login=seat["login"], notes=known, state="" if adviser else _waiting(seat, row))
    choice = ""
    if vote["outcome"]:
        choice = outcome_label(task, vote["outcome"]) if task is not None else word(vote["outcome"], "outcome")
    return SeatView(
        login=seat["login"],
        notes=known,
        state=_("已表决"),
        choice=choice,
        colour={"approve": "green", "reject": "red"}.get(vote["choice"] or "", "grey"),
        comment=vote["comment"] or "",
        at=vote["cast_at"],
        by=vote["cast_by"] if vote["cast_by"] != seat["login"] else "",
    )


def is_late(seat: Mapping[str, Any], until: datetime) -> bool:
    """Whether a member's time was over when he answered, or, without an answer, at ``until``."""
    return seat["due_at"] is not None and (seat["closed_at"] or until) > seat["due_at"]


def _timed(seats: list[tuple[SeatView, Mapping[str, Any]]], row: Mapping[str, Any]) -> tuple[SeatView, ...]:
    """With each member's time: the lamp while an answer is awaited, later only what came too late."""
    limited = [seat for _view, seat in seats if seat["due_at"] is not None]
    if not limited:
        return tuple(shown for shown, _seat in seats)
    now, calendar = services().engine.now(), services().queries.admin.calendar()
    is_open, until = row["state"] == BallotState.OPEN.value, row["decided_at"] or now
    member = {"token_id": row["token_id"], "seat": Seat.MEMBER.value, "parent_id": None}
    units = services().queries.units.of_tasks({**member, "id": s["task_id"], "due_at": s["due_at"]} for s in limited)
    return tuple(
        _with_time(shown, {**seat, "unit": units.get(seat["task_id"])}, is_open, until, calendar)
        for shown, seat in seats
    )


def _with_time(
    shown: SeatView, seat: Mapping[str, Any], is_open: bool, until: datetime, calendar: WorkCalendar
) -> SeatView:
    if seat["due_at"] is None:
        return shown
    if not is_open or seat["closed_at"] is not None:
        return replace(shown, late=seat["due_at"] if is_late(seat, until) else None)
    since, provisional = seat["since"], bool(seat["due_provisional"])
    unit = seat["unit"] or Unit.WD
    judged = deadlines.deadline(
        seat["due_at"], now=until, calendar=calendar, since=since, provisional=provisional, unit=unit
    )
    return replace(shown, deadline=judged)


def _waiting(seat: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    if row["state"] != BallotState.OPEN.value:
        return _("未表决")
    if seat["task_state"] == TaskState.COMPLETED.value:
        return _("已表决，等候他人签署后计票")
    if seat["task_state"] == TaskState.WAITING.value:
        return _("正在征询他人")
    return _("待表决") if seat["task_id"] else _("还没轮到")
