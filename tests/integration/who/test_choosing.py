"""Table rows C7 and C8: chosen by the initiator at the start, chosen by whoever acts before; checked on the server."""

from __future__ import annotations

import pytest

from engine.commands.running import choosing
from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import CompleteTask
from engine.context import CommandContext
from engine.errors import Conflict, InvalidInput
from engine.store import tables
from engine.store.rows import definitions
from tests.integration.who.bureau import Bureau


def start(bureau: Bureau, settings: str, **chosen: list[str]) -> str:
    bureau.one(settings)
    command = StartInstance(key="one", chosen=chosen)
    return str(bureau.engine.execute(command, actor=bureau.actors["zhou"])["id"])


def fill(bureau: Bureau, instance_id: str, **chosen: list[str]) -> None:
    task = bureau.task(instance_id, "fill")
    bureau.engine.execute(CompleteTask(task_id=task["id"], chosen=chosen), actor=bureau.actors["zhou"])


def test_c7_the_initiator_chooses_at_the_start(bureau: Bureau) -> None:
    instance_id = start(bureau, 'banjie:who="chosen(start)"', approve=["chief"])
    fill(bureau, instance_id)
    assert bureau.row(instance_id)["assignee"] == "chief"
    assert "ApproversChosen" in bureau.kinds(instance_id)


def test_c7_what_only_the_initiator_can_answer_is_asked_at_the_start(bureau: Bureau) -> None:
    with pytest.raises(InvalidInput) as refused:
        start(bureau, 'banjie:who="chosen(start)"')
    assert refused.value.facts["fields"] == {"chosen.approve": "必选"}
    assert bureau.state(start(bureau, 'banjie:who="chosen(start) else leader(of: initiator)"')) == "running"


def test_c7_only_those_of_the_list_and_only_so_many(bureau: Bureau) -> None:
    settings = 'banjie:who="chosen(start, from: departments(section), most: 2)"'
    with pytest.raises(Conflict, match="choose from the list"):
        start(bureau, settings, approve=["mayor"])
    with pytest.raises(InvalidInput, match="At most 2"):
        start(bureau, settings, approve=["chief", "vice", "mayor"])
    instance_id = start(bureau, settings, approve=["vice", "chief"])
    fill(bureau, instance_id)
    assert bureau.row(instance_id)["candidate_users"] == ["vice", "chief"]


def test_c8_the_step_before_chooses_and_must_when_the_case_comes_there(bureau: Bureau) -> None:
    instance_id = start(bureau, 'banjie:who="chosen(previous)"')
    with pytest.raises(InvalidInput, match="Choose who acts") as refused:
        fill(bureau, instance_id)
    assert refused.value.facts["fields"] == {"chosen.approve": "必选"}
    fill(bureau, instance_id, approve=["vice"])
    assert bureau.row(instance_id)["assignee"] == "vice"


def test_c8_nobody_is_chosen_who_may_not_act(bureau: Bureau) -> None:
    bureau.set_person("vice", disabled=True)
    instance_id = start(bureau, 'banjie:who="chosen(previous)" banjie:onSelf="exclude"')
    with pytest.raises(Conflict, match="is disabled"):
        fill(bureau, instance_id, approve=["vice"])
    with pytest.raises(Conflict, match="is the initiator"):
        fill(bureau, instance_id, approve=["zhou"])


def test_c8_nothing_is_chosen_where_nothing_is_asked(bureau: Bureau) -> None:
    instance_id = start(bureau, 'banjie:who="leader(of: initiator)"')
    with pytest.raises(InvalidInput, match="Nobody is chosen"):
        fill(bureau, instance_id, approve=["vice"])


def test_the_list_to_choose_from_holds_those_who_may_act(bureau: Bureau) -> None:
    bureau.set_person("vice", disabled=True)
    settings = 'banjie:who="chosen(previous, from: departments(section, below: yes))" banjie:onSelf="exclude"'
    instance_id = start(bureau, settings)

    def offered(context: CommandContext) -> list[choosing.Choice]:
        row = context.uow.get(tables.process_instance, (instance_id,))
        assert row is not None
        compiled = definitions.compiled(context.uow, context.machine, row["definition_id"])
        return choosing.offered(context, row, compiled, "previous", element=("one", "fill"))

    [choice] = bureau.engine.ask(offered, actor=bureau.actors["zhou"])
    assert (choice.element_id, choice.element_name, choice.most) == ("approve", "审批", 1)
    assert [person["login"] for person in choice.people] == ["head", "qian", "chief"]
