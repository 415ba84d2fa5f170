"""Tasks, embedded subprocess and call activity (BPMN 2.0 chapters 10.3 and 13.3)."""

from collections.abc import Callable

import pytest

from engine.errors import Conflict, StepFailed
from engine.runtime.step import EndKind, TaskKind
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    end,
    error,
    flow,
    inputs,
    lanes,
    manual,
    mappings,
    message,
    on_error,
    par,
    path,
    process,
    receive,
    script,
    send,
    service,
    start,
    sub,
    task,
    terminating,
    user,
    xor,
)
from tests.unit.bpmn.conformance.rows import row
from tests.unit.bpmn.driving import Run

Start = Callable[..., Run]


@row("task", zh="没有类型的任务立即完成", en="a task without a type completes at once")
class TestAbstractTask:
    def test_it_completes_at_once(self, run: Start) -> None:
        case = run(bpmn(start(), task("a"), end(), path("start", "a", "end")))
        assert case.completed
        assert case.passed() == ["start", "a", "end"]


@row(
    "userTask",
    zh="等待人办理；办理人、候选人、候选组、表单、期限等在进入时求值一次并保存",
    en="waits for a person; assignee, candidates, form, limit... are evaluated once, on entering, and kept",
)
class TestUserTask:
    MODEL = bpmn(
        lanes(窗口="review"),
        start(),
        user(
            "review",
            assignee="${clerk}",
            candidateUsers="li, ${deputy}",
            candidateGroups="=groups",
            formKey="review-form",
            priority="=70 + 5",
            limit="5wd",
            outcomes="approve:同意,reject:不同意",
            fields="opinion:write",
            hint="= clerk",
        ),
        end(),
        path("start", "review", "end"),
    )
    VARIABLES = {"clerk": "wang", "deputy": "zhao", "groups": ["a", "b"]}  # noqa: RUF012

    def test_it_waits_with_its_assignment_evaluated(self, run: Start) -> None:
        task = run(self.MODEL, self.VARIABLES).task("review")
        assert task.kind is TaskKind.USER
        assert task.assignee == "wang"
        assert task.candidate_users == ("li", "zhao")
        assert task.candidate_groups == ("a", "b")
        assert task.form_key == "review-form"
        assert task.priority == 75
        assert task.limit == "5wd"
        assert task.outcomes == ("approve", "reject")
        assert task.settings == {"fields": "opinion:write", "hint": "wang"}
        assert task.lane == "窗口"
        assert task.process_key == "p"
        assert task.loop_index is None

    def test_the_assignment_does_not_change_while_it_waits(self, run: Start) -> None:
        case = run(self.MODEL, self.VARIABLES)
        case.execution.set_variables({"clerk": "somebody else"})
        assert case.advance().tasks[0].assignee == "wang"

    def test_completing_writes_variables_and_goes_on(self, run: Start) -> None:
        case = run(self.MODEL, self.VARIABLES)
        case.complete("review", opinion="同意", score=3)
        assert case.completed
        assert case.variables["opinion"] == "同意"
        assert case.variables["score"] == 3

    def test_it_can_be_completed_only_once(self, run: Start) -> None:
        case = run(bpmn(start(), user("a"), user("b"), end(), path("start", "a", "b", "end")))
        token = case.task("a").token_id
        case.execution.complete_task(token, {})
        with pytest.raises(Conflict):
            case.execution.complete_task(token, {})
        case.advance()
        with pytest.raises(Conflict):
            case.execution.complete_task(token, {})

    def test_two_incoming_flows_make_two_tasks(self, run: Start) -> None:
        # An activity with several incoming flows is started by each token (BPMN 2.0 chapter 13.3.1).
        case = run(
            bpmn(start(), par("fork"), user("a"), end(), path("start", "fork", "a", "end"), flow("fork", "a", id="2nd"))
        )
        assert case.open == ["a", "a"]

    def test_an_unknown_name_in_the_assignment_is_an_error_not_an_empty_assignee(self, run: Start) -> None:
        with pytest.raises(StepFailed) as caught:
            run(self.MODEL, {"deputy": "x", "groups": []})
        assert caught.value.facts["element_id"] == "review"
        assert caught.value.facts["reason"] == "unknown-name"


