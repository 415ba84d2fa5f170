"""Intermediate catch and throw events, and message correlation (BPMN 2.0 chapters 8.4, 10.5.4 and 13.5.2)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn.runner import Machine
from engine.errors import StepFailed
from engine.runtime.step import SubscriptionKind
from tests.unit.bpmn.bpmn_builder import (
    bpmn,
    catch,
    end,
    escalation,
    flow,
    inc,
    inputs,
    link,
    message,
    multi,
    on_escalation,
    on_message,
    on_signal,
    par,
    path,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.conformance.rows import row
from tests.unit.bpmn.driving import NOW, Run

Start = Callable[..., Run]


@row(
    "intermediateCatchEvent/message",
    zh="按名称和关联值等待一条消息",
    en="waits for one message by name and correlation",
)
class TestMessageCatch:
    MODEL = bpmn(
        start(),
        catch("c", on_message("M")),
        end(),
        path("start", "c", "end"),
        definitions=message("M", "paid", key="= order"),
    )

    def test_it_takes_the_message_that_matches_its_correlation_key(self, run: Start) -> None:
        case = run(self.MODEL, {"order": 7})
        assert case.subscription("c").correlation == {"correlationKey": 7}
        assert case.message("paid", {"correlationKey": 8}) is False
        assert case.message("paid", {}) is False
        assert case.message("paid", {"correlationKey": 7}, amount=5) is True
        assert case.completed
        assert case.variables == {"order": 7, "amount": 5}

    def test_the_key_is_evaluated_when_it_begins_to_wait(self, run: Start) -> None:
        case = run(self.MODEL, {"order": 7})
        case.execution.set_variables({"order": 8})
        case.advance()
        assert case.message("paid", {"correlationKey": 7}) is True

    def test_one_message_is_for_one_catcher(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            catch("c1", on_message("M")),
            catch("c2", on_message("M")),
            end(),
            path("start", "fork", "c1", "end"),
            path("fork", "c2", "end"),
            definitions=message("M"),
        )
        case = run(model)
        case.message("M")
        assert len(case.waiting) == 1
        case.message("M")
        assert case.completed


CORRELATED = """
<collaboration id="co"><correlationKey id="K" name="order"><correlationPropertyRef>P</correlationPropertyRef>
</correlationKey></collaboration>
<correlationProperty id="P" name="number">
 <correlationPropertyRetrievalExpression messageRef="A"><messagePath>order.no</messagePath></correlationPropertyRetrievalExpression>
 <correlationPropertyRetrievalExpression messageRef="B"><messagePath>no</messagePath></correlationPropertyRetrievalExpression>
