"""Several tasks at once: a result for each, nothing depends on another, and repeating is harmless."""

import pytest

from tests.integration.api.site import Client, Site
from tests.integration.engine.house import bpmn, flows

FORM = b'{"id":"f","components":[{"type":"textfield","key":"basis","label":"\xe4\xbe\x9d\xe6\x8d\xae","validate":{"required":true}}]}'


def node(key: str, more: str = 'banjie:outcomes="agree,refuse"') -> bytes:
    return bpmn(
        f'<startEvent id="s"/><userTask id="t" name="{key}" banjie:assignee="li" {more}/><endEvent id="e"/>'
        + flows("s-t", "t-e"),
        key=key,
    )


@pytest.fixture
def li(site: Site) -> Client:
    client = site.person("li")
    site.person("wang")
    site.house.deploy(
        node("plain"),
        node("form", 'banjie:formKey="f" banjie:outcomes="agree,refuse"'),
        node("opinion", 'banjie:outcomes="agree,refuse" banjie:requireComment="agree"'),
        node("forbidden", 'banjie:outcomes="agree,refuse" banjie:allow="-batch"'),
        node("unclear", 'banjie:outcomes="north,south"'),
        node("named", 'banjie:outcomes="north,south" banjie:batchOutcome="south"'),
        node("silent", ""),
        f__form=FORM,
    )
    return client


def tasks(site: Site, *keys: str) -> list[str]:
    return [str(site.house.task(site.house.start(key))["id"]) for key in keys]


def test_each_item_has_its_own_result_and_refusals_name_what_is_missing(site: Site, li: Client) -> None:
    keys = ("plain", "form", "opinion", "forbidden", "unclear", "named", "silent")
    ids = tasks(site, *keys)

    answer = li.post("/tasks/batch", {"action": "approve", "task_ids": [*ids, "nothing"]})

    assert answer.status_code == 200, answer.json
    results = dict(zip((*keys, "nothing"), answer.json["results"], strict=True))
    assert {key for key, result in results.items() if result["done"]} == {"plain", "named", "silent"}
    assert answer.json["done"] == 3
    assert results["form"]["needs_input"] and "逐件" in results["form"]["detail"]
    assert results["opinion"]["needs_input"] and "意见" in results["opinion"]["detail"]
    assert "不允许批量办理" in results["forbidden"]["detail"]
    assert results["unclear"]["needs_input"] and results["nothing"]["status"] == 404
    outcome = {
        row["definition_key"]: row["outcome"] for row in site.house.queries.tasks.done(site.house.actors["li"]).rows
    }
    assert outcome == {"plain": "agree", "named": "south", "silent": None}


def test_a8_b8_who_is_asked_for_advice_does_not_answer_in_a_batch_without_any(site: Site, li: Client) -> None:
    house, zhao = site.house, site.person("zhao")
    (task_id,) = tasks(site, "plain")
    asked = li.post(f"/tasks/{task_id}/delegate", {"to": "zhao", "question": "面积对吗？"}).json["delegate_task_id"]

    answer = zhao.post("/tasks/batch", {"action": "approve", "task_ids": [asked]}).json["results"][0]
    assert not answer["done"] and answer["needs_input"] and "征求意见" in answer["detail"]

    zhao.post("/tasks/batch", {"action": "approve", "task_ids": [asked], "comment": "面积对"})
    assert house.queries.tasks.get(asked)["comment"] == "面积对"


def test_one_opinion_goes_to_each_of_them(site: Site, li: Client) -> None:
    ids = tasks(site, "opinion", "opinion")

    answer = li.post("/tasks/batch", {"action": "approve", "task_ids": ids, "comment": "一并同意"})

    assert answer.json["done"] == 2
    assert {row["comment"] for row in site.house.queries.tasks.done(site.house.actors["li"]).rows} == {"一并同意"}


def test_the_same_batch_sent_twice_acts_once_and_answers_the_same(site: Site, li: Client) -> None:
    ids = tasks(site, "plain", "forbidden")
    body = {"action": "approve", "task_ids": ids}

    first = li.post("/tasks/batch", body, headers={"Idempotency-Key": "k1"})
    second = li.post("/tasks/batch", body, headers={"Idempotency-Key": "k1"})

    assert first.json == second.json
    assert [result["done"] for result in second.json["results"]] == [True, False]
    assert li.post("/tasks/batch", body).json["done"] == 0  # another request: the task is closed by now


def test_a_batch_transfers_and_claims_under_the_rules_of_the_single_verbs(site: Site, li: Client) -> None:
    ids = tasks(site, "plain", "plain")

    moved = li.post("/tasks/batch", {"action": "transfer", "task_ids": ids, "assignee": "wang", "comment": "出差"})
    again = li.post("/tasks/batch", {"action": "transfer", "task_ids": ids, "assignee": "wang"})
    strange = li.post("/tasks/batch", {"action": "claim", "task_ids": ids})

    assert moved.json["done"] == 2 and again.json["done"] == 0 and strange.json["done"] == 0
    assert {row["assignee"] for row in site.house.queries.tasks.open().rows} == {"wang"}


@pytest.mark.parametrize(
    "body",
    [
        {"action": "explode", "task_ids": ["x"]},
        {"action": "approve", "task_ids": []},
        {"action": "approve", "task_ids": [str(n) for n in range(101)]},
        {"action": "approve", "task_ids": ["x"], "more": 1},
    ],
)
def test_a_batch_that_makes_no_sense_is_refused_whole(site: Site, li: Client, body: dict[str, object]) -> None:
    assert li.post("/tasks/batch", body).status_code == 422
