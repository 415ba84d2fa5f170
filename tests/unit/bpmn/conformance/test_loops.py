"""Multi-instance and standard loop (BPMN 2.0 chapters 10.3.8, 13.3.6 and 13.3.7)."""

from collections.abc import Callable

import pytest

from engine.errors import StepFailed
from tests.unit.bpmn.bpmn_builder import (
    boundary,
    bpmn,
    call,
    end,
    error,
    flow,
    loop,
    mappings,
    multi,
    on_error,
    path,
    process,
    script,
    service,
    start,
    sub,
    task,
    terminating,
    timer,
    user,
    xor,
)
from tests.unit.bpmn.conformance.rows import row
from tests.unit.bpmn.driving import Run

Start = Callable[..., Run]


def around(activity: str) -> bytes:
    return bpmn(start(), activity, user("after"), end(), path("start", "m", "after", "end"))


@row(
    "multiInstance/parallel",
    zh="集合或次数；完成条件可用 nrOfInstances、nrOfCompletedInstances、nrOfActiveInstances、loopCounter；结果按实例顺序",
    en="collection or cardinality; the completion condition reads nrOfInstances, nrOfCompletedInstances, "
    "nrOfActiveInstances, loopCounter; results in the order of the instances",
)
class TestParallelMultiInstance:
    VOTE = multi(over="=voters", item="voter", into="votes", result="=vote")

    def test_each_item_has_its_instance_at_once(self, run: Start) -> None:
        case = run(around(user("m", self.VOTE, assignee="= voter")), {"voters": ["a", "b", "c"]})
        assert [task.assignee for task in case.step.tasks] == ["a", "b", "c"]
        assert [task.loop_index for task in case.step.tasks] == [0, 1, 2]
        assert case.task("m", 1).local_variables == {"voter": "b", "loopCounter": 2}

    def test_it_goes_on_when_all_are_completed_with_results_in_instance_order(self, run: Start) -> None:
        case = run(around(user("m", self.VOTE)), {"voters": ["a", "b", "c"]})
        case.complete("m", index=2, vote="third")
        case.complete("m", index=0, vote="first")
        assert case.open == ["m"]
        case.complete("m", vote="second")
        assert case.open == ["after"]
        assert case.variables == {"voters": ["a", "b", "c"], "votes": ["first", "second", "third"]}

    def test_many_results_are_in_the_order_of_their_numbers(self, run: Start) -> None:
        case = run(around(user("m", self.VOTE)), {"voters": list(range(12))})
        for number in reversed(range(12)):
            case.complete("m", index=number, vote=number)
        assert case.variables["votes"] == list(range(12))

    def test_the_item_and_the_output_stay_local_other_names_do_not(self, run: Start) -> None:
        case = run(around(user("m", self.VOTE)), {"voters": ["a", "b"]})
        case.complete("m", vote="x", voter="changed", note="shared")
        assert case.variables == {"voters": ["a", "b"], "note": "shared"}
        assert case.execution.variables(case.task("m").token_id)["note"] == "shared"

    def test_a_quorum_ends_it_and_cancels_the_rest(self, run: Start) -> None:
        vote = multi(
            over="=voters",
            item="voter",
            until="nrOfCompletedInstances / nrOfInstances >= 0.5",
            into="votes",
            result="=vote",
        )
        case = run(around(user("m", vote)), {"voters": ["a", "b", "c", "d"]})
        case.complete("m", index=3, vote="yes")
        assert len(case.open) == 3
        case.complete("m", index=1, vote="no")
        assert case.open == ["after"]
        assert case.told().count("cancelled m") == 2
        assert case.variables["votes"] == ["no", "yes"]

    def test_the_condition_sees_what_the_instance_wrote_and_its_counters(self, run: Start) -> None:
        vote = multi(
            over="=voters",
            item="voter",
            until='vote = "no" and nrOfActiveInstances = 1 and loopCounter = 3',
            into="votes",
            result="vote",
        )
        case = run(around(user("m", vote)), {"voters": ["a", "b", "c"]})
        case.complete("m", vote="no")
        assert case.open == ["m", "m"]
        case.complete("m", index=1, vote="no")
        assert case.open == ["after"]

    def test_camunda_7_counts_the_loop_counter_from_0(self, run: Start) -> None:
        seven = multi(count="${nr}", until="${loopCounter == 1}")
        case = run(around(user("m", seven, assignee="${people[loopCounter]}")), {"nr": 3, "people": ["a", "b", "c"]})
        assert [task.assignee for task in case.step.tasks] == ["a", "b", "c"]
        case.complete("m")
        assert len(case.open) == 2
        case.complete("m")
        assert case.open == ["after"]

    def test_a_cardinality_instead_of_a_collection(self, run: Start) -> None:
        case = run(around(user("m", multi(count="n + 1"))), {"n": 2})
        assert case.open == ["m"] * 3

    def test_the_collection_is_read_once(self, run: Start) -> None:
        case = run(around(user("m", self.VOTE)), {"voters": ["a", "b"]})
        case.complete("m", voters=["a", "b", "c"], vote=1)
        case.complete("m", vote=2)
        assert case.open == ["after"]

    def test_nothing_to_do_completes_at_once(self, run: Start) -> None:
        case = run(around(user("m", self.VOTE)), {"voters": []})
        assert case.open == ["after"]
        assert case.variables["votes"] == []

    def test_it_works_again_on_the_second_visit(self, run: Start) -> None:
        model = bpmn(
            start(),
            xor("again"),
            user("m", self.VOTE),
            xor("g", default="g-again"),
            end(),
            path("start", "again", "m", "g"),
            flow("g", "end", when='votes = ["y", "y"]'),
            flow("g", "again"),
        )
        case = run(model, {"voters": ["a", "b"]})
        for vote in ("n", "y"):
            case.complete("m", vote=vote)
            case.complete("m", vote=vote)
        assert case.completed
        assert case.variables["votes"] == ["y", "y"]

    def test_bpmn_spelling_with_data_references(self, run: Start) -> None:
        spelled = (
            "<multiInstanceLoopCharacteristics><loopDataInputRef>items</loopDataInputRef>"
            '<loopDataOutputRef>results</loopDataOutputRef><inputDataItem id="i" name="item"/>'
            '<outputDataItem id="o" name="result"/></multiInstanceLoopCharacteristics>'
        )
        case = run(around(user("m", spelled)), {"items": [1, 2]})
        case.complete("m", index=1, result="b")
        case.complete("m", result="a")
        assert case.variables["results"] == ["a", "b"]

    def test_data_references_may_name_data_elements_by_id(self, run: Start) -> None:
        spelled = (
            "<multiInstanceLoopCharacteristics><loopDataInputRef>din</loopDataInputRef>"
            '<loopDataOutputRef>dout</loopDataOutputRef><inputDataItem id="item"/>'
            '<outputDataItem id="result"/></multiInstanceLoopCharacteristics>'
        )
        data = '<dataObject id="din" name="items"/><dataObject id="dout" name="results"/>'
        case = run(around(script("m", "result = item * 2", spelled) + data), {"items": [1, 2]})
        assert case.variables["results"] == [2, 4]

    def test_a_missing_output_is_an_error_never_a_null(self, run: Start) -> None:
        case = run(around(user("m", self.VOTE)), {"voters": ["a"]})
        with pytest.raises(StepFailed) as caught:
            case.complete("m")
        assert caught.value.facts["reason"] == "unknown-name"
        assert caught.value.facts["element_id"] == "m"

    def test_on_a_subprocess_each_instance_has_its_own_variables(self, run: Start) -> None:
        inside = sub(
            "m",
            multi(over="=items", item="item", into="out", result="=result"),
            start("s2"),
            user("w", assignee="=item"),
            script("calc", "result = item + suffix"),
            end("e2"),
            path("s2", "w", "calc", "e2"),
        )
        case = run(around(inside), {"items": ["x", "y"], "suffix": "!"})
        assert [task.assignee for task in case.step.tasks] == ["x", "y"]
        assert len({task.scope for task in case.step.tasks}) == 2
        assert case.task("w", 1).local_variables == {"item": "y", "loopCounter": 2}
        case.complete("w", index=1)
        case.complete("w")
        assert case.variables["out"] == ["x!", "y!"]
        assert "result" not in case.variables

    def test_on_a_call_activity(self, run: Start) -> None:
        called = process("child", start("cs"), user("w"), end("ce"), path("cs", "w", "ce"))
        activity = call(
            "m",
            "child",
            mappings(into={"what": "item"}, out={"answer": "verdict"}),
            multi(over="=items", item="item", into="out", result="=answer"),
        )
        model = bpmn(start(), activity, user("after"), end(), path("start", "m", "after", "end"), definitions=called)
        case = run(model, {"items": [1, 2]})
        assert case.execution.variables(case.task("w", 1).token_id) == {"what": 2}
        case.complete("w", index=1, verdict="B")
        case.complete("w", verdict="A")
        assert case.variables["out"] == ["A", "B"]

    def test_a_terminate_end_event_ends_only_its_instance(self, run: Start) -> None:
        inside = sub("m", multi(count="2"), start("s2"), user("w"), end("stop", terminating()), path("s2", "w", "stop"))
        case = run(around(inside))
        case.complete("w")
        assert case.open == ["w"]
        case.complete("w")
        assert case.open == ["after"]

    def test_an_error_in_one_instance_ends_them_all(self, run: Start) -> None:
        model = bpmn(
            start(),
            service("m", "x.y", multi(count="3")),
            boundary("b", "m", on_error("E")),
            user("repair"),
            end(),
            path("start", "m", "end"),
            path("b", "repair", "end"),
            definitions=error("E", "42"),
        )
        case = run(model)
        case.fail("m", "42")
        assert case.open == ["repair"]
        assert case.told().count("cancelled m") == 4  # three instances and the whole

    def test_automatic_instances_run_through(self, run: Start) -> None:
        case = run(
            around(script("m", "y = item * 2", multi(over="=items", item="item", into="out", result="=y"))),
            {"items": [1, 2, 3]},
        )
        assert case.variables["out"] == [2, 4, 6]

    def test_in_the_trace_the_whole_has_a_type_of_its_own(self, run: Start) -> None:
        case = run(around(user("m", multi(count="2"))))
        entered = [(trace.element_type, trace.origin is None) for trace in case.history if trace.element_id == "m"]
        assert entered == [("multiInstanceLoopCharacteristics", True), ("userTask", False), ("userTask", False)]

    @pytest.mark.parametrize(
        "expression, reason",
        [
            ("=1001", "bad-count"),
            ("= -1", "bad-count"),
            ("=2.5", "bad-count"),
            ('="3"', "bad-count"),
            ("=null", "bad-count"),
        ],
    )
    def test_a_cardinality_is_a_whole_number_within_bounds(self, run: Start, expression: str, reason: str) -> None:
        with pytest.raises(StepFailed) as caught:
            run(around(user("m", multi(count=expression))))
        assert caught.value.facts["reason"] == reason

    @pytest.mark.parametrize(
        "items, reason", [("abc", "not-a-list"), ({"a": 1}, "not-a-list"), (list(range(1001)), "bad-count")]
    )
    def test_a_collection_is_a_list_within_bounds(self, run: Start, items: object, reason: str) -> None:
        with pytest.raises(StepFailed) as caught:
            run(around(user("m", self.VOTE)), {"voters": items})
        assert caught.value.facts["reason"] == reason


