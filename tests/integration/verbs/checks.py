"""What must hold after every step, whatever people did: each check reads rows and knows no command."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from engine.events import restore
from engine.runtime import ballot as counting
from engine.runtime.ballot import Ballot, Choice, Voter
from engine.runtime.ballot_settings import parse
from engine.store import tables
from engine.store.base.history import chained, first_head
from engine.store.projections.projector import MemoryRows, Recorded, apply
from tests.integration.engine.house import SECRET
from tests.integration.verbs import rights
from tests.integration.verbs.shapes import BEAT, HALF, LATE, Block
from tests.integration.verbs.threads import check_threads
from tests.integration.verbs.times import Moments, check_limits
from tests.integration.verbs.world import READ, Row, World
from tests.unit.runtime import ballot_oracle as oracle

PROJECTED = tuple(table for table in READ if table not in (tables.proxy_rule, tables.job, tables.membership))
JOINING = {"ParticipantAdded": 1, "ParticipantRemoved": -1}
ITEMS = 2  # over which multi-instances run: see Story.begin
# Kept beside the history: the machine's text, the ends of the chain, read marks, and what an incident can try again.
BESIDE = frozenset(
    "machine_state search_text revision history_seq history_hash anchor command read_at announced_at has_proxies".split()
)


def check_all(world: World, shape: Block, book: Book) -> None:
    """Raise AssertionError, in a sentence, for the first thing that is wrong."""
    check_tokens(world, shape)
    check_instances(world)
    check_seats(world)
    check_parts(world, shape)
    check_ballots(world)
    check_nobody_barred_holds_anything(world)
    check_jobs(world)
    check_limits(world)
    book.read_on(world)


# ---------------------------------------------------------------- tokens


def check_tokens(world: World, shape: Block) -> None:
    """No token lost or doubled; open tasks are exactly those that the machine waits for."""
    waiting = _human_tokens(world.state["t"]) if world.running else set()
    known = {row["token_id"] for row in world.open}
    assert known == waiting, f"open tasks at {known - waiting}, tokens without a task {waiting - known}"
    if world.running:
        check_threads(shape, world.state)
    else:
        assert not world.jobs, f"an instance that has ended has jobs: {world.jobs}"


def check_instances(world: World) -> None:
    """Of a multi-instance every instance is running, done or (one after the other) still to come; none is lost or doubled."""
    for rows in _scopes(world.state["t"]) if world.running else ():
        for place, row in enumerate(rows):
            data = row[4] if len(row) > 4 else {}
            if "total" not in data:
                continue
            bodies = sum(each[3] == place and each[1] == f"{row[1]}#instance" for each in rows)
            most, to_come = ITEMS + data.get("joined", 0), 0
            assert 1 <= data["total"] <= most, f"{data['total']} instances of {row[1]}, of at most {most}"
            if "queue" in data:
                to_come = len(data["queue"])
            elif "items" in data:
                to_come = data["total"] - data["next"]
            assert bodies == data["total"] - data["done"] - to_come, f"{bodies} of {data} instances of {row[1]} run"
            assert bodies >= 1, f"all instances of {row[1]} are done, and it waits"


def _scopes(rows: list[list[Any]]) -> Iterator[list[list[Any]]]:
    """The tokens, scope by scope."""
    yield rows
    for row in rows:
        if len(row) > 6:
            yield from _scopes(row[6][2])


def _human_tokens(rows: list[list[Any]]) -> set[str]:
    """The tokens that wait for people, in all scopes."""
    found = {row[0] for row in rows if row[2] == 16}
    for row in rows:
        if len(row) > 6:
            found |= _human_tokens(row[6][2])
    return found


def check_jobs(world: World) -> None:
    """Each waiting timer has its job and no other job waits for a timer; none has failed for a reason that nobody planned."""
    timers = _timer_tokens(world.state["t"]) if world.running else set()
    jobs = Counter(row["token_id"] for row in world.jobs if row["kind"] == "timer")
    assert set(jobs) == timers and all(count == 1 for count in jobs.values()), (jobs, timers)
    failed = [row for row in world.jobs if row["last_error"]]
    assert not failed, [(row["kind"], row["last_error"]) for row in failed]


def _timer_tokens(rows: list[list[Any]]) -> set[str]:
    found = {row[0] for row in rows if len(row) > 4 and "timer" in row[4]}
    for row in rows:
        if len(row) > 6:
            found |= _timer_tokens(row[6][2])
    return found


# ---------------------------------------------------------------- tasks


def check_seats(world: World) -> None:
    """Somebody can act at every token, and whoever waits for others waits for somebody."""
    by_token: dict[str, list[Row]] = {}
    for row in world.open:
        by_token.setdefault(row["token_id"], []).append(row)
    for token_id, rows in by_token.items():
        acting = [row for row in rows if row["state"] != "waiting" and row["seat"] != "adviser"]
        assert acting, f"nobody can act at {token_id}: {[(row['seat'], row['state']) for row in rows]}"
        held = Counter(row["assignee"] for row in rows if row["assignee"])
        twice = [login for login, count in held.items() if count > 1]
        both = any("proxyVotes" in row["settings"] for row in rows)
        assert not twice or both, f"{twice} sits twice at {rows[0]['element_id']}"
    for row in world.open:
        if row["state"] == "waiting":
            asked = [each for each in world.open if row["id"] in _askers(world, each)]
            assert asked, f"{row['element_id']} of {row['assignee']} waits for nobody"
        if row["parent_id"] is not None and row["seat"] in ("before", "delegate"):
            assert world.tasks[row["parent_id"]]["state"] == "waiting", "nobody waits for this answer"
        if row["seat"] == "after":
            assert world.tasks[row["parent_id"]]["closed_at"] is not None, "signs after somebody who has not decided"
        if row["seat"] in ("member", "adviser"):
            assert world.ballots[row["ballot_id"]]["state"] == "open", "a seat at a ballot that is over"
    for row in world.tasks.values():
        if row["state"] in ("completed", "cancelled"):
            assert row["closed_at"] is not None and row["closed_by"], f"closed by nobody: {row['element_id']}"


def check_parts(world: World, shape: Block) -> None:
    """At a multi-instance of people nobody has two parts, in whatever way; the administrator stands in where nobody else is left."""
    for element in _of_people(shape) if world.running else ():
        parts: dict[str, Counter[str]] = {}
        for row in world.open:
            if row["element_id"] == element and row["seat"] == "holder":
                body = rights.body_of(world, row)
                parts.setdefault(body, Counter()).update({row["assignee"], row["principal"]} - {None, "boss"})
        for counted in parts.values():
            twice = [login for login, count in counted.items() if count > 1]
            assert not twice, f"{twice} has two parts of {element}"


def _of_people(block: Block) -> set[str]:
    found = {block.id} if block.kind == "many" and block.settings.get("assignee") == "= item" else set()
    return found.union(*(_of_people(part) for part in block.parts))


def _askers(world: World, row: Row) -> set[str]:
    """The tasks whose holders asked for this one, one asking the other."""
    found: set[str] = set()
    while row["parent_id"] is not None:
        found.add(row["parent_id"])
        row = world.tasks[row["parent_id"]]
    return found


def check_nobody_barred_holds_anything(world: World) -> None:
    """Recusal 回避 has no way around: whoever is recused holds nothing, in no way."""
    for row in world.open:
        people = {row["assignee"], row["principal"]} - {None}
        assert not people & world.recused, f"{people & world.recused} is recused and holds {row['element_id']}"


# ---------------------------------------------------------------- ballots


def check_ballots(world: World) -> None:
    """One person one vote; an open ballot is not certain yet; a closed one ended as its votes say; seats for all who may vote."""
    for ballot in world.ballots.values():
        node, faults = parse(ballot["settings"], ballot["outcomes"])
        assert not faults
        votes, members = world.votes_of(ballot["id"]), world.members_of(ballot["id"])
        voters = [_voter(row) for row in members if row["power"] == "decide"]
        choices = {row["login"]: Choice(row["choice"]) for row in votes}
        cast = Counter(row["cast_by"] for row in votes if row["cast_by"] != "system")
        assert node.proxy_adds or all(count == 1 for count in cast.values()), f"more than one vote: {cast}"
        assert (ballot["members"], ballot["voted"]) == (len(voters), len(votes))
        assert {row["login"] for row in votes} <= {voter.login for voter in voters}, "a vote of nobody"
        _check_seat_of_each_vote(world, ballot, votes)
        previous = bool((ballot["why"] or {}).get("previous_passed"))
        verdict = counting.decide(node.ballot, voters, choices, previous=previous)
        sure = certain(node.ballot, tuple(voters), frozenset(choices.items()), previous)
        assert (None if verdict is None else verdict.passed) == sure, f"{verdict} by {choices}, every end is {sure}"
        if (
            ballot["state"] in ("passed", "failed") and verdict is None
        ):  # closed before its time: who is absent is absent
            verdict = counting.result_of(node.ballot, voters, choices, previous=previous)
        if ballot["state"] == "open":
            assert verdict is None, f"the ballot of {ballot['element_id']} is certain ({verdict}) and open"
            assert any(row["token_id"] == ballot["token_id"] for row in world.open), "an open ballot without a seat"
            _check_turns(world, ballot, counting.seated(node.ballot, voters, choices), members)
        elif ballot["state"] in ("passed", "failed") and ballot["ground"] != "nobody":
            passed = ballot["state"] == "passed"
            assert verdict is not None and verdict.passed == passed, f"{ballot['state']} by {choices}, not {verdict}"
            if not node.ballot.in_order:  # there a seat also goes when its turn does
                _check_nobody_was_needed(world, members, choices)


def _check_nobody_was_needed(world: World, members: list[Row], choices: Mapping[str, Choice]) -> None:
    """Whoever had a seat and no vote when it was decided has it in no list (P-1.5), unless he had acted and others were to sign
    after him: what he did stays done, and it was they who were not needed."""
    for row in members:
        seat = world.tasks.get(row["task_id"] or "")
        if seat is None or row["login"] in choices or row["power"] != "decide":
            continue
        after = [task for task in world.tasks.values() if task["parent_id"] == seat["id"] and task["seat"] == "after"]
        if seat["state"] == "completed" and any(task["state"] == "superseded" for task in after):
            continue
        assert seat["state"] == "superseded", f"{row['login']} was not needed, and his seat is {seat['state']}"


def _check_seat_of_each_vote(world: World, ballot: Row, votes: list[Row]) -> None:
    """A vote is what its member's own seat was completed with; whoever has completed his seat has voted, once."""
    for vote in votes:
        seat = world.tasks.get(vote["task_id"] or "")
        if seat is None or vote["cast_by"] == "system":
            continue
        assert seat["ballot_id"] == ballot["id"] and seat["seat"] == "member", "a vote from somewhere else"
        assert vote["login"] in (seat["assignee"], seat["principal"], seat["closed_by"]), (
            f"{vote['login']} voted at {seat}"
        )
        refused = any(task["parent_id"] == seat["id"] and task["seat"] == "after" for task in world.tasks.values())
        same = seat["outcome"] == vote["outcome"] or refused  # a signer after him may refuse for him (P-4.3)
        assert same or ballot["settings"].get("secret"), "another vote than the answer"
    per_seat = Counter(vote["task_id"] for vote in votes if vote["task_id"])
    assert all(count == 1 for count in per_seat.values()), f"a seat with several votes: {votes}"
    if ballot["state"] == "open" and not ballot["settings"].get("secret"):
        waiting = {each["parent_id"] for each in world.open if each["seat"] == "after"}
        done = {
            row["id"]
            for row in world.tasks.values()
            if row["ballot_id"] == ballot["id"] and row["seat"] == "member" and row["state"] == "completed"
        }
        lost = done - waiting - {vote["task_id"] for vote in votes}
        assert not lost, f"answered without a vote: {[world.tasks[each]['assignee'] for each in lost]}"


