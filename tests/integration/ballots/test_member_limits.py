"""P-9.4: members of a ballot each with a limit of their own; what follows when one passes (P-9.1 to P-9.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands.administration.calendar import ChangeCalendarDay
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.signers import AddSigners
from engine.commands.tasks.handling import AssignTask
from engine.runtime.ballot_settings import parse
from engine.store import tables
from tests.integration.ballots.committee import Committee
from tests.integration.engine.rebuilding import assert_rebuilt

DAY = timedelta(days=1)


def opened(committee: Committee, ballot: str = "all", more: str = "", **options: Any) -> str:
    return committee.open(ballot, more=f'banjie:memberLimit="2wd" {more}', **options)


def due(committee: Committee, instance_id: str, login: str) -> str:
    found = committee.seat(instance_id, login)["due_at"]
    assert found is not None
    return str(found.date())


def test_p_9_4_each_member_has_his_limit_from_when_his_turn_comes(committee: Committee) -> None:
    instance_id = opened(committee, "sequential")  # on a Monday
    assert due(committee, instance_id, "a") == "2026-11-25"
    committee.run_jobs(DAY)

    committee.cast(instance_id, "a", "approve")

    assert due(committee, instance_id, "b") == "2026-11-26"
    with committee.database.read() as connection:
        states = connection.scalars(select(tables.clock.c.state).order_by(tables.clock.c.state)).all()
    assert states == ["running", "stopped"]
    assert_rebuilt(committee, instance_id)


def test_p_9_4_the_limit_of_the_ballot_and_those_of_its_members_are_two_things(committee: Committee) -> None:
    instance_id = opened(committee, "all", 'banjie:limit="10wd" banjie:advisers="e"')
    assert due(committee, instance_id, "a") == "2026-11-25"
    assert due(committee, instance_id, "e") == "2026-12-07"  # who only advises has that of the node


def test_p_9_4_who_takes_a_seat_over_gets_the_rest_or_all_of_it_where_the_model_says_so(committee: Committee) -> None:
    for settings, expected in (("", "2026-11-25"), ('banjie:transferClock="fresh"', "2026-11-26")):
        monday = committee.now
        instance_id = opened(committee, "all", settings)
        committee.now += DAY
        seat = committee.seat(instance_id, "a")
        committee.engine.execute(AssignTask(task_id=seat["id"], assignee="d"), actor=committee.actors["a"])
        assert due(committee, instance_id, "d") == expected
        committee.now = monday


def test_p_9_4_without_a_policy_a_late_vote_can_still_be_cast(committee: Committee) -> None:
    instance_id = opened(committee, "all")
    committee.run_jobs(DAY * 9)
    assert committee.seated(instance_id) == ["a", "b", "c"]
    for login in "abc":
        committee.cast(instance_id, login, "approve")
    assert committee.task(instance_id)["element_id"] == "yes"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('banjie:memberOverdue="abstain" banjie:abstain="true" banjie:base="cast"', "yes"),
        ('banjie:memberOverdue="reject" banjie:memberOverdueBasis="《议事规则》第八条"', "no"),
    ],
)
def test_p_9_2_silence_counts_as_the_node_says_when_the_limit_has_passed(
    committee: Committee, settings: str, expected: str
) -> None:
    instance_id = opened(committee, "ratio:2/3", settings)
    committee.cast(instance_id, "a", "approve")
    committee.run_jobs(DAY)
    assert committee.seated(instance_id) == ["b", "c"]

    committee.run_jobs(DAY * 3)

    assert committee.task(instance_id)["element_id"] == expected
    silent = next(row for row in committee.queries.tasks.of_instance(instance_id) if row["assignee"] == "b")
    assert (silent["state"], silent["closed_by"], silent["deemed"]) == ("completed", "system", True)
    assert "memberOverdue=" in silent["comment"]
    table = tables.notification
    with committee.database.read() as connection:
        told = connection.scalars(select(table.c.recipient).where(table.c.cause.like("%@decided-%"))).all()
    assert set(told) <= {"b", "c"}, "whoever was silent is told what his silence counted as, and nobody else"
    assert "b" in told
    assert_rebuilt(committee, instance_id)


def test_p_9_3_what_the_silent_member_asked_of_others_is_recalled_first(committee: Committee) -> None:
    settings = 'banjie:memberOverdue="approve" banjie:memberOverdueBasis="《规则》"'
    instance_id = opened(committee, "any", settings, people="a")
    seat = committee.seat(instance_id, "a")
    asked = DelegateTask(task_id=seat["id"], to="d", question="?")
    committee.engine.execute(asked, actor=committee.actors["a"])

    committee.run_jobs(DAY * 4)

    assert committee.task(instance_id)["element_id"] == "yes"
    rows = {row["assignee"]: row["state"] for row in committee.queries.tasks.of_instance(instance_id)}
    assert rows["d"] == "cancelled"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"memberLimit": "soon"}, "memberLimit"),
        ({"memberOverdue": "reject", "memberOverdueBasis": "x"}, "memberOverdue"),
        ({"memberLimit": "2wd", "memberOverdue": "sleep"}, "memberOverdue"),
        ({"memberLimit": "2wd", "memberOverdue": "approve"}, "memberOverdue"),
        ({"memberLimit": "2wd", "memberOverdue": "abstain"}, "memberOverdue"),
    ],
)
def test_p_9_2_a_policy_without_limit_ground_or_right_to_abstain_is_a_finding(
    settings: dict[str, str], code: str
) -> None:
    _, faults = parse({"ballot": "all", **settings}, ("approve", "reject"))
    assert [fault.setting for fault in faults] == [code]


# ---------------------------------------------------------------- who signs after a member


def waiting(committee: Committee, overdue: str, power: str, more: str = "") -> str:
    """a has approved in time, and d is to sign after him; b and c have approved too, so that only a's vote is missing."""
    settings = f'banjie:memberOverdue="{overdue}" banjie:memberOverdueBasis="《规则》" {more}'
    instance_id = opened(committee, "all", settings, people="a,b")
    seat = committee.seat(instance_id, "a")
    added = AddSigners(task_id=seat["id"], people=("d",), position="after", power=power)
    committee.engine.execute(added, actor=committee.actors["a"])
    committee.cast(instance_id, "a", "approve")
    committee.cast(instance_id, "b", "approve")
    assert committee.seated(instance_id) == ["d"]
    return instance_id


