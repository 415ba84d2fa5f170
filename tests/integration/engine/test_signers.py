"""加签与减签: before and after me, in order or together, with power or without, and never a task without a way to end."""

from typing import Any

import pytest

from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.signers import AddSigners, RemoveSigner
from engine.commands.tasks.handling import AssignTask, CompleteTask
from engine.errors import Conflict, Forbidden, NotFound
from engine.store import tables
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt


def office(house: House, settings: str = "", outcomes: str = "agree:同意,refuse:不同意") -> str:
    """Li holds 审批; wang, zhao, sun and zhou can sign. Returns the instance."""
    for login in ("li", "wang", "zhao", "sun", "zhou"):
        house.person(login)
    offered = f'banjie:outcomes="{outcomes}"' if outcomes else ""
    house.deploy(
        bpmn(
            f'<startEvent id="s"/><userTask id="approve" name="审批" banjie:assignee="li" {offered} {settings}/>'
            '<exclusiveGateway id="g" default="g_file"/><userTask id="file" name="归档" banjie:assignee="sun"/>'
            '<userTask id="no" name="退件" banjie:assignee="sun"/><endEvent id="e"/>'
            + flows("s-approve", "approve-g", 'g-no?outcome = "refuse"', "g-file", "file-e", "no-e")
        )
    )
    return house.start("leave")


def add(house: House, task_id: str, by: str, *people: str, position: str = "before", **more: Any) -> list[str]:
    command = AddSigners(task_id=task_id, people=people, position=position, **more)
    return list(house.engine.execute(command, actor=house.actors[by])["signers"])


def remove(house: House, task_id: str, by: str, signer_id: str) -> None:
    house.engine.execute(RemoveSigner(task_id=task_id, signer_id=signer_id), actor=house.actors[by])


def sign(house: House, task_id: str, by: str, outcome: str | None = None, **more: Any) -> None:
    house.engine.execute(CompleteTask(task_id=task_id, outcome=outcome, **more), actor=house.actors[by])


def row(house: House, task_id: str) -> dict[str, Any] | None:
    return house.queries.tasks.get(task_id)


def states(house: House, *ids: str) -> list[str]:
    return ["none" if (found := row(house, each)) is None else found["state"] for each in ids]


def here(house: House, instance: str) -> str:
    """At which element the instance stands."""
    return str(house.task(instance)["element_id"])


# ---------------------------------------------------------------- before me


def test_trap_2_4_p_4_1_before_me_i_wait_until_all_have_signed(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]

    wang, zhao = add(house, task, "li", "wang", "zhao")
    assert states(house, task, wang, zhao) == ["waiting", "assigned", "assigned"]
    sign(house, wang, "wang", comment="可以")
    assert states(house, task) == ["waiting"]
    sign(house, zhao, "zhao")

    assert states(house, task) == ["assigned"]
    sign(house, task, "li", "agree")
    assert here(house, instance) == "file"
    assert_rebuilt(house, instance)


def test_p_4_2_in_order_one_after_the_other(house: House) -> None:
    task = house.task(office(house))["id"]

    wang, zhao = add(house, task, "li", "wang", "zhao", in_order=True)

    assert states(house, wang, zhao) == ["assigned", "none"]
    sign(house, wang, "wang")
    assert states(house, task, zhao) == ["waiting", "assigned"]
    sign(house, zhao, "zhao")
    assert states(house, task) == ["assigned"]


