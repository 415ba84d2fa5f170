"""People join, leave and take back at BPMN's own multi-instance: 并加签, 减签, 撤回 (P-1.3, P-4, P-6.1, P-6.2, traps 2.4, 2.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.access import Role
from engine.commands import participants
from engine.commands.recusal import DeclareRecusal
from engine.commands.returns import ReturnTask
from engine.commands.signers import AddSigners, RemoveSigner
from engine.commands.tasks import AssignTask
from engine.commands.withdrawals import WithdrawTask
from engine.errors import Conflict, Forbidden, NotFound
from engine.store import tables
from tests.integration.engine.house import House, bpmn, flows
from tests.integration.engine.rebuilding import assert_rebuilt


def shared(*, in_order: bool = False, until: str = "", attributes: str = "", over: str = "=people") -> bytes:
    """A draft, a multi-instance task over ``people`` with one outcome each, and a task behind it."""
    condition = f"<completionCondition>{until}</completionCondition>" if until else ""
    if 'banjie:assignee="' not in attributes:
        attributes += ' banjie:assignee="${p}"'
    return bpmn(
        '<startEvent id="start"/><userTask id="draft" banjie:assignee="zhao"/>'
        f'<userTask id="m" name="会办" banjie:outcomes="agree:同意,refuse:不同意"{attributes}>'
        f'<multiInstanceLoopCharacteristics isSequential="{str(in_order).lower()}" banjie:collection="{over}" '
        f'banjie:elementVariable="p" banjie:outputCollection="opinions" banjie:outputElement="=outcome">{condition}'
        "</multiInstanceLoopCharacteristics></userTask>"
        '<userTask id="after" banjie:assignee="zhao"/><endEvent id="end"/>'
        + flows("start-draft", "draft-m", "m-after", "after-end")
    )


class Office:
    """One instance at its multi-instance task; each verb by the login of whoever does it."""

    def __init__(self, house: House, model: bytes, people: Any = ("qian", "sun", "li")) -> None:
        self.house = house
        for login in ("zhao", "qian", "sun", "li", "zhou", "wu"):
            house.person(login)
        assert house.admin.is_any(Role.ADMIN)
        house.deploy(model)
        self.id = house.start("leave", people=list(people), by=house.actors["zhao"])
        house.complete(house.task(self.id, "draft"), house.actors["zhao"])

    def task(self, login: str) -> dict[str, Any]:
        """The latest task of somebody at the node, open or not."""
        rows = [row for row in self.house.queries.tasks.of_instance(self.id) if row["element_id"] == "m"]
        return [row for row in rows if login in (row["assignee"], row["principal"])][-1]

    def act(self, login: str, command: Any) -> dict[str, Any]:
        self.house.now += timedelta(minutes=1)
        answer = self.house.engine.execute(command, actor=self.house.actors[login])
        assert_rebuilt(self.house, self.id)
        return answer

    def add(self, by: str, *people: str, power: str = "decide", reason: str = "") -> dict[str, Any]:
        task = self.task(by)["id"]
        return self.act(by, AddSigners(task_id=task, people=people, position="beside", power=power, reason=reason))

    def remove(self, by: str, who: str, *, at: str | None = None) -> dict[str, Any]:
        return self.act(by, RemoveSigner(task_id=self.task(at or by)["id"], signer_id=who, reason="不再需要"))

    def withdraw(self, by: str) -> dict[str, Any]:
        return self.act(by, WithdrawTask(task_id=self.task(by)["id"], reason="填错了"))

    def complete(self, login: str, outcome: str = "agree") -> None:
        self.house.now += timedelta(minutes=1)
        self.house.complete(self.task(login), self.house.actors[login], outcome)
        assert_rebuilt(self.house, self.id)

    @property
    def open(self) -> list[str]:
        rows = self.house.open_tasks(self.id)
        return sorted(row["assignee"] if row["element_id"] == "m" else row["element_id"] for row in rows)

    @property
    def people(self) -> list[tuple[str, str]]:
        """Who takes part, in order, each with the state of the task."""
        row = self.task("qian")
        found = self.house.engine.ask(
            lambda context: participants.account(context, row), actor=self.house.actors["qian"]
        )
        return [(each["login"], each["state"]) for each in found]

    def told(self, kind: str) -> list[dict[str, Any]]:
        history = self.house.queries.instances.history(self.id, limit=1000)
        return [event["data"] for event in history if event["kind"] == kind]

    def variable(self, name: str) -> Any:
        return self.house.engine.variables(self.id)[name]


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


# ---------------------------------------------------------------- withdraw


def test_trap_2_6_p_6_1_p_6_2_only_mine_is_open_again_while_the_multi_instance_runs(house: House) -> None:
    office = Office(house, shared())
    office.complete("qian", "refuse")
    office.complete("sun")
    task = office.task("qian")["id"]
    answer = office.withdraw("qian")
    assert (answer["id"], answer["state"], answer["assignee"]) == (task, "assigned", "qian")
    assert office.people == [("qian", "assigned"), ("sun", "completed"), ("li", "assigned")]
    seen = house.engine.variables(office.id, office.task("qian")["token_id"])
    assert (seen["nrOfCompletedInstances"], seen["nrOfActiveInstances"]) == (1, 2)
    office.complete("li")
    office.complete("qian")
    assert office.variable("opinions") == ["agree", "agree", "agree"]


def test_what_was_sent_is_there_again_as_a_draft(house: House) -> None:
    office = Office(house, shared())
    house.complete(office.task("sun"), house.actors["sun"], "agree", floor=3)
    office.withdraw("sun")
    draft = house.queries.drafts.get(house.actors["sun"], "task", office.task("sun")["id"])
    assert draft is not None
    assert draft["data"] == {"values": {"floor": 3}, "comment": ""}


def test_p_6_1_once_the_node_is_over_the_next_one_returns_it(house: House) -> None:
    office = Office(house, shared())
    for login in ("qian", "sun", "li"):
        office.complete(login)
    with pytest.raises(Conflict, match="multi-instance"):
        office.withdraw("li")
    command = ReturnTask(task_id=house.task(office.id, "after")["id"], target="m", reason="重新会办")
    office.act("zhao", command)
    assert office.open == ["li", "qian", "sun"]


def test_p_6_1_not_where_the_model_forbids_it(house: House) -> None:
    office = Office(house, shared(attributes=' banjie:allow="-withdraw"'))
    office.complete("qian")
    with pytest.raises(Conflict):
        office.withdraw("qian")


def test_in_order_the_turn_goes_back_and_what_others_did_stays(house: House) -> None:
    office = Office(house, shared(in_order=True))
    office.complete("qian")
    office.complete("sun")
    office.withdraw("qian")
    assert office.people == [("qian", "assigned"), ("sun", "completed"), ("li", "planned")]
    assert office.task("li")["state"] == "cancelled"
    office.complete("qian")
    assert office.open == ["li"]
    office.complete("li")
    assert office.variable("opinions") == ["agree", "agree", "agree"]


def test_in_order_two_take_back_and_the_earlier_one_goes_first(house: House) -> None:
    office = Office(house, shared(in_order=True))
    office.complete("qian")
    office.complete("sun")
    office.withdraw("qian")
    assert office.withdraw("sun")["state"] == "cancelled"
    assert office.people == [("qian", "assigned"), ("sun", "planned"), ("li", "planned")]
    for login in ("qian", "sun", "li"):
        office.complete(login)
    assert office.open == ["after"]


def test_who_was_added_takes_back_too_and_stays_whom_somebody_added(house: House) -> None:
    office = Office(house, shared())
    office.add("qian", "zhou")
    office.complete("zhou")
    office.withdraw("zhou")
    office.remove("qian", "zhou")
    assert office.open == ["li", "qian", "sun"]


def test_nobody_takes_back_what_another_did(house: House) -> None:
    office = Office(house, shared())
    office.complete("sun")
    with pytest.raises((Forbidden, NotFound)):
        office.act("qian", WithdrawTask(task_id=office.task("sun")["id"], reason="x"))
