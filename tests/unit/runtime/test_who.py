"""The pure resolver: whatever the organisation, the strategies and the policies, nobody barred is ever in the answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.runtime.who import language
from engine.runtime.who.facts import Department, Person
from engine.runtime.who.picking import in_turn, least_busy, lot
from engine.runtime.who.policies import OnRepeat, Policies, approving, rejecting
from engine.runtime.who.resolution import Resolution
from engine.runtime.who.resolver import Question, resolve
from engine.runtime.who.standing import Ground, Refusal, Standing

LOGINS = [f"p{number}" for number in range(8)]
STRATEGIES = [
    "users(p0, p1, nobody)",
    "groups(g0)",
    "groups(g1, missing)",
    "roles(admin)",
    "posts(chief)",
    "posts(chief, in: initiator)",
    "departments(d1, below: yes)",
    "leader(of: initiator)",
    "leader(of: d2, level: 2)",
    "leaders(of: previous)",
    "initiator",
    "previous",
    "chosen(start)",
    "field(reviewer)",
    "leader(of: field(reviewer))",
    "feel(x)",
]


@dataclass
class World:
    """An organisation and an instance in memory: directory, course and bar in one."""

    people: dict[str, Person]
    departments: dict[str, Department]
    groups: dict[str, tuple[str, ...]]
    admins: tuple[str, ...]
    chiefs: tuple[str, ...]
    standing: Standing
    initiator: str | None = None
    acted: tuple[str, ...] = ()
    has_approved: Mapping[str, str] = field(default_factory=dict)
    value: Any = None

    def against(self, login: str) -> Refusal | None:
        return self.standing.against(login)

    def person(self, login: str) -> Person | None:
        return self.people.get(login)

    def department(self, reference: str) -> Department | None:
        return self.departments.get(reference)

    def group_members(self, key: str) -> tuple[str, ...] | None:
        return self.groups.get(key)

    def role_holders(self, role: str) -> tuple[str, ...] | None:
        return self.admins if role == "admin" else None

    def post_holders(self, key: str, department_id: str | None) -> tuple[str, ...] | None:
        return tuple(p for p in self.chiefs if department_id in (None, self.people[p].department_id))

    def department_members(self, department_id: str, *, below: bool) -> tuple[str, ...]:
        return tuple(p for p, person in sorted(self.people.items()) if person.department_id == department_id)

    def burden(self, logins: Collection[str]) -> Mapping[str, int]:
        return {login: len(login) for login in logins}

    def last_turn(self) -> str | None:
        return "p3"

    def previous(self) -> tuple[str, ...]:
        return self.acted

    def field(self, path: str) -> Any:
        return self.value

    def label(self, path: str) -> str:
        return path

    def evaluate(self, source: str) -> Any:
        return self.value

    def chosen(self, by: str) -> tuple[str, ...] | None:
        return self.acted or None

    def approved(self, where: OnRepeat) -> Mapping[str, str]:
        return self.has_approved

    def lacks(self, zh: str, en: str) -> None:
        pass


some = st.lists(st.sampled_from(LOGINS), unique=True, max_size=4).map(lambda found: tuple(sorted(found)))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    ids = ["d0", "d1", "d2"]
    departments = {
        key: Department(
            id=key,
            code=key,
            name=key,
            parent_id=draw(st.sampled_from([None, *ids])),  # circles too
            leader=draw(st.sampled_from([None, *LOGINS])),
            deputies=draw(some),
        )
        for key in ids
    }
    people = {
        login: Person(login=login, name=login, department_id=draw(st.sampled_from([None, *ids]))) for login in LOGINS
    }
    initiator = draw(st.sampled_from([None, *LOGINS]))
    standing = Standing(
        names=dict.fromkeys(LOGINS, ""),
        disabled=frozenset(draw(some)),
        recused=frozenset(draw(some)),
        acted=dict.fromkeys(draw(some), "earlier"),
        initiator=initiator if draw(st.booleans()) else None,
    )
    return World(
        people=people,
        departments=departments,
        groups={"g0": draw(some), "g1": draw(some)},
        admins=draw(some),
        chiefs=draw(some),
        standing=standing,
        initiator=initiator,
        acted=draw(some),
        has_approved=dict.fromkeys(draw(some), "before"),
        value=draw(st.one_of(st.none(), st.sampled_from([*LOGINS, "d1", "p1, p2"]), st.lists(st.sampled_from(LOGINS)))),
    )


@st.composite
def questions(draw: st.DrawFn) -> Question:
    chosen = {
        "pick": draw(st.sampled_from(["", "all", "round-robin", "least-busy", "random"])),
        "onEmpty": draw(st.sampled_from(["", "pass", "fail", "admin", "users:p1,p2"])),
        "onSelf": draw(st.sampled_from(["", "skip", "leader", "exclude"])),
        "onRepeat": draw(st.sampled_from(["", "anywhere", "previous"])),
        "onExcluded": draw(st.sampled_from(["", "drop", "leader", "admin", "users:p4", "fail"])),
    }
    text = " else ".join(
        ", ".join(draw(st.lists(st.sampled_from(STRATEGIES), min_size=1, max_size=3)))
        for _ in range(draw(st.integers(1, 2)))
    )
    return Question(
        token_id="t",
        who=language.parse(text) if draw(st.booleans()) else None,
        assignee=draw(st.sampled_from([None, *LOGINS])),
        users=draw(some),
        groups=draw(st.sampled_from([(), ("g0",), ("g0", "g1")])),
        outcomes=draw(st.sampled_from([(), ("approve", "reject")])),
        round=draw(st.integers(1, 2)),
        is_ballot=draw(st.booleans()),
        policies=Policies.read(chosen),
    )


@settings(max_examples=60)
@given(worlds(), questions())
def test_nobody_disabled_recused_or_excluded_is_ever_in_a_resolution(world: World, question: Question) -> None:
    found = resolve(question, world, world, world)
    people = {*found.users, *found.carried, *([found.assignee] if found.assignee else [])}
    for key in found.groups:
        people.update(world.groups[key])
    assert [login for login in people if world.against(login) is not None] == []


@settings(max_examples=60)
@given(worlds(), questions())
def test_a_resolution_is_one_thing_and_explains_itself(world: World, question: Question) -> None:
    found = resolve(question, world, world, world)
    ways = [bool(found.assignee), bool(found.users or found.groups), found.automatic is not None]
    assert sum(ways) <= 1
    assert len(set(found.users)) == len(found.users)
    assert set(found.carried) <= set(found.users)
    if question.round > 1 and found.automatic is not None:  # P-3.7
        assert found.automatic.outcome != "approve"
    if not any(ways):
        assert found.notes[-1].code == "nobody"
    for candidate in found.found:  # whoever was found and does not get it is told why
        if world.against(candidate.login) is not None:
            assert candidate.login in [note.login for note in found.skipped]
    assert resolve(question, world, world, world) == found


@given(st.lists(st.sampled_from(LOGINS), min_size=1, unique=True), st.text(max_size=8))
def test_a_lot_falls_on_the_same_person_whatever_the_order_of_the_list(candidates: list[str], seed: str) -> None:
    assert lot(candidates, seed) == lot(list(reversed(candidates)), seed)


@given(st.lists(st.sampled_from(LOGINS), min_size=1, unique=True))
def test_in_as_many_turns_as_there_are_people_everybody_has_one(candidates: list[str]) -> None:
    last, taken = None, []
    for _ in candidates:
        last = in_turn(candidates, last)
        taken.append(last)
    assert sorted(taken) == sorted(candidates)
    assert in_turn(["a", "c"], "b") == "c"  # b has left meanwhile


def test_the_least_busy_is_the_first_of_those_with_the_fewest() -> None:
    assert least_busy(["c", "b", "a"], {"a": 2, "b": 1, "c": 1}) == "b"


def test_a_proxy_must_pass_for_himself_and_for_whom_he_acts() -> None:
    standing = Standing(names={"a": "甲", "b": "乙"}, recused=frozenset({"a"}))
    assert standing.against("b") is None
    behind = standing.against("b", "a")
    assert behind is not None
    assert (behind.ground, behind.zh) == (Ground.RECUSED, "代理的 甲（a） 已对本办件回避")
    assert standing.against("a", "b") is not None


@pytest.mark.parametrize(
    ("outcomes", "yes", "no"),
    [
        (("approve", "reject"), "approve", "reject"),
        (("refuse", "agree"), "agree", "refuse"),
        (("granted", "denied"), "granted", "denied"),
        (("done",), "done", None),
        ((), None, None),
    ],
)
def test_which_outcome_says_yes_and_which_no(outcomes: tuple[str, ...], yes: str | None, no: str | None) -> None:
    assert (approving(outcomes), rejecting(outcomes)) == (yes, no)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    refused: language.WhoSyntaxError | None = None
    try:
        calls = list(language.parse(text).calls())
    except language.WhoSyntaxError as error:
        calls, refused = [], error
    assert bool(calls) != bool(refused)
    if refused is not None:
        assert 0 <= refused.position <= len(text)
        assert refused.zh
        assert refused.en


def test_what_was_read_can_be_told_again() -> None:
    text = 'leader(of: field(unit), level: 2), groups("a b", c) else feel(f(")", (1)))'
    who = language.parse(text)
    assert [call.text for call in who.alternatives[0]] == ["leader(of: field(unit), level: 2)", 'groups("a b", c)']
    assert who.alternatives[0][1].words == ("a b", "c")
    assert who.alternatives[1][0].words == ('f(")", (1))',)
    assert language.parse(who.text) == who


def test_the_account_holds_only_what_there_is_to_tell() -> None:
    assert Resolution(assignee="li").why == {}