@row("manualTask", zh="像用户任务一样进入待办", en="waits in the inbox like a user task")
class TestManualTask:
    def test_it_waits_for_a_person(self, run: Start) -> None:
        case = run(bpmn(start(), manual("stamp"), end(), path("start", "stamp", "end")))
        assert case.task("stamp").kind is TaskKind.MANUAL
        case.complete("stamp")
        assert case.completed


@row("scriptTask", zh="逐行“名称 = FEEL”，要么全部写入，要么都不写", en="lines of `name = FEEL`, all or nothing")
class TestScriptTask:
    def test_each_line_sets_a_variable_that_the_next_one_sees(self, run: Start) -> None:
        model = bpmn(start(), script("sum", "total = a + b\ndouble = total * 2"), end(), path("start", "sum", "end"))
        case = run(model, {"a": 1, "b": 2})
        assert case.variables == {"a": 1, "b": 2, "total": 3, "double": 6}

    def test_a_failing_line_is_an_error_with_the_element(self, run: Start) -> None:
        model = bpmn(start(), script("sum", "x = 1\ny = missing"), end(), path("start", "sum", "end"))
        with pytest.raises(StepFailed) as caught:
            run(model)
        assert caught.value.facts["element_id"] == "sum"


@row(
    "serviceTask",
    zh="发出动作（banjie:verb）及求值后的输入，等待外部完成或报错",
    en="tells its verb and evaluated inputs, waits until the outside completes it or reports an error",
)
class TestServiceTask:
    MODEL = bpmn(
        start(),
        service("check", "credit.check", inputs=inputs(who="= applicant", kind="full"), retries="3"),
        boundary("bad", "check", on_error("E")),
        end(),
        end("refused"),
        path("start", "check", "end"),
        path("bad", "refused"),
        definitions=error("E", "BAD_CREDIT"),
    )

    def test_the_call_is_told_once_with_its_inputs(self, run: Start) -> None:
        case = run(self.MODEL, {"applicant": "li"})
        [told] = case.calls
        assert (told.verb, told.inputs, told.settings) == (
            "credit.check",
            {"who": "li", "kind": "full"},
            {"retries": "3"},
        )
        assert case.wait(hours=1).calls == ()

    def test_completing_it_writes_the_result_and_goes_on(self, run: Start) -> None:
        case = run(self.MODEL, {"applicant": "li"})
        case.serve("check", credit="good")
        assert case.completed
        assert case.variables["credit"] == "good"

    def test_a_result_variable_takes_the_whole_result(self, run: Start) -> None:
        model = bpmn(start(), service("s", "x.y", resultVariable="answer"), end(), path("start", "s", "end"))
        case = run(model)
        case.serve("s", a=1)
        assert case.variables == {"answer": {"a": 1}}

    def test_a_bpmn_error_takes_the_boundary_event(self, run: Start) -> None:
        case = run(self.MODEL, {"applicant": "li"})
        case.fail("check", "BAD_CREDIT", reason="debts")
        assert case.passed() == ["start", "bad", "refused"]
        assert case.variables["reason"] == "debts"

    def test_it_can_be_answered_only_once(self, run: Start) -> None:
        model = bpmn(start(), service("s", "x.y"), user("a"), end(), path("start", "s", "a", "end"))
        case = run(model)
        token = case.call("s").token_id
        case.execution.complete_service(token, {})
        with pytest.raises(Conflict):
            case.execution.complete_service(token, {})
        case.advance()
        with pytest.raises(Conflict):
            case.execution.complete_service(token, {})

    def test_without_a_verb_it_is_an_error(self, run: Start) -> None:
        with pytest.raises(StepFailed) as caught:
            run(bpmn(start(), service("s"), end(), path("start", "s", "end")))
        assert caught.value.facts["reason"] == "service-without-verb"