@pytest.mark.parametrize(
    ("overdue", "power", "choice", "expected"),
    [
        ("reject", "advise", "approve", "yes"),  # an opinion is not waited for: the vote that was cast in time counts
        ("approve", "decide", "approve", "yes"),
        ("reject", "decide", "reject", "no"),
    ],
)
def test_p_9_3_the_vote_of_a_member_waits_no_longer_than_his_limit_for_who_signs_after_him(
    committee: Committee, overdue: str, power: str, choice: str, expected: str
) -> None:
    instance_id = waiting(committee, overdue, power)
    committee.run_jobs(DAY)
    assert committee.seated(instance_id) == ["d"]

    committee.run_jobs(DAY * 3)

    assert committee.task(instance_id)["element_id"] == expected
    (vote,) = [each for each in committee.rows(tables.ballot_vote) if each["login"] == "a"]
    assert (vote["choice"], vote["cast_by"]) == (choice, "a")
    clocks = committee.rows(tables.clock)
    assert {row["state"] for row in clocks} == {"stopped"}, "a clock runs on for nobody"
    assert_rebuilt(committee, instance_id)
    assert committee.run_jobs(DAY * 30) == 0


def test_p_9_4_a_member_whose_vote_waits_for_a_signature_has_his_clock_until_it_counts(committee: Committee) -> None:
    instance_id = waiting(committee, "none", "advise")
    assert sorted(row["state"] for row in committee.rows(tables.clock)) == ["running", "stopped"]
    committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
    assert {row["state"] for row in committee.rows(tables.clock)} == {"stopped"}


def test_p_9_4_the_time_of_whoever_signs_after_a_member_goes_with_the_members_clock(committee: Committee) -> None:
    instance_id = waiting(committee, "reject", "decide")
    monday = committee.seat(instance_id, "d")["due_at"]
    mark = ChangeCalendarDay(day="2026-11-24", kind="rest", source="停电")
    committee.engine.execute(mark, actor=committee.admin)
    committee.run_jobs()
    assert committee.seat(instance_id, "d")["due_at"] == monday + DAY
    committee.now = monday + timedelta(minutes=1)
    committee.run_jobs()
    assert committee.seated(instance_id) == ["d"]
    committee.run_jobs(DAY)
    assert committee.task(instance_id)["element_id"] == "no"


def test_p_1_4_who_signs_after_two_members_has_cast_neither_vote(committee: Committee) -> None:
    """Found by reading: the second signature was refused as a second vote of the signer, and the ballot hung."""
    instance_id = committee.open("all", people="a,b")
    for login in "ab":
        seat = committee.seat(instance_id, login)
        added = AddSigners(task_id=seat["id"], people=("d",), position="after", power="advise")
        committee.engine.execute(added, actor=committee.actors[login])
        committee.cast(instance_id, login, "approve")
        committee.complete(committee.seat(instance_id, "d"), committee.actors["d"])
    assert committee.task(instance_id)["element_id"] == "yes"
    assert {row["login"]: row["cast_by"] for row in committee.rows(tables.ballot_vote)} == {"a": "a", "b": "b"}
    assert_rebuilt(committee, instance_id)