@lru_cache(maxsize=4096)
def certain(
    ballot: Ballot, voters: tuple[Voter, ...], cast: frozenset[tuple[str, Choice]], previous: bool
) -> bool | None:
    """What every completion of the votes leads to, by the brute-force oracle; None when they lead to different ends."""
    return oracle.certain(ballot, voters, dict(cast), previous)


def _voter(row: Row) -> Voter:
    return Voter(login=row["login"], weight=row["weight"], veto=row["veto"], chair=row["chair"])


def _check_turns(world: World, ballot: Row, turn: list[str], members: list[Row]) -> None:
    """Who may vote now has an open seat, or has answered and waits for those who sign after him; nobody else has one."""
    seats = {row["login"]: world.tasks.get(row["task_id"]) for row in members if row["power"] == "decide"}
    for login in turn:
        seat = seats[login]
        assert seat is not None, f"{login} may vote and has no seat"
        signing = any(each["parent_id"] == seat["id"] and each["seat"] == "after" for each in world.open)
        assert seat["state"] in ("assigned", "waiting") or signing, f"{login} may vote, his seat is {seat['state']}"
    for row in world.open:
        if row["ballot_id"] == ballot["id"] and row["seat"] == "member":
            holder = next(
                (login for login, seat in seats.items() if seat is not None and seat["id"] == row["id"]), None
            )
            assert holder in turn, f"a seat for {holder}, whose turn it is not"