@row(
    "multiInstance/sequential",
    zh="逐个执行；完成条件、结果同并行",
    en="one after the other; conditions and results as in parallel",
)
class TestSequentialMultiInstance:
    VOTE = multi(over="=voters", item="voter", into="votes", result="=vote", sequential=True)

    def test_one_after_the_other(self, run: Start) -> None:
        case = run(around(user("m", self.VOTE, assignee="= voter")), {"voters": ["a", "b", "c"]})
        for number, name in enumerate(("a", "b", "c")):
            [task] = case.step.tasks
            assert (task.assignee, task.loop_index) == (name, number)
            case.complete("m", vote=name.upper())
        assert case.open == ["after"]
        assert case.variables["votes"] == ["A", "B", "C"]

    def test_the_condition_ends_it_early(self, run: Start) -> None:
        vote = multi(over="=voters", item="voter", until='vote = "no"', into="votes", result="=vote", sequential=True)
        case = run(around(user("m", vote)), {"voters": ["a", "b", "c"]})
        case.complete("m", vote="yes")
        case.complete("m", vote="no")
        assert case.open == ["after"]
        assert case.variables["votes"] == ["yes", "no"]

    def test_only_one_is_active(self, run: Start) -> None:
        case = run(around(user("m", multi(count="3", sequential=True))))
        seen = case.execution.variables(case.task("m").token_id)
        assert (seen["nrOfInstances"], seen["nrOfActiveInstances"], seen["nrOfCompletedInstances"]) == (3, 1, 0)

    def test_it_works_again_on_the_second_visit(self, run: Start) -> None:
        model = bpmn(
            start(),
            xor("again"),
            user("m", self.VOTE),
            xor("g", default="g-again"),
            end(),
            path("start", "again", "m", "g"),
            flow("g", "end", when='count(votes[item = "y"]) = 2'),
            flow("g", "again"),
        )
        case = run(model, {"voters": ["a", "b"]})
        for vote in ("n", "n", "y", "y"):
            case.complete("m", vote=vote)
        assert case.completed

    def test_on_a_subprocess(self, run: Start) -> None:
        inside = sub(
            "m",
            multi(over="=items", item="item", sequential=True),
            start("s2"),
            user("w", assignee="=item"),
            end("e2"),
            path("s2", "w", "e2"),
        )
        case = run(around(inside), {"items": ["x", "y"]})
        assert case.task("w").assignee == "x"
        case.complete("w")
        assert case.task("w").assignee == "y"
        case.complete("w")
        assert case.open == ["after"]

    def test_a_boundary_timer_runs_over_the_whole(self, run: Start) -> None:
        model = bpmn(
            start(),
            user("m", multi(count="3", sequential=True)),
            boundary("b", "m", timer(duration="PT3H")),
            user("late"),
            end(),
            path("start", "m", "end"),
            path("b", "late", "end"),
        )
        case = run(model)
        case.wait(hours=2)
        case.complete("m")
        case.wait(hours=1)
        assert case.open == ["late"]


