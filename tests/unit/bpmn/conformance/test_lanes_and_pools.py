"""Lanes, pools and message flows (BPMN 2.0 chapters 9 and 10.8)."""

from collections.abc import Callable

from tests.unit.bpmn.bpmn_builder import (
    bpmn,
    catch,
    end,
    lanes,
    message,
    on_message,
    path,
    process,
    start,
    sub,
    throw,
    user,
)
from tests.unit.bpmn.conformance.rows import row
from tests.unit.bpmn.driving import Run, compiled

Start = Callable[..., Run]


@row(
    "lane",
    zh="任务带上所在（最内层）泳道的名称，子流程内继承",
    en="a task tells its innermost lane; inside a subprocess it is inherited",
)
class TestLanes:
    MODEL = bpmn(
        lanes(受理="a inside", 审核="b"),
        start(),
        user("a"),
        sub("inside", start("s2"), user("c"), end("e2"), path("s2", "c", "e2")),
        user("b"),
        user("d"),
        end(),
        path("start", "a", "inside", "b", "d", "end"),
    )

    def test_a_task_tells_its_lane(self, run: Start) -> None:
        case = run(self.MODEL)
        found = {}
        while not case.completed:
            [task] = case.step.tasks
            found[task.element_id] = task.lane
            case.complete_token(task.token_id)
        assert found == {"a": "受理", "c": "受理", "b": "审核", "d": None}

    def test_the_compiled_process_lists_them(self) -> None:
        assert compiled(self.MODEL).lanes == ("受理", "审核")


@row(
    "participant",
    zh="每个泳池的流程各自为一个实例；消息流是说明，消息按名称发出",
    en="the process of each pool is an instance of its own; messages go out by name, message flows are documentation",
)
class TestPools:
    FILE = bpmn(
        start(),
        throw("ask", on_message("M1")),
        catch("answered", on_message("M2")),
        end(),
        path("start", "ask", "answered", "end"),
        key="applicant",
        definitions='<collaboration id="c"><participant id="p1" processRef="applicant"/>'
        '<participant id="p2" processRef="office"/><messageFlow id="mf" sourceRef="ask" targetRef="asked"/></collaboration>'
        + message("M1", "application")
        + message("M2", "answer")
        + process(
            "office",
            start("asked", on_message("M1")),
            user("decide"),
            end("e2", on_message("M2")),
            path("asked", "decide", "e2"),
        ),
    )

    def test_two_pools_talk_by_messages_that_the_outside_carries(self, run: Start) -> None:
        applicant = run(self.FILE, key="applicant")
        assert [event.name for event in applicant.thrown] == ["application"]
        office = run(self.FILE, key="office", start="asked")
        office.complete("decide")
        [answer] = office.thrown
        assert applicant.message(answer.name, answer.correlation, **answer.payload)
        assert applicant.completed
        assert office.completed