# ---------------------------------------------------------------- history


class Book:
    """The history of one instance, read on after every step: the chain, who and what, and the rows that it makes."""

    def __init__(self, instance_id: str) -> None:
        self.rows = MemoryRows()
        self.head = first_head(SECRET, instance_id)
        self.done: dict[str, set[str]] = {}  # running multi-instance -> its instances that are complete
        self.over: dict[str, tuple[set[str], int]] = {}  # multi-instance that is over -> these, and how many there were
        self.wanted: dict[str, int] = {}  # and how many there are
        self.instance_of: dict[str, str] = {}
        self.moments = Moments()
        self.living: dict[str, str] = {}  # token -> element: what was entered and not left

    def read_on(self, world: World) -> None:
        """Take in what is new, verify the chain, and compare the rows that the history makes with those that are stored."""
        for row in world.fresh:
            self._take(row)
        self.moments.look(_scopes(world.state["t"]))
        self._compare_tokens(world)
        end = (world.instance["history_seq"], world.instance["history_hash"])
        assert (self.head.seq, self.head.hash) == end, "the history does not end where its head says"
        for table in PROJECTED:
            keys = [column.key for column in table.primary_key.columns]
            stored = {tuple(row[key] for key in keys): _kept(row) for row in world.rows[table]}
            made = {key: _kept(row) for key, row in self.rows.tables.get(table, {}).items()}
            assert made == stored, f"{table.name}: {_first_difference(made, stored)}"

    def _compare_tokens(self, world: World) -> None:
        """The tokens that live by the history are those that the machine has stored, but for events that are only armed."""
        stored = {row[0]: row[1] for rows in _scopes(world.state["t"]) for row in rows}
        lost = {token: element for token, element in self.living.items() if token not in stored}
        assert not lost, f"by the history these live, and the machine does not know them: {lost}"
        new = {
            token: element for token, element in stored.items() if token not in self.living and not _is_armed(element)
        }
        assert not new, f"the machine has these, and the history does not tell of them: {new}"

    def _follow(self, kind: str, told: dict[str, Any]) -> None:
        self.moments.take(kind, told)
        if kind in JOINING:
            self.wanted[self.instance_of[told["task_id"]]] += JOINING[kind]
        if not kind.startswith("Activity"):
            return
        token = told["token_id"]
        self._count_instances(kind, token, told)
        if kind == "ActivityEntered":
            assert token not in self.living, f"{told['element_id']} is entered twice"
            self.living[token] = told["element_id"]
        else:
            self.living.pop(token, None)  # what is entered and left in the same breath is told once

    def _count_instances(self, kind: str, token: str, told: dict[str, Any]) -> None:
        """A multi-instance is complete when each of its instances is."""
        for origin in told.get("origins", ()):
            if origin in self.done:
                self.instance_of[token] = origin
        host = self.instance_of.get(token)
        if kind == "ActivityCompleted" and host in self.done:
            self.done[host].add(token)
        if kind == "ActivityEntered" and host in self.done and told.get("renews") == token:
            self.done[host].discard(token)  # taken back
        if told.get("element_type") == "multiInstanceLoopCharacteristics":
            if kind == "ActivityEntered":  # one that was over goes on when somebody takes back what he completed there
                known = self.over.pop(token) if told.get("reopens") else (set(), ITEMS)
                self.done[token], self.wanted[token] = known
            elif kind == "ActivityCompleted" and token in self.done:
                done, wanted = self.over[token] = self.done.pop(token), self.wanted.pop(token)
                needed = wanted // 2 + 1 if told["element_id"].startswith(HALF) else wanted
                assert len(done) >= needed, f"{told['element_id']} is complete with {len(done)} of {wanted} instances"

    def _take(self, row: Any) -> None:
        about = (row.stream, row.seq, row.at, row.actor, row.acts_for, row.kind, row.payload)
        assert row.seq == self.head.seq + 1, "a gap in the history"
        assert row.hash == chained(SECRET, self.head.hash, *about), "the chain is broken"
        assert row.actor, "an event of nobody"
        self.head.seq, self.head.hash = row.seq, row.hash
        self._follow(row.kind, json.loads(row.payload))
        event = restore(row.kind, json.loads(row.payload))
        apply(self.rows, Recorded(row.stream, row.seq, row.at, row.actor, row.acts_for, event))


def _is_armed(element: str) -> bool:
    """A boundary timer of the drawn shapes."""
    return element.startswith((LATE, BEAT))


def _kept(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in BESIDE}


def _first_difference(made: dict[Any, Row], stored: dict[Any, Row]) -> str:
    if made.keys() != stored.keys():
        return f"only by history {made.keys() - stored.keys()}, only stored {stored.keys() - made.keys()}"
    for key, row in made.items():
        names = [name for name in {*row, *stored[key]} if row.get(name) != stored[key].get(name)]
        if names:
            return f"{key}: " + ", ".join(
                f"{name} {row.get(name)!r} stored {stored[key].get(name)!r}" for name in names
            )
    return "nothing"