@row(
    "sendTask",
    zh="有动作（banjie:verb）时同服务任务，否则抛出它的消息",
    en="with a verb it is a service task, otherwise it throws its message",
)
class TestSendTask:
    def test_without_a_verb_it_throws_its_message(self, run: Start) -> None:
        model = bpmn(
            start(),
            send("tell", "M", inputs(case="= no")),
            end(),
            path("start", "tell", "end"),
            definitions=message("M", "notice"),
        )
        case = run(model, {"no": "2026-1"})
        assert [(event.name, event.payload) for event in case.thrown] == [("notice", {"case": "2026-1"})]
        assert case.completed

    def test_with_a_verb_it_is_a_service_call(self, run: Start) -> None:
        case = run(bpmn(start(), send("mail", verb="mail.send"), end(), path("start", "mail", "end")))
        assert case.call("mail").verb == "mail.send"
        case.serve("mail")
        assert case.completed


@row(
    "receiveTask",
    zh="等待消息，内容写入变量；可带边界事件",
    en="waits for its message, whose payload becomes variables",
)
class TestReceiveTask:
    MODEL = bpmn(start(), receive("wait", "M"), end(), path("start", "wait", "end"), definitions=message("M", "paid"))

    def test_it_waits_for_its_message(self, run: Start) -> None:
        case = run(self.MODEL)
        assert case.waiting == [("wait", "paid")]
        assert case.message("other") is False
        assert case.message("paid", amount=5) is True
        assert case.completed
        assert case.variables == {"amount": 5}


@row(
    "subProcess",
    zh="内部与外层共用变量；内部全部结束后才继续",
    en="sees and writes the variables around it; goes on when everything inside has ended",
)
class TestSubProcess:
    MODEL = bpmn(
        start(),
        sub(
            "inside",
            start("s2"),
            par("fork"),
            user("a"),
            user("b"),
            end("e1"),
            end("e2"),
            path("s2", "fork", "a", "e1"),
            path("fork", "b", "e2"),
        ),
        user("after"),
        end(),
        path("start", "inside", "after", "end"),
    )

    def test_it_goes_on_when_all_inside_has_ended(self, run: Start) -> None:
        case = run(self.MODEL)
        assert case.open == ["a", "b"]
        case.complete("a")
        assert case.open == ["b"]
        case.complete("b")
        assert case.open == ["after"]

    def test_its_scope_path_names_the_token_of_the_subprocess(self, run: Start) -> None:
        case = run(self.MODEL)
        [entered] = [trace for trace in case.history if trace.element_id == "inside"]
        assert case.task("a").scope == (entered.token_id,)

    def test_variables_are_shared_with_the_outside(self, run: Start) -> None:
        case = run(self.MODEL, {"x": 1})
        case.complete("a", x=2, y=3)
        assert case.variables == {"x": 2, "y": 3}
        assert case.execution.variables(case.task("b").token_id) == {"x": 2, "y": 3}

    def test_nesting_is_free(self, run: Start) -> None:
        inner = user("deep")
        ids = []
        for depth in range(8):
            inner = sub(
                f"sub{depth}",
                start(f"s{depth}"),
                inner,
                end(f"e{depth}"),
                path(f"s{depth}", *ids[-1:] or ["deep"], f"e{depth}"),
            )
            ids.append(f"sub{depth}")
        case = run(bpmn(start(), inner, end(), path("start", ids[-1], "end")))
        assert len(case.task("deep").scope) == 8
        case.complete("deep")
        assert case.completed

    def test_a_terminate_end_event_ends_only_the_subprocess(self, run: Start) -> None:
        model = bpmn(
            start(),
            sub(
                "inside",
                start("s2"),
                par("fork"),
                user("a"),
                user("b"),
                end("stop", terminating()),
                end("e2"),
                path("s2", "fork", "a", "stop"),
                path("fork", "b", "e2"),
            ),
            user("after"),
            end(),
            path("start", "inside", "after", "end"),
        )
        case = run(model)
        case.complete("a")
        assert case.open == ["after"]
        assert case.ended is None


