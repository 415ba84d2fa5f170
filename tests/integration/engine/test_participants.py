"""People join, leave and hand on at BPMN's own multi-instance: 并加签, 减签, 转办 (P-1.3, P-4, P-5.1, trap 2.4)."""

from __future__ import annotations

import pytest

from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.recusal import DeclareRecusal
from engine.commands.delegating.signers import AddSigners
from engine.commands.tasks.handling import AssignTask
from engine.errors import Conflict, Forbidden, NotFound
from engine.store import tables
from tests.integration.engine.house import House
from tests.integration.engine.multi_instance import Office, shared

# ---------------------------------------------------------------- add beside


def test_p_4_1_who_is_added_to_a_multi_instance_has_a_task_and_all_wait_for_him(house: House) -> None:
    office = Office(house, shared())
    answer = office.add("qian", "zhou", reason="涉及消防")
    assert (answer["signers"], answer["state"]) == (["zhou"], "assigned")
    added = office.task("zhou")
    assert (added["state"], added["added_by"], added["outcomes"]) == ("assigned", "qian", ["agree", "refuse"])
    assert added["local_variables"] == {"p": "zhou", "loopCounter": 4}
    assert added["why"]["notes"][0]["login"] == "qian"
    for login in ("qian", "sun", "li"):
        office.complete(login)
    assert office.open == ["zhou"]
    office.complete("zhou", "refuse")
    assert office.open == ["after"]
    assert office.variable("opinions") == ["agree", "agree", "agree", "refuse"]
    (told,) = office.told("ParticipantAdded")
    assert (told["login"], told["added_by"], told["reason"]) == ("zhou", "qian", "涉及消防")


def test_trap_2_4_in_order_a_turn_that_was_added_finds_its_person(house: House) -> None:
    # Flowable raises the count and not the collection: the extra turn finds no element.
    office = Office(house, shared(in_order=True))
    office.add("qian", "zhou", "wu")
    assert office.people == [
        ("qian", "assigned"),
        ("sun", "planned"),
        ("li", "planned"),
        ("zhou", "planned"),
        ("wu", "planned"),
    ]
    for login in ("qian", "sun", "li", "zhou", "wu"):
        assert office.open == [login]
        office.complete(login)
    assert office.open == ["after"]
    assert office.task("wu")["added_by"] == "qian"


def test_p_1_3_who_was_added_counts_in_the_completion_condition(house: House) -> None:
    office = Office(house, shared(until="nrOfCompletedInstances / nrOfInstances &gt;= 0.5"))
    office.add("qian", "zhou")
    office.complete("qian")
    assert office.open == ["li", "sun", "zhou"]
    office.complete("zhou")
    assert office.open == ["after"]


def test_p_4_6_nobody_joins_twice_neither_who_acts_has_acted_or_is_to_act(house: House) -> None:
    office = Office(house, shared(in_order=True))
    office.complete("qian")
    for who in ("qian", "li", "sun"):
        with pytest.raises(Conflict):
            office.add("sun", who)
    office.add("sun", "zhou")
    with pytest.raises(Conflict, match="zhou already has a seat"):
        office.add("sun", "zhou")


def test_p_4_6_recused_and_disabled_people_do_not_join(house: House) -> None:
    office = Office(house, shared())
    office.act("admin", DeclareRecusal(instance_id=office.id, reason="亲属", login="zhou"))
    with house.database.write() as connection:
        connection.execute(tables.person.update().where(tables.person.c.login == "wu").values(disabled=True))
    for who in ("zhou", "wu"):
        with pytest.raises(Conflict):
            office.add("qian", who)
    assert office.open == ["li", "qian", "sun"]


