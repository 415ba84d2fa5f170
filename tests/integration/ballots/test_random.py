"""Random people do random things with random ballots; after every step the rows are what the pure rules say.

The rules themselves are held to a brute-force oracle in tests/unit/runtime/test_ballot.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.commands.tasks.handling import AssignTask
from engine.errors import Conflict
from engine.runtime import ballot as rules
from engine.runtime.ballot import Choice, Voter
from engine.runtime.ballot_settings import BallotNode, parse
from engine.store import tables
from tests.integration.ballots.committee import Committee, ballot_process
from tests.integration.ballots.test_record import rebuilt_equal

MODES = ("any", "all", "majority", "count:2", "ratio:2/3", "weight:60/100", "sequential", "sequential:ratio:1/2")
OUTCOMES = "approve,reject,abstain"


@dataclass
class Model:
    """What should be: the voters in order and their votes."""

    node: BallotNode
    voters: list[Voter]
    votes: dict[str, Choice] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    @property
    def verdict(self) -> rules.Verdict | None:
        return rules.decide(self.node.ballot, self.voters, self.votes)

    @property
    def seated(self) -> list[str]:
        return sorted(rules.seated(self.node.ballot, self.voters, self.votes))

    def logins(self) -> list[str]:
        return [voter.login for voter in self.voters]


@st.composite
def nodes(draw: st.DrawFn) -> dict[str, str]:
    """The settings of a ballot of a, b and c that can pass."""
    mode = draw(st.sampled_from(MODES))
    found = {"ballot": mode, "outcomes": OUTCOMES, "abstain": "true"}
    if mode == "weight:60/100":
        found["weights"] = draw(st.sampled_from(["a:5,*:1", "a:2,b:2,c:3", "*:1"]))
    if mode == "majority" and draw(st.booleans()):
        found |= {"tie": "chair", "chair": draw(st.sampled_from("abc"))}
    if draw(st.integers(0, 2)) == 0:
        found["veto"] = draw(st.sampled_from(["anyone", "a"]))
    if draw(st.integers(0, 2)) == 0:
        found["quorum"] = draw(st.sampled_from(["2", "1/2", "3"]))
    if draw(st.integers(0, 3)) == 0:
        found["secret"] = "true"
    if "tie" not in found:
        found["base"] = draw(st.sampled_from(["all", "cast"]))
    return found


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["vote", "vote", "vote", "vote", "add", "remove", "transfer", "withdraw"]),
        st.sampled_from("abcde"),
        st.sampled_from("abcde"),
        st.sampled_from(["approve", "reject", "abstain"]),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(nodes(), STEPS)
def test_whatever_people_do_the_rows_are_what_the_rules_say(
    committee: Committee, node: dict[str, str], steps: list[tuple[str, str, str, str]]
) -> None:
    more = "".join(f'banjie:{name}="{value}" ' for name, value in node.items() if name != "ballot")
    committee.deploy(ballot_process(node["ballot"], more=more))
    instance_id = committee.start("council")
    read, faults = parse({k: v for k, v in node.items() if k != "outcomes"}, OUTCOMES.split(","))
    assert faults == []
    model = Model(read, [read.voter(login) for login in "abc"])
    check(committee, instance_id, model)
    for verb, who, other, outcome in steps:
        if model.verdict is not None:
            break
        expected = step(model, verb, who, other, outcome)
        try:
            act(committee, instance_id, verb, who, other, outcome)
            done = True
        except Conflict:
            done = False
        assert done == expected, (verb, who, other, outcome)
        check(committee, instance_id, model)
    rebuilt_equal(committee, instance_id)


def step(model: Model, verb: str, who: str, other: str, outcome: str) -> bool:
    """Do it to the model; whether it is allowed."""
    voters, known = model.logins(), set(model.logins()) | set(model.votes)
    if verb == "vote":
        if who not in model.seated:
            return False
        model.votes[who] = Choice(outcome)
    elif verb == "withdraw":
        if who not in model.votes:
            return False
        del model.votes[who]
    elif verb == "add":
        if other in known or who not in voters:
            return False
        weight = next(voter.weight for voter in model.voters if voter.login == who)
        model.voters.append(Voter(login=other, weight=weight))
    elif verb == "remove":
        if who not in voters or who in model.votes or len(voters) == 1:
            return False
        model.voters = [voter for voter in model.voters if voter.login != who]
    elif verb == "transfer":
        if who not in model.seated or other in known:
            return False
        at = voters.index(who)
        old = model.voters[at]
        model.voters[at] = Voter(login=other, weight=old.weight, veto=old.veto, chair=old.chair)
    return True


def act(committee: Committee, instance_id: str, verb: str, who: str, other: str, outcome: str) -> None:
    """Do it to the engine. Raises Conflict."""
    open_seats = {row["assignee"]: row for row in committee.open_tasks(instance_id)}
    if verb in ("vote", "transfer") and who not in open_seats:
        raise Conflict("没有任务", "there is no task")
    if verb == "vote":
        committee.cast(instance_id, who, outcome)
    elif verb == "withdraw":
        voted = [row for row in committee.rows(tables.ballot_vote) if row["login"] == who]
        mine = {row["id"] for row in committee.rows(tables.ballot, instance_id=instance_id)}
        if not any(row["ballot_id"] in mine for row in voted):
            raise Conflict("没有票", "there is no vote")
        committee.withdraw(instance_id, who)
    elif verb == "add":
        if who not in {row["login"] for row in members(committee, instance_id)}:
            raise Conflict("不是成员", "no member")
        committee.add(instance_id, other, by=who)
    elif verb == "remove":
        committee.remove(instance_id, who, by="a")
    elif verb == "transfer":
        command = AssignTask(task_id=open_seats[who]["id"], assignee=other)
        committee.engine.execute(command, actor=committee.actors[who])


def members(committee: Committee, instance_id: str) -> list[dict[str, object]]:
    rows = committee.rows(tables.ballot_member, ballot_id=committee.ballot(instance_id)["id"])
    return [row for row in rows if row["state"] == "member"]


def check(committee: Committee, instance_id: str, model: Model) -> None:
    """No seat too many or too few, no vote twice, one continuation, counters that agree."""
    ballot, verdict = committee.ballot(instance_id), model.verdict
    assert (ballot["members"], ballot["voted"]) == (len(model.voters), len(model.votes))
    assert sorted(str(row["login"]) for row in members(committee, instance_id)) == sorted(model.logins())
    open_at = [row["element_id"] for row in committee.open_tasks(instance_id)]
    if verdict is None:
        assert ballot["state"] == "open"
        assert committee.seated(instance_id) == model.seated
        assert set(open_at) == {"vote"}, "somebody can always act"
    else:
        assert ballot["state"] == ("passed" if verdict.passed else "failed")
        assert ballot["ground"] == verdict.ground.value
        assert open_at == ["yes" if verdict.passed else "no"]
        rows = committee.rows(tables.task, instance_id=instance_id, element_id="vote")
        assert all(row["closed_at"] is not None for row in rows)