CALLED = process("child", start("cs"), user("work"), end("ce"), path("cs", "work", "ce"))


@row(
    "callActivity",
    zh="被调用流程有自己的变量；按 in/out 映射传递，没有映射时全部进出",
    en="the called process has its own variables; in and out mappings, or all of them when there is no mapping",
)
class TestCallActivity:
    def test_without_mappings_all_variables_go_in_and_come_back(self, run: Start) -> None:
        model = bpmn(start(), call("c", "child"), end(), path("start", "c", "end"), definitions=CALLED)
        case = run(model, {"x": 1})
        assert case.task("work").process_key == "child"
        assert case.task("work").local_variables == {"x": 1}
        assert case.execution.variables(case.task("work").token_id) == {"x": 1}
        case.complete("work", x=2, y=3)
        assert case.completed
        assert case.variables == {"x": 2, "y": 3}

    def test_the_variables_of_the_called_process_are_its_own(self, run: Start) -> None:
        model = bpmn(
            start(),
            par("fork"),
            call("c", "child"),
            user("other"),
            end(),
            path("start", "fork", "c", "end"),
            path("fork", "other", "end"),
            definitions=CALLED,
        )
        case = run(model, {"x": 1})
        case.complete("other", x=9)
        assert case.execution.variables(case.task("work").token_id) == {"x": 1}
        case.complete("work", y=2)
        assert case.variables == {"x": 1, "y": 2}  # everything comes back, x too

    def test_with_mappings_only_what_they_name_crosses(self, run: Start) -> None:
        model = bpmn(
            start(),
            call("c", "child", mappings(into={"amount": "price * 2"}, out={"result": "verdict"})),
            end(),
            path("start", "c", "end"),
            definitions=CALLED,
        )
        case = run(model, {"price": 4, "secret": 1})
        assert case.execution.variables(case.task("work").token_id) == {"amount": 8}
        case.complete("work", verdict="ok", noise=1)
        assert case.variables == {"price": 4, "secret": 1, "result": "ok"}

    def test_the_called_process_may_stand_in_another_file(self, run: Start) -> None:
        files = {
            "main.bpmn": bpmn(start(), call("c", "child"), end(), path("start", "c", "end")),
            "child.bpmn": bpmn(start(), user("work"), end(), path("start", "work", "end"), key="child"),
        }
        case = run(files)
        case.complete("work")
        assert case.completed

    def test_a_terminate_end_event_ends_only_the_called_process(self, run: Start) -> None:
        called = process("child", start("cs"), user("work"), end("ce", terminating()), path("cs", "work", "ce"))
        model = bpmn(
            start(), call("c", "child"), user("after"), end(), path("start", "c", "after", "end"), definitions=called
        )
        case = run(model)
        case.complete("work")
        assert case.open == ["after"]

    def test_an_error_of_the_called_process_is_caught_at_the_call(self, run: Start) -> None:
        called = process(
            "child", start("cs"), user("work"), end("ce", on_error("E")), path("cs", "work", "ce")
        ) + error("E", "42")
        model = bpmn(
            start(),
            call("c", "child"),
            boundary("caught", "c", on_error("E")),
            user("repair"),
            end(),
            path("start", "c", "end"),
            path("caught", "repair", "end"),
            definitions=called,
        )
        case = run(model)
        case.complete("work")
        assert case.open == ["repair"]

    def test_without_a_catcher_the_whole_instance_ends_with_the_error(self, run: Start) -> None:
        called = process("child", start("cs"), end("ce", on_error("E")), path("cs", "ce")) + error("E", "42")
        model = bpmn(start(), call("c", "child"), end(), path("start", "c", "end"), definitions=called)
        case = run(model)
        assert case.ended is EndKind.ERROR
        assert case.step.end_code == "42"

    def test_calls_are_bounded_in_depth(self, run: Start) -> None:
        model = bpmn(start(), xor("g"), call("c", "p"), end(), path("start", "g", "c", "end"))
        with pytest.raises(StepFailed) as caught:
            run(model)
        assert caught.value.facts["reason"] == "calls-too-deep"