def test_p_4_3_a_refusal_with_the_power_to_decide_is_the_nodes(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    wang, zhao = add(house, task, "li", "wang", "zhao", power="decide")

    sign(house, wang, "wang", "refuse", comment="不符合规划")

    assert states(house, task, wang, zhao) == ["superseded", "completed", "cancelled"]
    assert here(house, instance) == "no"
    assert house.engine.variables(instance)["comment"] == "不符合规划"
    assert_rebuilt(house, instance)


def test_p_4_3_who_only_advises_cannot_refuse(house: House) -> None:
    task = house.task(office(house))["id"]
    (wang,) = add(house, task, "li", "wang")

    with pytest.raises(Conflict):
        sign(house, wang, "wang", "refuse")


def test_p_4_3_a_signer_who_decides_has_to_say_yes_or_no(house: House) -> None:
    task = house.task(office(house))["id"]
    (wang,) = add(house, task, "li", "wang", power="decide")

    with pytest.raises(Conflict):
        sign(house, wang, "wang")
    sign(house, wang, "wang", "agree")
    assert states(house, task) == ["assigned"]


def test_p_4_3_where_the_node_cannot_refuse_nobody_is_given_that_power(house: House) -> None:
    task = house.task(office(house, outcomes=""))["id"]

    with pytest.raises(Conflict, match="no negative outcome"):
        add(house, task, "li", "wang", power="decide")


# ---------------------------------------------------------------- after me


def test_p_4_1_after_me_my_decision_is_stored_and_then_they_sign(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang", position="after")
    assert states(house, task, wang) == ["assigned", "none"]

    sign(house, task, "li", "agree", comment="拟同意")
    assert states(house, task, wang) == ["completed", "assigned"]
    assert house.state(instance) == "running" and here(house, instance) == "approve"
    sign(house, wang, "wang", comment="已阅")

    assert here(house, instance) == "file"
    assert house.engine.variables(instance)["comment"] == "拟同意"
    assert_rebuilt(house, instance)


def test_p_4_3_a_refusal_after_me_wins_over_my_stored_decision(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    wang, zhao = add(house, task, "li", "wang", "zhao", position="after", power="decide", in_order=True)
    sign(house, task, "li", "agree")

    sign(house, wang, "wang", "refuse")

    assert here(house, instance) == "no"
    assert states(house, zhao) == ["none"]
    assert_rebuilt(house, instance)


def test_after_my_own_refusal_nobody_needs_to_sign(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    add(house, task, "li", "wang", position="after")

    sign(house, task, "li", "refuse")

    assert here(house, instance) == "no"


def test_trap_2_4_p_4_5_everything_sent_with_the_approval_is_kept_when_others_sign_after(house: House) -> None:
    """Elsewhere comment, attachments, signature and variables of that approval are dropped."""
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang", position="after")

    sign(house, task, "li", "agree", comment="同意，限三层", variables={"floors": 3})

    assert house.engine.variables(instance)["floors"] == 3
    stored = row(house, task)
    assert stored is not None and (stored["outcome"], stored["comment"]) == ("agree", "同意，限三层")
    sign(house, wang, "wang")
    assert house.engine.variables(instance)["floors"] == 3


# ---------------------------------------------------------------- taking out


def test_p_4_4_the_last_one_before_me_removed_it_is_mine_again(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    wang, zhao = add(house, task, "li", "wang", "zhao")
    sign(house, wang, "wang")

    remove(house, task, "li", zhao)

    assert states(house, task, zhao) == ["assigned", "cancelled"]
    assert_rebuilt(house, instance)


def test_trap_2_4_p_4_4_the_last_one_after_me_removed_the_node_ends_with_my_decision(house: House) -> None:
    """Flowable: removing the last open member leaves the node waiting for ever."""
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang", position="after")
    sign(house, task, "li", "agree")

    remove(house, task, "li", wang)

    assert here(house, instance) == "file"
    assert_rebuilt(house, instance)


def test_p_4_4_one_in_the_middle_removed_the_next_has_his_turn(house: House) -> None:
    task = house.task(office(house))["id"]
    wang, zhao, zhou = add(house, task, "li", "wang", "zhao", "zhou", in_order=True)

    remove(house, task, "li", zhao)
    assert states(house, wang, zhao, zhou) == ["assigned", "none", "none"]
    remove(house, task, "li", wang)
    assert states(house, task, wang, zhou) == ["waiting", "cancelled", "assigned"]


def test_p_4_4_planned_after_me_and_removed_before_i_decided(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang", position="after")

    remove(house, task, "li", wang)
    sign(house, task, "li", "agree")

    assert here(house, instance) == "file"


def test_trap_2_4_only_the_adder_or_an_administrator_removes(house: House) -> None:
    """Elsewhere anybody with the right to update tasks can remove any child."""
    task = house.task(office(house))["id"]
    _, zhao = add(house, task, "li", "wang", "zhao")

    with pytest.raises(Forbidden):
        remove(house, task, "wang", zhao)
    with pytest.raises(NotFound):
        remove(house, task, "zhou", zhao)
    house.engine.execute(RemoveSigner(task_id=task, signer_id=zhao), actor=house.admin)
    assert states(house, zhao) == ["cancelled"]


def test_p_4_4_who_has_signed_is_not_removed(house: House) -> None:
    task = house.task(office(house))["id"]
    wang, _ = add(house, task, "li", "wang", "zhao")
    sign(house, wang, "wang")

    with pytest.raises(Conflict, match="has signed"):
        remove(house, task, "li", wang)


def test_p_4_4_with_a_signer_goes_what_he_asked_of_others(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang")
    (zhao,) = add(house, wang, "wang", "zhao")

    remove(house, task, "li", wang)

    assert states(house, task, wang, zhao) == ["assigned", "cancelled", "cancelled"]
    assert_rebuilt(house, instance)


# ---------------------------------------------------------------- nesting and mixing


def test_p_4_2_signers_add_signers_three_deep(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang")
    (zhao,) = add(house, wang, "wang", "zhao")
    (sun,) = add(house, zhao, "zhao", "sun")
    with pytest.raises(Conflict, match="3 deep"):
        add(house, sun, "sun", "zhou")

    for each, by in [(sun, "sun"), (zhao, "zhao"), (wang, "wang")]:
        sign(house, each, by)

    assert states(house, task) == ["assigned"]
    assert_rebuilt(house, instance)


def test_p_4_2_a_refusal_from_the_third_level_goes_up(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang", power="decide")
    (zhao,) = add(house, wang, "wang", "zhao", power="decide")

    sign(house, zhao, "zhao", "refuse")

    assert here(house, instance) == "no"
    assert_rebuilt(house, instance)


def test_p_4_3_who_advises_adds_only_advisers(house: House) -> None:
    task = house.task(office(house))["id"]
    (wang,) = add(house, task, "li", "wang")

    with pytest.raises(Conflict, match="only advise"):
        add(house, wang, "wang", "zhao", power="decide")


def test_trap_2_4_p_4_1_before_and_after_at_one_node(house: House) -> None:
    """Elsewhere the two cannot be mixed."""
    instance = office(house)
    task = house.task(instance)["id"]
    (zhao,) = add(house, task, "li", "zhao", position="after")
    (wang,) = add(house, task, "li", "wang", position="before")

    sign(house, wang, "wang")
    sign(house, task, "li", "agree")
    assert states(house, zhao) == ["assigned"]
    sign(house, zhao, "zhao")

    assert here(house, instance) == "file"


def test_a_signer_before_has_signers_after_himself(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang")
    (zhao,) = add(house, wang, "wang", "zhao", position="after")

    sign(house, wang, "wang", comment="可以")
    assert states(house, task, wang, zhao) == ["waiting", "completed", "assigned"]
    sign(house, zhao, "zhao")

    assert states(house, task) == ["assigned"]
    assert_rebuilt(house, instance)


def test_trap_2_4_a_delegate_with_signers_before_him_still_answers_to_the_delegator(house: House) -> None:
    """Elsewhere the original owner is lost, and the delegate's approval completes the task."""
    instance = office(house)
    task = house.task(instance)["id"]
    command = DelegateTask(task_id=task, to="wang")
    asked = house.engine.execute(command, actor=house.actors["li"])["delegate_task_id"]
    (zhao,) = add(house, asked, "wang", "zhao")

    sign(house, zhao, "zhao")
    assert states(house, task, asked) == ["waiting", "assigned"]
    sign(house, asked, "wang")

    assert states(house, task) == ["assigned"]
    assert row(house, task)["assignee"] == "li"  # type: ignore[index]


def test_p_4_7_adder_delegator_principal_and_holder_stand_apart(house: House) -> None:
    task = house.task(office(house))["id"]
    (wang,) = add(house, task, "li", "wang")
    asked = house.engine.execute(DelegateTask(task_id=wang, to="zhao"), actor=house.actors["wang"])["delegate_task_id"]

    signer, delegate = row(house, wang), row(house, asked)
    assert signer is not None and delegate is not None
    assert (signer["added_by"], signer["delegated_by"], signer["principal"]) == ("li", None, None)
    assert (delegate["added_by"], delegate["delegated_by"], delegate["assignee"]) == (None, "wang", "zhao")


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("people", "why"),
    [(("li",), "add yourself"), (("wang", "wang"), "stands there twice"), ((), "Choose whom")],
)
def test_p_4_6_refused_are_myself_the_same_person_twice_and_nobody(
    house: House, people: tuple[str, ...], why: str
) -> None:
    task = house.task(office(house))["id"]

    with pytest.raises(Exception, match=why):
        add(house, task, "li", *people)


def test_p_4_6_refused_is_who_sits_here_already_or_will(house: House) -> None:
    task = house.task(office(house))["id"]
    (wang,) = add(house, task, "li", "wang")
    add_after = AddSigners(task_id=wang, people=("li",), position="after")

    with pytest.raises(Conflict, match="already has a seat"):
        house.engine.execute(add_after, actor=house.actors["wang"])
    add(house, wang, "wang", "zhao", position="after")
    with pytest.raises(Conflict, match="already has a seat"):
        add(house, wang, "wang", "zhao")


def test_p_4_6_refused_is_a_disabled_person(house: House) -> None:
    from engine.commands.administration.people import DisablePerson

    task = house.task(office(house))["id"]
    house.engine.execute(DisablePerson(login="wang"), actor=house.admin)

    with pytest.raises(Conflict):
        add(house, task, "li", "wang")


def test_p_4_6_refused_is_somebody_who_is_recused(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    with house.database.write() as connection:
        where = tables.process_instance.c.id == instance
        connection.execute(tables.process_instance.update().where(where).values(recused=["wang"]))

    with pytest.raises(Conflict):
        add(house, task, "li", "wang")


def test_p_4_2_the_node_limits_how_many(house: House) -> None:
    task = house.task(office(house, 'banjie:maxSigners="2"'))["id"]

    with pytest.raises(Conflict, match="At most 2"):
        add(house, task, "li", "wang", "zhao", "sun")
    add(house, task, "li", "wang", "zhao")


def test_p_4_2_p_4_4_who_was_taken_out_makes_room_for_another(house: House) -> None:
    task = house.task(office(house, 'banjie:maxSigners="2"'))["id"]
    _, zhao = add(house, task, "li", "wang", "zhao", position="after")
    with pytest.raises(Conflict, match="At most 2"):
        add(house, task, "li", "sun", position="after")

    remove(house, task, "li", zhao)

    add(house, task, "li", "sun", position="after")


def test_beside_me_needs_a_ballot(house: House) -> None:
    task = house.task(office(house))["id"]

    with pytest.raises(Conflict, match="no ballot"):
        add(house, task, "li", "wang", position="beside")


def test_trap_2_10_4_a_node_that_forbids_adding_forbids_it_on_the_server(house: House) -> None:
    task = house.task(office(house, 'banjie:allow="transfer"'))["id"]

    with pytest.raises(Conflict, match="does not allow addSign"):
        add(house, task, "li", "wang")


def test_a_signer_does_not_transfer_his_signature(house: House) -> None:
    task = house.task(office(house))["id"]
    (wang,) = add(house, task, "li", "wang")

    with pytest.raises(Conflict, match="in person"):
        house.engine.execute(AssignTask(task_id=wang, assignee="zhao"), actor=house.actors["wang"])


def test_an_administrator_gives_a_signature_to_somebody_else(house: House) -> None:
    instance = office(house)
    task = house.task(instance)["id"]
    (wang,) = add(house, task, "li", "wang")

    house.engine.execute(AssignTask(task_id=wang, assignee="zhao"), actor=house.admin)
    sign(house, wang, "zhao")

    assert states(house, task) == ["assigned"]
    assert_rebuilt(house, instance)


def test_trap_2_9_the_process_moves_on_and_all_signers_go_with_it(house: House) -> None:
    from engine.commands.running.instances import TerminateInstance

    instance = office(house)
    task = house.task(instance)["id"]
    wang, zhao = add(house, task, "li", "wang", "zhao", in_order=True)

    house.engine.execute(TerminateInstance(instance_id=instance, reason="x"), actor=house.admin)

    assert states(house, task, wang, zhao) == ["cancelled", "cancelled", "none"]
    with pytest.raises(Conflict):
        remove(house, task, "li", zhao)