@row(
    "standardLoop",
    zh="条件成立时重复；loopMaximum、testBefore 有效",
    en="repeats while the condition holds; loopMaximum and testBefore are honoured",
)
class TestStandardLoop:
    def test_it_repeats_while_the_condition_holds(self, run: Start) -> None:
        case = run(around(user("m", loop("more"))))
        case.complete("m", more=True)
        assert case.task("m").loop_index == 1
        case.complete("m", more=False)
        assert case.open == ["after"]

    def test_the_maximum_ends_it(self, run: Start) -> None:
        case = run(around(task("m", loop("true", maximum=3))))
        assert case.passed().count("m") == 4  # three times and the whole

    def test_a_maximum_alone_is_enough(self, run: Start) -> None:
        case = run(around(task("m", loop(maximum=2))))
        assert case.passed().count("m") == 3

    def test_tested_before_it_may_not_run_at_all(self, run: Start) -> None:
        assert run(around(user("m", loop("more", test_before=True))), {"more": False}).open == ["after"]
        assert run(around(user("m", loop("more", test_before=True))), {"more": True}).open == ["m"]

    def test_the_condition_can_count(self, run: Start) -> None:
        case = run(around(script("m", "last = loopCounter", loop("loopCounter < 4"))))
        assert case.variables["last"] == 4

    def test_on_a_subprocess(self, run: Start) -> None:
        inside = sub("m", loop("more"), start("s2"), user("w"), end("e2"), path("s2", "w", "e2"))
        case = run(around(inside))
        case.complete("w", more=True)
        case.complete("w", more=False)
        assert case.open == ["after"]

    def test_without_an_end_it_is_stopped(self, run: Start) -> None:
        with pytest.raises(StepFailed) as caught:
            run(around(task("m", loop("true"))))
        assert caught.value.facts["reason"] == "too-many-steps"
