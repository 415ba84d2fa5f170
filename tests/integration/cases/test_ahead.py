"""Prediction on the bureau's own processes, at every step of a walk."""

from __future__ import annotations

from typing import Any

from engine.commands.running.prediction import predict
from tests.integration.cases.filing import filed
from tests.processes.bureau import Bureau


def ahead(bureau: Bureau, no: str) -> dict[str, Any]:
    instance_id = bureau.case(no)["instance_id"]
    return bureau.engine.ask(lambda context: predict(context, instance_id), actor=bureau.person("ducha"))


def test_a_food_case_is_looked_ahead_from_the_window_to_the_delivery(bureau: Bureau) -> None:
    no = filed(bureau)
    found = ahead(bureau, no)
    assert [step["element_id"] for step in found["now"]] == ["examine_materials"]
    assert found["all"]
    steps = {step["element_id"]: step for step in found["next"]}
    assert steps["decide"]["groups"] == ["deciders"]
    assert steps["deliver"]["groups"] == ["window"]
    assert not steps["decide"]["certain"]
    assert next(doubt["zh"] for doubt in steps["supplement"]["doubts"]).startswith("取决于「")


def test_what_was_told_is_what_comes(bureau: Bureau) -> None:
    no = filed(bureau)
    bureau.do("chuangkou", no, "examine_materials")
    known = {step["element_id"] for step in ahead(bureau, no)["next"]}
    before = {step["element_id"] for step in ahead(bureau, no)["now"]}
    assert before <= {"review"}
    bureau.do("shipin", no, "review", "pass", review_record="布局合理")
    assert {step["element_id"] for step in ahead(bureau, no)["now"]} <= known
