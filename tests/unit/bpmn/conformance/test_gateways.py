"""Gateways, forward and in loops (BPMN 2.0 chapters 10.6 and 13.4)."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.errors import StepFailed
from tests.unit.bpmn.bpmn_builder import (
    bpmn,
    catch,
    end,
    event_gateway,
    flow,
    inc,
    message,
    on_message,
    on_signal,
    par,
    path,
    receive,
    script,
    signal,
    start,
    task,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.conformance.rows import row
from tests.unit.bpmn.driving import Run

Start = Callable[..., Run]


@row(
    "exclusiveGateway",
    zh="按文件顺序取第一条成立的出线，否则走默认流；条件必须得出真或假",
    en="takes the first flow (in the order of the file) whose condition holds, else the default flow",
)
class TestExclusiveGateway:
    MODEL = bpmn(
        start(),
        xor("g", default="g-small"),
        task("big"),
        task("medium"),
        task("small"),
        end(),
        flow("start", "g"),
        flow("g", "big", when="amount > 100"),
        flow("g", "medium", when="amount > 10"),
        flow("g", "small"),
        *(flow(name, "end") for name in ("big", "medium", "small")),
    )

    @pytest.mark.parametrize("amount, taken", [(500, "big"), (50, "medium"), (5, "small")])
    def test_the_first_condition_that_holds_decides(self, run: Start, amount: int, taken: str) -> None:
        assert run(self.MODEL, {"amount": amount}).passed() == ["start", "g", taken, "end"]

    def test_without_default_and_without_match_it_is_an_error(self, run: Start) -> None:
        model = bpmn(
            start(),
            xor("g"),
            task("a"),
            end(),
            flow("start", "g"),
            flow("g", "a", when="x = 1"),
            flow("g", "end", when="x = 2"),
            flow("a", "end"),
        )
        with pytest.raises(StepFailed) as caught:
            run(model, {"x": 3})
        assert caught.value.facts["reason"] == "no-flow"
        assert caught.value.facts["element_id"] == "g"

    def test_an_unknown_name_never_takes_the_default_flow(self, run: Start) -> None:
        with pytest.raises(StepFailed) as caught:
            run(self.MODEL)
        assert caught.value.facts["reason"] == "unknown-name"

    @pytest.mark.parametrize("amount", [None, "many"])
    def test_a_condition_that_is_neither_true_nor_false_is_an_error(self, run: Start, amount: object) -> None:
        with pytest.raises(StepFailed):
            run(self.MODEL, {"amount": amount})

    def test_as_a_merge_it_passes_every_token_on(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            xor("merge"),
            user("a"),
            end(),
            path("start", "fork", "merge", "a", "end"),
            flow("fork", "merge", id="2nd"),
        )
        assert run(model).open == ["a", "a"]

    def test_camunda_expressions_are_read_too(self, run: Start) -> None:
        model = bpmn(
            start(),
            xor("g", default="g-no"),
            task("yes"),
            task("no"),
            end(),
            flow("start", "g"),
            flow("g", "yes", when="${approved && amount >= 10}"),
            flow("g", "no"),
            path("yes", "end"),
            path("no", "end"),
        )
        assert "yes" in run(model, {"approved": True, "amount": 10}).passed()


@row("exclusiveGateway/loop", zh="可无限次退回重办，状态大小不变", en="rework without limit; the state does not grow")
class TestExclusiveGatewayInALoop:
    MODEL = bpmn(
        start(),
        user("fill"),
        user("check"),
        xor("g", default="g-fill"),
        end(),
        path("start", "fill", "check", "g"),
        flow("g", "end", when="good"),
        flow("g", "fill"),
    )

    def test_rework_until_it_is_good(self, run: Start) -> None:
        case = run(self.MODEL)
        for _ in range(3):
            case.complete("fill")
            case.complete("check", good=False)
        case.complete("fill")
        case.complete("check", good=True)
        assert case.completed
        assert case.passed().count("check") == 4


@row(
    "parallelGateway",
    zh="分叉给每条出线一个令牌；汇聚等每条入线各一个",
    en="forks to every flow; joins one token of each flow",
)
class TestParallelGateway:
    MODEL = bpmn(
        start(),
        par("fork"),
        user("a"),
        user("b"),
        par("join"),
        user("after"),
        end(),
        path("start", "fork", "a", "join", "after", "end"),
        path("fork", "b", "join"),
    )

    def test_it_waits_for_all_branches(self, run: Start) -> None:
        case = run(self.MODEL)
        assert case.open == ["a", "b"]
        case.complete("b")
        assert case.open == ["a"]
        case.complete("a")
        assert case.open == ["after"]

    def test_the_join_is_entered_once_and_completed_once(self, run: Start) -> None:
        case = run(self.MODEL)
        case.complete("a")
        assert case.told() == ["completed a", "flow a-join", "entered join"]
        case.complete("b")
        assert case.told() == ["completed b", "flow b-join", "completed join", "flow join-after", "entered after"]

    def test_a_branch_sees_at_once_what_another_one_wrote(self, run: Start) -> None:
        case = run(self.MODEL)
        case.complete("a", opinion_a="yes")
        assert case.execution.variables(case.task("b").token_id) == {"opinion_a": "yes"}

    def test_lists_of_two_branches_are_not_merged_behind_the_join(self, run: Start) -> None:
        case = run(self.MODEL, {"opinions": []})
        case.complete("a", opinions=["a"])
        case.complete("b", opinions=["a", "b"])
        assert case.variables == {"opinions": ["a", "b"]}

    def test_two_flows_from_one_gateway_count_as_two(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            par("join"),
            end(),
            path("start", "fork", "join", "end"),
            flow("fork", "join", id="2nd"),
        )
        assert run(model).completed

    def test_an_excess_token_waits_for_its_own_partner(self, run: Start) -> None:
        # Two tokens come along a-join, one along b-join: the join fires once and the excess token remains.
        model = bpmn(
            start(),
            par("fork"),
            xor("twice"),
            user("a"),
            user("b"),
            par("join"),
            user("after"),
            end(),
            path("start", "fork", "twice", "a", "join", "after", "end"),
            flow("fork", "twice", id="2nd"),
            path("fork", "b", "join"),
        )
        case = run(model)
        assert case.open == ["a", "a", "b"]
        case.complete("a")
        case.complete("a")
        assert case.open == ["b"]
        case.complete("b")
        assert case.open == ["after"]
        with pytest.raises(StepFailed) as caught:
            case.complete("after")
        assert caught.value.facts["reason"] == "deadlock"

    def test_a_join_that_can_never_fire_is_told_and_not_called_completed(self, run: Start) -> None:
        model = bpmn(
            start(),
            xor("g", default="g-b"),
            task("a"),
            task("b"),
            par("join"),
            end(),
            flow("start", "g"),
            flow("g", "a", when="x"),
            flow("g", "b"),
            path("a", "join", "end"),
            path("b", "join"),
        )
        with pytest.raises(StepFailed) as caught:
            run(model, {"x": True})
        assert caught.value.facts["reason"] == "deadlock"
        assert caught.value.facts["element_id"] == "join"


@row(
    "parallelGateway/loop",
    zh="循环中每一轮都等齐所有分支",
    en="in a loop the join waits for all branches in every round",
)
class TestParallelGatewayInALoop:
    def test_every_round_waits_for_all_branches(self, run: Start) -> None:
        model = bpmn(
            start(),
            xor("again"),
            par("fork"),
            user("a"),
            user("b"),
            user("c"),
            par("join"),
            xor("g", default="g-again"),
            end(),
            path("start", "again", "fork", "a", "join", "g"),
            path("fork", "b", "join"),
            path("fork", "c", "join"),
            flow("g", "end", when="good"),
            flow("g", "again"),
        )
        chance = random.Random(20261122)
        case = run(model, {"good": False})
        for round_number in range(6):
            names = ["a", "b", "c"]
            chance.shuffle(names)
            for name in names:
                assert set(case.open) == set(names[names.index(name) :])
                case.complete(name, good=round_number == 5)
        assert case.completed
        assert case.passed().count("join") == 6

    def test_a_branch_may_go_round_alone_inside_the_block(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            user("a"),
            xor("g", default="g-join"),
            user("b"),
            par("join"),
            user("after"),
            end(),
            path("start", "fork", "a", "g"),
            flow("g", "a", when="redo"),
            flow("g", "join"),
            path("fork", "b", "join", "after", "end"),
        )
        case = run(model)
        for _ in range(3):
            case.complete("a", redo=True)
        case.complete("b")
        assert case.open == ["a"]
        case.complete("a", redo=False)
        assert case.open == ["after"]


INCLUSIVE = (
    inc("split", default="split-c"),
    user("a"),
    user("b"),
    user("c"),
    inc("join"),
    flow("split", "a", when="x"),
    flow("split", "b", when="y"),
    flow("split", "c"),
    flow("a", "join"),
    flow("b", "join"),
    flow("c", "join"),
)


@row(
    "inclusiveGateway",
    zh="取所有成立的出线；汇聚等待仍可能到来的令牌（可达性在编译时算好）",
    en="takes every flow that holds; the join waits for every token that can still come",
)
class TestInclusiveGateway:
    MODEL = bpmn(start(), *INCLUSIVE, user("after"), end(), path("start", "split"), path("join", "after", "end"))

    @pytest.mark.parametrize(
        "x, y, taken", [(True, True, ["a", "b"]), (True, False, ["a"]), (False, True, ["b"]), (False, False, ["c"])]
    )
    def test_the_join_waits_exactly_for_the_branches_taken(
        self, run: Start, x: bool, y: bool, taken: list[str]
    ) -> None:
        case = run(self.MODEL, {"x": x, "y": y})
        assert case.open == taken
        for name in taken:
            assert "after" not in case.open
            case.complete(name)
        assert case.open == ["after"]
        case.complete("after")
        assert case.completed

    def test_a_branch_that_ends_elsewhere_is_not_waited_for(self, run: Start) -> None:
        model = bpmn(
            start(),
            inc("split"),
            user("a"),
            user("b"),
            xor("g", default="g-stop"),
            inc("join"),
            user("after"),
            end("stop"),
            end(),
            path("start", "split"),
            flow("split", "a", when="true"),
            flow("split", "b", when="true"),
            path("a", "join", "after", "end"),
            path("b", "g"),
            flow("g", "join", when="go"),
            flow("g", "stop"),
        )
        case = run(model)
        case.complete("a")
        assert case.open == ["b"]
        case.complete("b", go=False)
        assert case.open == ["after"]

    def test_a_token_anywhere_upstream_is_waited_for(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            user("far"),
            task("way"),
            user("near"),
            inc("join"),
            user("after"),
            end(),
            path("start", "fork", "far", "way", "join", "after", "end"),
            path("fork", "near", "join"),
        )
        case = run(model)
        case.complete("near")
        assert case.open == ["far"]
        case.complete("far")
        assert case.open == ["after"]

    def test_no_flow_that_holds_is_an_error(self, run: Start) -> None:
        model = bpmn(
            start(),
            inc("g"),
            task("a"),
            task("b"),
            end(),
            path("start", "g"),
            flow("g", "a", when="x"),
            flow("g", "b", when="x"),
            path("a", "end"),
            path("b", "end"),
        )
        with pytest.raises(StepFailed) as caught:
            run(model, {"x": False})
        assert caught.value.facts["reason"] == "no-flow"


@row(
    "inclusiveGateway/loop",
    zh="循环中也正确：已到达的入线不再被同一令牌阻塞（BPMN 2.0 13.4.3）",
    en="right in loops too: a token that can also reach a flow that has arrived is not waited for (BPMN 2.0 13.4.3)",
)
class TestInclusiveGatewayInALoop:
    MODEL = bpmn(
        start(),
        xor("again"),
        *INCLUSIVE,
        xor("g", default="g-again"),
        end(),
        path("start", "again", "split"),
        path("join", "g"),
        flow("g", "end", when="good"),
        flow("g", "again"),
    )

    def test_every_round_waits_for_the_branches_taken(self, run: Start) -> None:
        case = run(self.MODEL, {"x": True, "y": True, "good": False})
        for _ in range(4):
            assert case.open == ["a", "b"]
            case.complete("b")
            assert case.open == ["a"]
            case.complete("a")
        case.complete("a", x=False)
        case.complete("b", y=False)
        assert case.open == ["c"]
        case.complete("c", good=True)
        assert case.completed

    def test_a_loop_back_into_a_branch_is_waited_for(self, run: Start) -> None:
        model = bpmn(
            start(),
            inc("split"),
            user("a"),
            user("b"),
            xor("g", default="g-join"),
            inc("join"),
            user("after"),
            end(),
            path("start", "split"),
            flow("split", "a", when="true"),
            flow("split", "b", when="true"),
            path("a", "join", "after", "end"),
            path("b", "g"),
            flow("g", "b", when="redo"),
            flow("g", "join"),
        )
        case = run(model)
        case.complete("a")
        case.complete("b", redo=True)
        assert case.open == ["b"]
        case.complete("b", redo=False)
        assert case.open == ["after"]

    def test_a_token_that_can_also_come_where_one_has_arrived_is_not_waited_for(self, run: Start) -> None:
        # The far token can reach the empty flow b-join, but also m-join, on which a token stands already: by the rule of
        # BPMN 2.0 the join goes on now, and once more when the far token comes.
        model = bpmn(
            start(),
            par("fork"),
            user("near"),
            user("far"),
            xor("g", default="g-m"),
            xor("m"),
            task("b"),
            inc("join"),
            user("after"),
            end(),
            path("start", "fork", "near", "m", "join", "after", "end"),
            path("fork", "far", "g"),
            flow("g", "b", when="other"),
            flow("g", "m"),
            path("b", "join"),
        )
        case = run(model)
        case.complete("near")
        assert sorted(case.open) == ["after", "far"]
        case.complete("far", other=True)
        assert case.open == ["after", "after"]


EVENTS = (
    event_gateway("first"),
    catch("paid", on_message("M")),
    catch("stopped", on_signal("S")),
    catch("late", timer(duration="PT2H")),
    receive("called", "N"),
    end("end-paid"),
    end("end-stopped"),
    end("end-late"),
    end("end-called"),
    *(path("first", name, f"end-{name}") for name in ("paid", "stopped", "late", "called")),
)
NAMES = message("M", "paid") + message("N", "called") + signal("S", "stop")


@row(
    "eventBasedGateway",
    zh="等待第一个发生的事件：消息、信号、定时或接收任务",
    en="the first event decides: message, signal, timer, receive task",
)
class TestEventBasedGateway:
    MODEL = bpmn(start(), *EVENTS, path("start", "first"), definitions=NAMES)

    def test_it_tells_everything_that_it_waits_for(self, run: Start) -> None:
        case = run(self.MODEL)
        assert case.waiting == [("paid", "paid"), ("stopped", "stop"), ("called", "called")]
        assert case.timers == {"late": timedelta(hours=2)}
        assert case.told()[-2:] == ["flow start-first", "entered first"]

    @pytest.mark.parametrize(
        "happen, name",
        [
            (lambda case: case.message("paid", amount=1), "paid"),
            (lambda case: case.signal("stop"), "stopped"),
            (lambda case: case.wait(hours=2), "late"),
            (lambda case: case.message("called"), "called"),
        ],
    )
    def test_the_first_event_goes_on_and_the_others_cannot_happen(
        self, run: Start, happen: Callable[[Run], object], name: str
    ) -> None:
        case = run(self.MODEL)
        happen(case)
        assert case.completed
        assert case.passed() == ["start", "first", name, f"end-{name}"]
        assert (case.step.timers, case.step.subscriptions) == ((), ())

    def test_in_a_loop_it_waits_anew_each_time(self, run: Start) -> None:
        model = bpmn(
            start(),
            xor("again"),
            event_gateway("first"),
            catch("go", on_message("M")),
            catch("tick", timer(duration="PT1H")),
            end(),
            path("start", "again", "first", "go", "end"),
            path("first", "tick", "again"),
            definitions=NAMES,
        )
        case = run(model)
        for _ in range(3):
            assert case.timers == {"tick": timedelta(hours=1)}
            case.wait(hours=1)
        case.message("paid")
        assert case.completed
        assert case.passed().count("tick") == 3


@row("eventBasedGateway/two-timers", zh="多个定时器中先到期的生效", en="the timer that is due first decides")
class TestEventBasedGatewayWithTwoTimers:
    MODEL = bpmn(
        start(),
        event_gateway("first"),
        catch("long", timer(duration="PT1H")),
        catch("short", timer(duration="=duration(limit)")),
        end("end-long"),
        end("end-short"),
        path("start", "first", "long", "end-long"),
        path("first", "short", "end-short"),
    )

    @pytest.mark.parametrize("limit, name", [("PT10M", "short"), ("PT3H", "long")])
    def test_each_timer_has_its_own_due_time(self, run: Start, limit: str, name: str) -> None:
        case = run(self.MODEL, {"limit": limit})
        assert len(case.timers) == 2
        case.wait(hours=4)
        assert case.passed()[-2:] == [name, f"end-{name}"]
        assert case.completed


@row(
    "sequenceFlow/conditional",
    zh="活动或事件的多条出线都走；带条件的只在成立时走，默认流在都不成立时走",
    en="all flows out of an activity are taken; conditional ones when they hold, the default one when none does",
)
class TestFlowsOutOfAnActivity:
    MODEL = bpmn(
        start(),
        script("decide", "y = x"),
        user("always"),
        user("sometimes"),
        end(),
        path("start", "decide", "always", "end"),
        flow("decide", "sometimes", when="y > 1"),
        path("sometimes", "end"),
    )

    @pytest.mark.parametrize("x, opened", [(1, ["always"]), (2, ["always", "sometimes"])])
    def test_unconditional_flows_are_taken_with_the_conditional_ones_that_hold(
        self, run: Start, x: int, opened: list[str]
    ) -> None:
        assert run(self.MODEL, {"x": x}).open == opened

    def test_the_default_flow_of_an_activity_is_taken_when_no_condition_holds(self, run: Start) -> None:
        model = bpmn(
            start(),
            '<task id="t" default="t-b"/>',
            user("a"),
            user("b"),
            end(),
            path("start", "t"),
            flow("t", "a", when="x"),
            flow("t", "b"),
            path("a", "end"),
            path("b", "end"),
        )
        assert run(model, {"x": False}).open == ["b"]
        assert run(model, {"x": True}).open == ["a"]
