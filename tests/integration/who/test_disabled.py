"""C12: a plain task never waits for somebody who left or never was: the policy for nobody holds, and why is stored with the task."""

from __future__ import annotations

import pytest

from engine.cli.bench.measuring import counted
from engine.commands.administration.people import DisablePerson, EnablePerson
from tests.integration.engine.house import bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt
from tests.integration.who.bureau import Bureau


def at(bureau: Bureau, settings: str) -> dict[str, object]:
    """The approval that begins after chief was disabled."""
    bureau.admin  # noqa: B018 - gets what nobody else may do
    bureau.one(settings)
    instance_id = bureau.start("one", by=bureau.actors["zhou"])
    bureau.engine.execute(DisablePerson(login="chief"), actor=bureau.admin)
    bureau.complete(bureau.task(instance_id, "fill"), bureau.actors["zhou"])
    assert_rebuilt(bureau, instance_id)
    return bureau.row(instance_id)


def test_c12_a_task_of_somebody_disabled_goes_to_the_administrators_and_says_why(bureau: Bureau) -> None:
    row = at(bureau, 'banjie:assignee="chief"')

    assert row["assignee"] == "admin"
    why = row["why"]
    assert isinstance(why, dict)
    assert [(note["login"], note["code"]) for note in why["skipped"]] == [("chief", "disabled")]
    assert why["notes"][0]["code"] == "empty"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('banjie:assignee="chief" banjie:onEmpty="users:vice"', ("vice", [])),
        ('banjie:assignee="chief" banjie:candidateUsers="vice,mayor"', (None, ["vice", "mayor"])),
        ('banjie:candidateUsers="chief"', ("admin", [])),
        ('banjie:candidateUsers="chief,vice"', (None, ["chief", "vice"])),  # vice can claim it: a pool stays a pool
        ('banjie:candidateUsers="chief" banjie:candidateGroups="examiners"', (None, ["chief"])),
    ],
)
def test_c12_the_policy_of_the_node_says_who_instead(
    bureau: Bureau, settings: str, expected: tuple[str | None, list[str]]
) -> None:
    row = at(bureau, settings)
    assert (row["assignee"], row["candidate_users"]) == expected


def test_c12_by_policy_the_node_ends_with_its_negative_outcome(bureau: Bureau) -> None:
    row = at(bureau, 'banjie:assignee="chief" banjie:onEmpty="fail"')
    assert (row["state"], row["outcome"], row["closed_by"]) == ("completed", "reject", "system")


def test_c12_at_the_start_of_a_process_too(bureau: Bureau) -> None:
    body = '<startEvent id="s"/><userTask id="approve" banjie:assignee="${owner}"/><endEvent id="e"/>'
    bureau.deploy(bpmn(body + flows("s-approve", "approve-e"), key="owned"))
    bureau.engine.execute(DisablePerson(login="qian"), actor=bureau.admin)
    assert bureau.row(bureau.start("owned", owner="qian"))["assignee"] == "admin"
    assert bureau.row(bureau.start("owned", owner="zhou"))["assignee"] == "zhou"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('banjie:assignee="ghost"', ("admin", [])),
        ('banjie:assignee="${reviewer}"', ("admin", [])),
        ('banjie:assignee="ghost" banjie:onEmpty="users:vice"', ("vice", [])),
        ('banjie:assignee="ghost" banjie:candidateUsers="vice,mayor"', (None, ["vice", "mayor"])),
        ('banjie:candidateUsers="ghost"', ("admin", [])),
        ('banjie:candidateUsers="ghost,vice"', (None, ["ghost", "vice"])),
    ],
)
def test_c12_a_login_that_does_not_exist_does_not_keep_a_task_to_itself(
    bureau: Bureau, settings: str, expected: tuple[str | None, list[str]]
) -> None:
    bureau.admin  # noqa: B018 - gets what nobody else may do
    bureau.one(settings)
    instance_id = bureau.start("one", by=bureau.actors["zhou"], reviewer="phantom")
    bureau.complete(bureau.task(instance_id, "fill"), bureau.actors["zhou"])
    row = bureau.row(instance_id)
    assert (row["assignee"], row["candidate_users"]) == expected
    if row["assignee"] is not None:
        assert row["why"]["skipped"][0]["zh"] == "没有这个账号"
    assert_rebuilt(bureau, instance_id)


def test_c12_who_is_hired_or_enabled_again_is_known_at_once(bureau: Bureau) -> None:
    bureau.admin  # noqa: B018
    bureau.one('banjie:assignee="chief"')

    def given() -> object:
        instance_id = bureau.start("one", by=bureau.actors["zhou"])
        bureau.complete(bureau.task(instance_id, "fill"), bureau.actors["zhou"])
        return bureau.row(instance_id)["assignee"]

    found = [given()]
    for change in (DisablePerson(login="chief"), EnablePerson(login="chief")):
        bureau.engine.execute(change, actor=bureau.admin)
        found.append(given())
    assert found == ["chief", "admin", "chief"]


def test_c12_to_know_it_costs_one_statement_after_a_change_of_people_and_then_none(bureau: Bureau) -> None:
    bureau.one('banjie:assignee="chief"')
    counts = []
    for disabled in ((), ("vice", "mayor"), ()):
        for login in disabled:
            bureau.engine.execute(DisablePerson(login=login), actor=bureau.admin)
        instance_id = bureau.start("one", by=bureau.actors["zhou"])
        task = bureau.task(instance_id, "fill")
        with counted(bureau.database.engine) as count:
            bureau.complete(task, bureau.actors["zhou"])
        counts.append(count.statements)
    assert counts[0] == counts[1] == counts[2] + 1
    assert counts[2] <= 8
