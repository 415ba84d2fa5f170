"""Random process shapes made of blocks, each with one way in and one way out, drawn as BPMN."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    catch,
    end,
    flow,
    inc,
    multi,
    par,
    path,
    process,
    service,
    start,
    sub,
    task,
    timer,
    user,
    xor,
)

FLAGS = ("f0", "f1", "f2")
LEAVES = ("user", "many", "wait", "fragile")
LATE, BEAT = "late", "beat"  # how the ids of boundary timers begin: due once after two days, or on three days
FRAGILE = "press"  # how the ids of service tasks begin that fail as long as the machine behind them stands still
VERB = "test.press"
OUTCOMES = "agree:同意,refuse:不同意"

PEOPLE: tuple[dict[str, str], ...] = (
    {"assignee": "a"},
    {"assignee": "b"},
    {"candidateUsers": "a,b"},
    {"candidateGroups": "g1"},
    {"candidateGroups": "g1,g2"},
    {"who": "users(b, c)", "pick": "least-busy"},
    {"who": "groups(g2)", "pick": "round-robin"},
    {"who": "initiator"},
    {"who": "previous"},
)
HALF = "half"  # how the ids of multi-instance tasks begin that are over when more than half are complete
EACH = ({"assignee": "= item"},)  # a multi-instance in which each instance stands for a person
SEVERAL: tuple[dict[str, str], ...] = (
    {},
    {},
    {"outcomes": OUTCOMES},
    {"until": "nrOfCompletedInstances / nrOfInstances > 0.5"},
    {"onSelf": "exclude"},
    {"maxSigners": "2"},
    {"allow": "-withdraw"},
)
UNTIL: tuple[dict[str, str], ...] = ({}, {}, {"until": "nrOfCompletedInstances / nrOfInstances > 0.5"})
POLICIES: tuple[dict[str, str], ...] = (
    {},
    {},
    {},
    {"differentFrom": "u1"},
    {"differentFrom": "u1", "onExcluded": "admin"},
    {"onSelf": "exclude"},
    {"onSelf": "skip"},
    {"onRepeat": "anywhere"},
    {"onEmpty": "users:d,e"},
    {"allow": "-transfer,-delegate"},
    {"delegatePower": "decide"},
    {"returnPolicy": "previous"},
    {"returnPolicy": "none"},
    {"transferScope": "candidates"},
    {"limit": "3wd", "transferClock": "fresh"},
    {"requireComment": "refuse"},
)
MODES: tuple[dict[str, str], ...] = (
    {"ballot": "any"},
    {"ballot": "all"},
    {"ballot": "majority"},
    {"ballot": "majority", "tie": "chair", "chair": "b"},
    {"ballot": "count:2"},
    {"ballot": "ratio:2/3", "base": "cast"},
    {"ballot": "weight:60/100", "weights": "a:2,b:3,*:1"},
    {"ballot": "sequential"},
    {"ballot": "sequential:ratio:1/2"},
)
VOTERS: tuple[dict[str, str], ...] = (
    {"candidateUsers": "a,b,c"},
    {"candidateGroups": "g1"},
    {"candidateUsers": "a,b,d,e"},
    {"who": "users(a, b), groups(g2)"},
)
TERMS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"secret": "true"},
    {"veto": "anyone"},
    {"veto": "a,b", "quorum": "2"},
    {"quorum": "1/2"},
    {"advisers": "e"},
    {"advisers": "group:g2", "again": "objectors"},
    {"proxyVotes": "both"},
    {"delegatePower": "decide"},
    {"onRepeat": "anywhere"},
    {"onSelf": "exclude"},
)


@dataclass
class Block:
    """A kind with its parts; ``flag`` is the variable that decides, ``id`` the element by which the block is known."""

    kind: str
    parts: list[Block] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    flag: str = FLAGS[0]
    id: str = ""

    def __repr__(self) -> str:
        said = [repr(part) for part in self.parts] + [f"{name}={value}" for name, value in self.settings.items()]
        return f"{self.kind}{':' + self.id if self.id else ''}({', '.join(said)})"


# ---------------------------------------------------------------- any shape

SIMPLE = ("user", "user", "ballot", "ballot", "gate", "bounded", "wait", "many", "fragile", "fragile")
COMPOUND = ("row", "fork", "fork", "choice", "inclusive", "loop", "sub", "call", "each", "each in order")
PARTS: Mapping[str, tuple[int, int]] = {"row": (2, 3), "fork": (2, 3), "choice": (2, 2), "inclusive": (2, 3)}


def random_shape(random: Random) -> Block:
    """Any process of these blocks; a task at the end shows whether a join before it lets a token through too early."""
    return Block("row", [_user(random), _inner(random, 6), _user(random)])


def _inner(random: Random, room: int) -> Block:
    """A block with at most about ``room`` tasks."""
    if room <= 1 or random.random() < 0.15:
        return _leaf(random)
    kind = random.choice(COMPOUND)
    count = random.randint(*PARTS.get(kind, (1, 1)))
    parts = [_inner(random, room // count - (count == 1)) for _ in range(count)]
    if kind == "loop":  # somebody in it says whether it goes round again
        parts = [Block("row", [_user(random), *parts])]
    return Block(kind, parts, flag=random.choice(FLAGS))


def _leaf(random: Random) -> Block:
    kind = random.choice(SIMPLE)
    if kind in ("wait", "fragile"):
        return Block(kind)
    if kind == "many":
        return _many(random)
    if kind == "gate":  # a ballot that has a way of its own when it fails: another flow, or back to the task before it
        return Block(random.choice(["other way", "way back"]), [_ballot(random), _user(random)])
    if (
        kind == "bounded"
    ):  # a boundary timer, which leads to another task: instead of this one, or beside it once or again and again
        host = random.choice([_user, _ballot, _many])(random)
        return Block(random.choice(["limited", "reminded", "beaten"]), [host, _user(random)])
    return _ballot(random) if kind == "ballot" else _user(random)


def _many(random: Random) -> Block:
    """A multi-instance task of BPMN: several instances without votes, or several ballots."""
    if random.random() < 0.3:
        return Block("many", settings=_settings(random, MODES, VOTERS, TERMS, UNTIL, ({"in_order": ""}, {})))
    people = random.choice((PEOPLE, EACH, EACH))
    return Block("many", settings=_settings(random, people, ({"in_order": ""}, {}), SEVERAL))


def _user(random: Random) -> Block:
    return Block("user", settings=_settings(random, PEOPLE, ({"outcomes": OUTCOMES}, {}), POLICIES))


def _ballot(random: Random) -> Block:
    return Block("user", settings=_settings(random, MODES, VOTERS, TERMS, ({}, {}, {}, {"onReject": "end"})))


def _settings(random: Random, *choices: tuple[dict[str, str], ...]) -> dict[str, str]:
    """One of each of these, the later ones winning."""
    return {name: value for choice in choices for name, value in random.choice(choice).items()}


def simpler(block: Block) -> Iterator[Block]:
    """Blocks that are like this one with a little less in it."""
    if block.kind in (*COMPOUND, "limited", "reminded", "beaten", "other way", "way back"):
        yield from block.parts
    if block.kind == "loop":
        return
    for place, part in enumerate(block.parts):
        before, after = block.parts[:place], block.parts[place + 1 :]
        if block.kind in PARTS and len(block.parts) > PARTS[block.kind][0]:
            yield replace(block, parts=[*before, *after])
        for less in simpler(part):
            yield replace(block, parts=[*before, less, *after])
    for name in block.settings:
        if name not in ("ballot", "assignee", "candidateUsers", "candidateGroups", "who", "outcomes"):
            yield replace(block, settings={key: value for key, value in block.settings.items() if key != name})


# ---------------------------------------------------------------- as BPMN


class Drawing:
    """Draws blocks; called processes stand beside the main one in ``file``."""

    def __init__(self, block: Block) -> None:
        self.names: list[str] = []
        self.called: list[str] = []
        first, last, xml = self.draw(block)
        main = [start(), *xml, end(), path("start", first), path(last, "end")]
        self.file = bpmn(*main, definitions="".join(self.called))

    def name(self, kind: str) -> str:
        self.names.append(f"{kind}{len(self.names) + 1}")
        return self.names[-1]

    def draw(self, block: Block) -> tuple[str, str, list[str]]:
        """Return the first and the last element, and the XML."""
        if block.kind in LEAVES:
            return self.leaf(block)
        if block.kind == "row":
            drawn = [self.draw(part) for part in block.parts]
            joins = [flow(one[1], two[0]) for one, two in pairwise(drawn)]
            return drawn[0][0], drawn[-1][1], [*(xml for item in drawn for xml in item[2]), *joins]
        if block.kind == "loop":
            return self.loop(block)
        if block.kind in ("sub", "each", "each in order", "call"):
            return self.scope(block)
        if block.kind in ("fork", "choice", "inclusive"):
            return self.branches(block)
        return self.pair(block)

    def leaf(self, block: Block) -> tuple[str, str, list[str]]:
        if block.kind == "wait":
            block.id = self.name("wait")
            return block.id, block.id, [catch(block.id, timer(duration="P1D"))]
        if block.kind == "fragile":
            block.id = self.name(FRAGILE)
            return block.id, block.id, [service(block.id, VERB)]
        block.id = self.name(HALF if "until" in block.settings else "u")
        settings = dict(block.settings)
        if settings.get("differentFrom") == block.id:
            del settings["differentFrom"]
        if "outcomes" not in settings and "ballot" not in settings:
            settings.pop("onRepeat", None)  # what is no approval cannot be repeated
            settings.pop("requireComment", None)
        marker = []
        if block.kind == "many":
            in_order = settings.pop("in_order", None) is not None
            until = settings.pop("until", None)
            marker = [multi(over="=items", item="item", sequential=in_order, until=until)]
        return block.id, block.id, [user(block.id, *marker, name=f"任务{block.id}", **settings)]

    def loop(self, block: Block) -> tuple[str, str, list[str]]:
        first, last, xml = self.draw(block.parts[0])
        before, after, out = self.name("again"), self.name("more"), self.name("out")
        gates = [xor(before), xor(after, default=f"{after}-{out}"), task(out)]
        ways = [flow(before, first), flow(last, after), flow(after, before, when=block.flag), flow(after, out)]
        return before, out, [*gates, *xml, *ways]

    def scope(self, block: Block) -> tuple[str, str, list[str]]:
        first, last, xml = self.draw(block.parts[0])
        block.id, begin, finish = self.name("scope"), self.name("start"), self.name("end")
        inside = [start(begin), *xml, end(finish), flow(begin, first), flow(last, finish)]
        if block.kind == "call":
            key = f"called_{block.id}"
            self.called.append(process(key, *inside))
            return block.id, block.id, [call(block.id, key)]
        marker = ""
        if block.kind != "sub":
            marker = multi(over="=items", item="item", sequential=block.kind == "each in order")
        return block.id, block.id, [sub(block.id, marker, *inside)]

    def branches(self, block: Block) -> tuple[str, str, list[str]]:
        split, join = self.name("split"), self.name("join")
        block.id = join
        drawn = [self.draw(part) for part in block.parts]
        last = f"{split}-{drawn[-1][0]}"
        gateways = {
            "fork": (par(split), par(join)),
            "choice": (xor(split, default=last), xor(join)),
            "inclusive": (inc(split, default=last), inc(join)),
        }[block.kind]
        xml = [*gateways]
        for number, (first, end_of, inside) in enumerate(drawn):
            when = None if block.kind == "fork" or number == len(drawn) - 1 else FLAGS[number]
            # A name by number: a branch may end where no flow has the branch's own name.
            xml += [*inside, flow(split, first, when=when), flow(end_of, join, id=f"{join}-{number}")]
        return split, join, xml

    def pair(self, block: Block) -> tuple[str, str, list[str]]:
        """Two tasks, of which the second is where the first one leads when something happens."""
        one, other = block.parts
        if block.kind == "way back":
            other.id = self.name("u")
            one.settings = one.settings | {"onReject": f"return:{other.id}"}
            first, _, xml = self.leaf_as(other)
            vote, _, more = self.leaf(one)
            return first, vote, [*xml, *more, flow(first, vote)]
        other.id, merge = self.name("u"), self.name("merge")
        if block.kind == "other way":
            one.settings = one.settings | {"onReject": "flow:refused_" + other.id}
        host, _, xml = self.leaf(one)
        _, _, more = self.leaf_as(other)
        xml = [*xml, *more, xor(merge), flow(host, merge)]
        if block.kind == "other way":
            return host, merge, [*xml, flow(host, other.id, id="refused_" + other.id), flow(other.id, merge)]
        event, block.id = self.name(BEAT if block.kind == "beaten" else LATE), merge
        stops = block.kind == "limited"
        when = timer(cycle="R3/P1D") if block.kind == "beaten" else timer(duration="P2D")
        xml += [boundary(event, host, when, interrupting=stops), flow(event, other.id)]
        if stops:
            return host, merge, [*xml, flow(other.id, merge)]
        beside = self.name("end")
        return host, merge, [*xml, end(beside), flow(other.id, beside)]

    def leaf_as(self, block: Block) -> tuple[str, str, list[str]]:
        """Draw a task whose id is known."""
        wanted, self.name = block.id, lambda kind: wanted  # type: ignore[method-assign]
        try:
            return self.leaf(block)
        finally:
            del self.name