</correlationProperty>
"""


@row(
    "message/correlation",
    zh="关联键由第一条消息确定，之后的消息必须一致",
    en="the first message of a conversation sets its correlation key, later ones must match it",
)
class TestCorrelationKeys:
    DEFINITIONS = CORRELATED + message("A", "ordered") + message("B", "delivered")

    def test_a_message_start_sets_the_key(self, run: Start) -> None:
        model = bpmn(
            start("s", on_message("A")),
            catch("c", on_message("B")),
            end(),
            path("s", "c", "end"),
            definitions=self.DEFINITIONS,
        )
        case = run(model, start="s", payload={"order": {"no": 7}})
        assert case.subscription("c").correlation == {"number": 7}
        assert case.message("delivered", {"number": 8}) is False
        assert case.message("delivered", {"number": 7}) is True
        assert case.completed

    def test_a_message_thrown_sets_the_key_and_carries_it(self, run: Start) -> None:
        model = bpmn(
            start(),
            throw("t", inputs(order="= order"), on_message("A")),
            catch("c", on_message("B")),
            end(),
            path("start", "t", "c", "end"),
            definitions=self.DEFINITIONS,
        )
        case = run(model, {"order": {"no": 9}})
        assert case.thrown[0].correlation == {"number": 9}
        assert case.subscription("c").correlation == {"number": 9}

    def test_a_correlation_subscription_says_what_the_process_expects(self, run: Start) -> None:
        subscription = (
            '<correlationSubscription id="cs" correlationKeyRef="K"><correlationPropertyBinding correlationPropertyRef="P">'
            "<dataPath>mine</dataPath></correlationPropertyBinding></correlationSubscription>"
        )
        model = bpmn(
            subscription,
            start(),
            catch("c", on_message("A")),
            end(),
            path("start", "c", "end"),
            definitions=self.DEFINITIONS,
        )
        case = run(model, {"mine": 5})
        assert case.subscription("c").correlation == {"number": 5}
        assert case.message("ordered", {"number": 6}) is False
        assert case.message("ordered", {"number": 5}) is True

    @pytest.mark.parametrize("named", [{}, {"number": 7}])
    def test_the_first_message_caught_sets_the_key_by_what_it_carries(self, run: Start, named: dict[str, int]) -> None:
        model = bpmn(
            start(),
            catch("c1", on_message("A")),
            catch("c2", on_message("B")),
            end(),
            path("start", "c1", "c2", "end"),
            definitions=self.DEFINITIONS,
        )
        case = run(model, {"order": {"no": 1}})  # a variable of that name is not what the message carries
        assert case.message("ordered", named, order={"no": 7})
        assert case.subscription("c2").correlation == {"number": 7}
        assert case.message("delivered", {"number": 8}) is False
        assert case.message("delivered", {"number": 7}) is True
        assert case.completed

    def test_a_first_message_that_does_not_carry_the_key_leaves_it_open(self, run: Start) -> None:
        model = bpmn(
            start(),
            catch("c1", on_message("A")),
            catch("c2", on_message("B")),
            end(),
            path("start", "c1", "c2", "end"),
            definitions=self.DEFINITIONS,
        )
        case = run(model, {"order": {"no": 1}})
        assert case.message("ordered")
        assert case.subscription("c2").correlation == {}

    def test_a_subprocess_goes_on_with_the_conversation_of_its_process(self, run: Start) -> None:
        model = bpmn(
            start(),
            catch("c1", on_message("A")),
            sub("s", start("s2"), catch("c2", on_message("B")), end("e2"), path("s2", "c2", "e2")),
            end(),
            path("start", "c1", "s", "end"),
            definitions=self.DEFINITIONS,
        )
        case = run(model)
        case.message("ordered", {"number": 3})
        assert case.subscription("c2").correlation == {"number": 3}

    def test_each_instance_of_a_subprocess_holds_a_conversation_of_its_own(self, run: Start) -> None:
        inside = sub(
            "s",
            multi(over="=[1, 2]", item="n"),
            start("s2"),
            throw("t", inputs(order="= {no: n}"), on_message("A")),
            catch("c", on_message("B")),
            end("e2"),
            path("s2", "t", "c", "e2"),
        )
        case = run(bpmn(start(), inside, end(), path("start", "s", "end"), definitions=self.DEFINITIONS))
        assert [item.correlation for item in case.step.subscriptions] == [{"number": 1}, {"number": 2}]
        assert case.message("delivered", {"number": 2})
        assert [item.correlation for item in case.step.subscriptions] == [{"number": 1}]

    def test_a_message_caught_sets_the_key(self, run: Start) -> None:
        model = bpmn(
            start(),
            catch("c1", on_message("A")),
            catch("c2", on_message("B")),
            end(),
            path("start", "c1", "c2", "end"),
            definitions=self.DEFINITIONS,
        )
        case = run(model)
        assert case.subscription("c1").correlation == {}
        assert case.message("ordered", {"number": 3}) is True
        assert case.subscription("c2").correlation == {"number": 3}


@row(
    "intermediateCatchEvent/timer",
    zh="日期、时长（ISO 8601 或 FEEL），进入时求值一次；恰好到期即触发",
    en="a date or duration, ISO 8601 or FEEL, evaluated once on entering; due exactly now it fires",
)
class TestTimerCatch:
    @staticmethod
    def model(**definition: str) -> bytes:
        return bpmn(start(), catch("c", timer(**definition)), end(), path("start", "c", "end"))

    def test_it_fires_exactly_when_it_is_due_and_not_before(self, run: Start) -> None:
        case = run(self.model(duration="PT1H"))
        assert case.timers == {"c": timedelta(hours=1)}
        case.wait(minutes=59, seconds=59)
        assert not case.completed
        case.wait(seconds=1)
        assert case.completed

    @pytest.mark.parametrize(
        "text, due",
        [
            ("2026-12-24T09:00:00+08:00", datetime(2026, 12, 24, 1, tzinfo=UTC)),
            ("2026-12-24", datetime(2026, 12, 23, 16, tzinfo=UTC)),
            ('"2026-12-24T09:00:00"', datetime(2026, 12, 24, 1, tzinfo=UTC)),
            ("= deadline", datetime(2026, 12, 24, tzinfo=UTC)),
            ('date and time("2026-12-24T00:00:00Z")', datetime(2026, 12, 24, tzinfo=UTC)),
            ('date("2026-12-24")', datetime(2026, 12, 23, 16, tzinfo=UTC)),
            ("${deadline}", datetime(2026, 12, 24, tzinfo=UTC)),
        ],
    )
    def test_a_date_in_many_spellings(self, run: Start, text: str, due: datetime) -> None:
        machine = Machine(zone=ZoneInfo("Asia/Shanghai"))
        case = run(self.model(date=text), {"deadline": "2026-12-24T00:00:00Z"}, machine=machine)
        assert case.step.timers[0].due_at == due

    @pytest.mark.parametrize(
        "text, length",
        [
            ("P1DT2H", timedelta(days=1, hours=2)),
            ("P2W", timedelta(days=14)),
            ('"PT90M"', timedelta(minutes=90)),
            ('= duration("P1D") * 3', timedelta(days=3)),
            ("P1M", timedelta(days=31)),
            ('duration("P1Y")', timedelta(days=365)),
            ("PT0.5S", timedelta(milliseconds=500)),
            ("=wait", timedelta(minutes=5)),
        ],
    )
    def test_a_duration_in_many_spellings(self, run: Start, text: str, length: timedelta) -> None:
        assert run(self.model(duration=text), {"wait": "PT5M"}).timers == {"c": length}

    def test_a_month_after_the_31st_is_the_last_of_the_month(self, run: Start) -> None:
        case = run(self.model(duration="P1M"), now=datetime(2027, 1, 31, 12, tzinfo=UTC))
        assert case.step.timers[0].due_at == datetime(2027, 2, 28, 12, tzinfo=UTC)

    def test_host_functions_give_working_days(self, run: Start) -> None:
        machine = Machine(functions=lambda now: {"wd": lambda days: now + timedelta(days=int(days) + 2)})
        case = run(self.model(date="= wd(5)"), machine=machine)
        assert case.timers == {"c": timedelta(days=7)}

    def test_what_is_overdue_on_entering_fires_at_once(self, run: Start) -> None:
        assert run(self.model(date="2020-01-01T00:00:00Z")).completed

    @pytest.mark.parametrize(
        "text",
        ['"tomorrow"', "=5", "=null", '"0 0 9 * * ?"', '"P1Y2"', '"PT"', '"P200Y"', '"9999-12-31T23:59:59-14:00"'],
    )
    def test_what_is_no_time_is_an_error_with_the_element(self, run: Start, text: str) -> None:
        with pytest.raises(StepFailed) as caught:
            run(self.model(duration=text))
        assert caught.value.facts["reason"] == "bad-timer"
        assert caught.value.facts["element_id"] == "c"

    def test_it_can_be_rescheduled(self, run: Start) -> None:
        case = run(self.model(duration="PT1H"))
        case.execution.reschedule_timer(case.step.timers[0].token_id, NOW + timedelta(days=1))
        case.wait(hours=1)
        assert case.timers == {"c": timedelta(hours=23)}
        case.wait(hours=23)
        assert case.completed


@row("intermediateCatchEvent/signal", zh="所有等待者同时收到", en="all who wait get it")
class TestSignalCatch:
    def test_all_catchers_get_it(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            catch("c1", on_signal("S")),
            catch("c2", on_signal("S")),
            catch("c3", on_signal("T")),
            end(),
            path("start", "fork", "c1", "end"),
            path("fork", "c2", "end"),
            path("fork", "c3", "end"),
            definitions=signal("S", "go") + signal("T", "stop"),
        )
        case = run(model)
        assert [item.kind for item in case.step.subscriptions] == [SubscriptionKind.SIGNAL] * 3
        assert case.signal("go", x=1) == 2
        assert case.waiting == [("c3", "stop")]
        assert case.signal("go") == 0
        assert case.variables == {"x": 1}


@row(
    "intermediateThrowEvent/link",
    "intermediateCatchEvent/link",
    zh="跳到同一层中同名的链接捕获事件",
    en="goes on in the link catch event of the same name in the same scope",
)
class TestLink:
    MODEL = bpmn(
        start(),
        xor("g", default="g-b"),
        user("a"),
        user("b"),
        throw("t1", link("there")),
        throw("t2", link("there")),
        catch("c", link("there")),
        user("after"),
        end(),
        path("start", "g"),
        flow("g", "a", when="x"),
        flow("g", "b"),
        path("a", "t1"),
        path("b", "t2"),
        path("c", "after", "end"),
    )

    @pytest.mark.parametrize("x, task, thrown", [(True, "a", "t1"), (False, "b", "t2")])
    def test_every_throw_event_leads_to_the_catch_event_of_its_name(
        self, run: Start, x: bool, task: str, thrown: str
    ) -> None:
        case = run(self.MODEL, {"x": x})
        case.complete(task)
        assert case.open == ["after"]
        assert case.told() == [
            f"completed {task}",
            f"flow {task}-{thrown}",
            f"entered {thrown}",
            f"completed {thrown}",
            "entered c",
            "completed c",
            "flow c-after",
            "entered after",
        ]

    def test_a_join_behind_a_link_is_waited_for(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            user("near"),
            user("far"),
            throw("t", link("there")),
            catch("c", link("there")),
            inc("join"),
            user("after"),
            path("start", "fork", "near", "join", "after"),
            path("fork", "far", "t"),
            path("c", "join"),
        )
        case = run(model)
        case.complete("near")
        assert case.open == ["far"]
        case.complete("far")
        assert case.open == ["after"]


@row("intermediateThrowEvent/none", zh="直接通过", en="goes on at once")
class TestNoneThrow:
    def test_it_goes_on(self, run: Start) -> None:
        assert run(bpmn(start(), throw("t"), end(), path("start", "t", "end"))).passed() == ["start", "t", "end"]


@row(
    "intermediateThrowEvent/message",
    zh="实例内有人等则给它，否则发出",
    en="to a catcher inside the instance, else out of the house",
)
class TestMessageThrow:
    def test_it_leaves_the_instance_when_nobody_inside_waits(self, run: Start) -> None:
        model = bpmn(
            start(),
            throw("t", inputs(a="=x"), on_message("M")),
            end(),
            path("start", "t", "end"),
            definitions=message("M", "hello", key="x"),
        )
        case = run(model, {"x": 1})
        [event] = case.thrown
        assert (event.name, event.correlation, event.payload) == ("hello", {"correlationKey": 1}, {"a": 1})

    def test_a_catcher_inside_takes_it(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            catch("c", on_message("M")),
            user("a"),
            throw("t", on_message("M")),
            end(),
            path("start", "fork", "c", "end"),
            path("fork", "a", "t", "end"),
            definitions=message("M"),
        )
        case = run(model)
        case.complete("a")
        assert case.thrown == []
        assert case.completed


@row("intermediateThrowEvent/signal", zh="向实例内外所有等待者广播", en="tells everybody who waits, inside and outside")
class TestSignalThrow:
    def test_it_reaches_catchers_inside_and_leaves_the_instance(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            catch("c", on_signal("S")),
            user("a"),
            throw("t", on_signal("S")),
            end(),
            path("start", "fork", "c", "end"),
            path("fork", "a", "t", "end"),
            definitions=signal("S"),
        )
        case = run(model)
        case.complete("a")
        assert [event.name for event in case.thrown] == ["S"]
        assert case.completed


@row(
    "intermediateThrowEvent/escalation",
    zh="由外层边界事件处理，自己继续（除非被中断）",
    en="caught outside; goes on itself unless interrupted",
)
class TestEscalationThrow:
    @pytest.mark.parametrize("interrupting, opened", [(False, ["after", "boss"]), (True, ["boss"])])
    def test_it_goes_on_unless_its_scope_is_interrupted(
        self, run: Start, interrupting: bool, opened: list[str]
    ) -> None:
        from tests.unit.bpmn.bpmn_builder import boundary

        model = bpmn(
            start(),
            sub(
                "inside",
                start("s2"),
                throw("t", inputs(why="= reason"), on_escalation("X")),
                user("after"),
                end("e2"),
                path("s2", "t", "after", "e2"),
            ),
            boundary("b", "inside", on_escalation("X"), interrupting=interrupting),
            user("boss"),
            end(),
            path("start", "inside", "end"),
            path("b", "boss", "end"),
            definitions=escalation("X", "late"),
        )
        case = run(model, {"reason": "slow"})
        assert sorted(case.open) == opened
        assert case.variables["why"] == "slow"
        assert "completed t" in case.told()