def test_p_4_2_the_number_of_those_who_may_be_added_is_limited(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:maxSigners="1"'))
    office.add("qian", "zhou")
    with pytest.raises(Conflict, match="At most 1 people"):
        office.add("sun", "wu")
    office.remove("qian", "zhou")
    office.add("sun", "wu")


def test_p_4_3_an_instance_has_no_form_that_only_advises(house: House) -> None:
    office = Office(house, shared())
    with pytest.raises(Conflict, match="nobody only advises"):
        office.add("qian", "zhou", power="advise")


def test_trap_2_10_4_a_multi_instance_that_forbids_adding_forbids_it_on_the_server(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:allow="-addSign"'))
    with pytest.raises(Conflict):
        office.add("qian", "zhou")


def test_instances_that_stand_for_nobody_take_nobody_and_the_way_out_is_told(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:assignee="${people[loopCounter]}"'))
    with pytest.raises(Conflict, match="not one for each person") as refused:
        office.add("qian", "zhou")
    assert "前加签" in refused.value.zh
    office.complete("sun")
    assert office.withdraw("sun")["state"] == "assigned"


def test_objects_in_the_collection_get_the_login_where_the_model_reads_it(house: House) -> None:
    people = [{"login": "qian", "unit": "消防"}, {"login": "sun", "unit": "水务"}]
    office = Office(house, shared(attributes=' banjie:assignee="${p.login}"'), people)
    office.add("qian", "zhou")
    assert office.task("zhou")["local_variables"]["p"] == {"login": "zhou", "unit": None}


# ---------------------------------------------------------------- remove


def test_trap_2_4_p_1_3_removing_the_last_open_one_of_a_multi_instance_ends_it(house: House) -> None:
    # Flowable's deleteMultiInstanceExecution leaves it waiting for ever.
    office = Office(house, shared())
    office.add("qian", "zhou")
    for login in ("qian", "sun", "li"):
        office.complete(login)
    assert office.remove("qian", "zhou")["state"] == "completed"
    assert office.open == ["after"]
    assert office.task("zhou")["state"] == "cancelled"
    assert office.told("ParticipantRemoved")[0]["login"] == "zhou"
    assert office.told("TaskCancelled")[0]["reason"] == "removed"


def test_p_1_3_the_completion_condition_is_asked_at_once_when_somebody_leaves(house: House) -> None:
    office = Office(house, shared(until="nrOfCompletedInstances / nrOfInstances &gt;= 0.5"))
    office.complete("qian")
    office.remove("admin", "li", at="qian")
    assert office.open == ["after"]


def test_trap_2_4_p_4_4_only_who_added_him_or_an_administrator_removes(house: House) -> None:
    office = Office(house, shared())
    office.add("qian", "zhou")
    for by in ("sun", "zhou"):
        with pytest.raises(Forbidden, match="not added by you"):
            office.remove(by, "zhou")
    with pytest.raises(Forbidden):
        office.remove("qian", "sun")
    office.remove("qian", office.task("zhou")["id"])
    office.remove("admin", "sun", at="qian")
    assert office.open == ["li", "qian"]


def test_p_4_4_who_has_acted_is_not_removed(house: House) -> None:
    office = Office(house, shared())
    office.add("qian", "zhou")
    office.complete("zhou")
    with pytest.raises(Conflict, match="zhou has acted"):
        office.remove("qian", "zhou")
    with pytest.raises(NotFound, match="Nobody called wu"):
        office.remove("qian", "wu")


def test_p_4_4_nor_who_has_acted_and_waits_for_signatures_after_him(house: House) -> None:
    office = Office(house, shared())
    office.add("qian", "zhou")
    office.act("zhou", AddSigners(task_id=office.task("zhou")["id"], people=("wu",), position="after"))
    office.complete("zhou")
    with pytest.raises(Conflict, match="zhou has acted"):
        office.remove("qian", "zhou")
    for who in ("zhou", "wu"):
        with pytest.raises(Conflict, match="already has a seat"):
            office.add("sun", who)
    assert office.withdraw("zhou")["state"] == "assigned"
    office.remove("qian", "zhou")
    assert office.open == ["li", "qian", "sun"]


def test_nobody_left_is_refused_for_a_node_that_people_decide_does_not_pass_by_itself(house: House) -> None:
    office = Office(house, shared(), ["qian"])
    with pytest.raises(Conflict, match="the only one") as refused:
        office.remove("admin", "qian", at="qian")
    assert "转办" in refused.value.zh


@pytest.mark.parametrize("who", ["qian", "sun", "zhou"])
def test_in_order_one_leaves_whether_it_is_his_turn_or_to_come(house: House, who: str) -> None:
    office = Office(house, shared(in_order=True))
    office.add("qian", "zhou")
    office.remove("admin", who, at="qian")
    left = [login for login in ("qian", "sun", "li", "zhou") if login != who]
    for login in left:
        assert office.open == [login]
        office.complete(login)
    assert office.open == ["after"]


def test_what_a_removed_person_had_asked_of_others_goes_with_him(house: House) -> None:
    office = Office(house, shared())
    office.add("qian", "zhou")
    command = AddSigners(task_id=office.task("zhou")["id"], people=("wu",), position="before")
    office.act("zhou", command)
    office.remove("qian", "zhou")
    assert office.open == ["li", "qian", "sun"]
    assert office.task("wu")["state"] == "cancelled"


def test_who_got_the_task_of_somebody_added_is_removed_by_his_own_name(house: House) -> None:
    office = Office(house, shared())
    office.add("qian", "zhou")
    office.act("zhou", AssignTask(task_id=office.task("zhou")["id"], assignee="wu"))
    office.remove("qian", "wu")
    assert office.open == ["li", "qian", "sun"]


# ---------------------------------------------------------------- hand on


@pytest.mark.parametrize("in_order", [False, True])
def test_p_5_1_p_1_4_nobody_takes_over_an_instance_beside_his_own(house: House, in_order: bool) -> None:
    office = Office(house, shared(in_order=in_order))
    first = office.task("qian")["id"]
    for who in ("sun", "li"):  # in order they are still to come
        for command in (AssignTask(task_id=first, assignee=who), DelegateTask(task_id=first, to=who)):
            with pytest.raises(Conflict, match="each person counts once"):
                office.act("qian", command)
    office.act("qian", AssignTask(task_id=first, assignee="zhou"))
    office.complete("zhou")
    if in_order:
        with pytest.raises(Conflict, match="each person counts once"):  # who has acted has had his part
            office.act("sun", AssignTask(task_id=office.task("sun")["id"], assignee="zhou"))
    # and whoever gave his part away may take another's
    office.act("sun", AssignTask(task_id=office.task("sun")["id"], assignee="qian"))
    for who in ("qian", "li"):
        office.complete(who)
    assert office.open == ["after"]


def test_p_5_1_neither_the_administrator_nor_whoever_was_asked_gets_round_it(house: House) -> None:
    office = Office(house, shared())
    first = office.task("qian")["id"]
    with pytest.raises(Conflict, match="each person counts once"):
        house.engine.execute(AssignTask(task_id=first, assignee="sun"), actor=house.admin)
    asked = office.act("qian", DelegateTask(task_id=first, to="zhou"))["delegate_task_id"]
    with pytest.raises(Conflict, match="each person counts once"):
        office.act("zhou", DelegateTask(task_id=asked, to="sun"))


def test_p_1_4_where_the_collection_names_somebody_twice_the_model_wants_it_so(house: House) -> None:
    office = Office(house, shared(), people=("qian", "qian", "sun"))
    office.act("sun", AssignTask(task_id=office.task("sun")["id"], assignee="qian"))
    assert office.open == ["qian", "qian", "qian"]


def test_p_1_4_instances_that_stand_for_nobody_may_all_come_to_one_person(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:assignee="qian"'))
    rows = [row for row in house.open_tasks(office.id) if row["element_id"] == "m"]
    office.act("qian", AssignTask(task_id=rows[0]["id"], assignee="sun"))
    office.act("qian", AssignTask(task_id=rows[1]["id"], assignee="sun"))
    assert office.open == ["qian", "sun", "sun"]
