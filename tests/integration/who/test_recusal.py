"""回避 (C15): declared or ordered, told in the history, moving open tasks, refused on every later path, lifted by others only."""

from __future__ import annotations

import pytest

from engine.access import Role
from engine.commands.delegating.recusal import DeclareRecusal, LiftRecusal
from engine.commands.tasks.handling import AssignTask, ClaimTask, UnclaimTask
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.store import tables
from engine.store.projections.projector import replay
from tests.integration.who.bureau import Bureau


def declare(bureau: Bureau, instance_id: str, by: str, login: str | None = None) -> dict[str, object]:
    command = DeclareRecusal(instance_id=instance_id, reason="与申请人有亲属关系", login=login)
    return bureau.engine.execute(command, actor=bureau.actors[by])


def pooled(bureau: Bureau, settings: str = "") -> str:
    for login in ("an", "bai"):
        if login not in bureau.actors:
            bureau.worker(login, "desk", "pool")
    return bureau.at_approval(f'banjie:candidateGroups="pool" {settings}')


def test_whoever_is_recused_loses_the_task_to_the_others_of_the_pool(bureau: Bureau) -> None:
    instance_id = pooled(bureau)
    task = bureau.task(instance_id, "approve")
    bureau.claim(task, bureau.actors["an"])
    assert declare(bureau, instance_id, "an")["moved"] == [task["id"]]
    again = bureau.task(instance_id, "approve")
    assert (again["state"], again["assignee"], again["candidate_users"]) == ("offered", None, ["bai"])
    assert [row["id"] for row in bureau.queries.tasks.offered(bureau.actors["bai"]).rows] == [task["id"]]
    assert bureau.queries.tasks.offered(bureau.actors["an"]).rows == []


def test_the_holder_by_name_gives_way_by_the_policy_of_the_node(bureau: Bureau) -> None:
    instance_id = bureau.at_approval('banjie:assignee="qian" banjie:onExcluded="leader"')
    declare(bureau, instance_id, "qian")
    row = bureau.row(instance_id)
    assert row["assignee"] == "head"
    assert row["why"]["skipped"] == [
        {
            "code": "recused",
            "zh": "已对本办件回避，由 head 代为办理",
            "en": row["why"]["skipped"][0]["en"],
            "login": "qian",
        }
    ]


def test_a_plain_task_that_opens_later_does_not_go_to_whoever_is_recused(bureau: Bureau) -> None:
    assert bureau.admin.login == "admin"
    bureau.one('banjie:assignee="qian"')
    instance_id = bureau.start("one", by=bureau.actors["zhou"])
    bureau.worker("ducha", None, roles=(Role.STAFF, Role.SUPERVISOR))
    declare(bureau, instance_id, "ducha", "qian")
    bureau.complete(bureau.task(instance_id, "fill"), bureau.actors["zhou"])
    assert bureau.row(instance_id)["assignee"] == "admin"


def test_every_later_path_refuses_whoever_is_recused(bureau: Bureau) -> None:
    instance_id = pooled(bureau)
    task = bureau.task(instance_id, "approve")
    declare(bureau, instance_id, "an")
    with pytest.raises(NotFound):  # not a candidate any more
        bureau.engine.execute(ClaimTask(task_id=task["id"]), actor=bureau.actors["an"])
    bureau.claim(task, bureau.actors["bai"])
    with pytest.raises(Conflict, match="is recused") as refused:
        bureau.engine.execute(AssignTask(task_id=task["id"], assignee="an"), actor=bureau.actors["bai"])
    assert (
        refused.value.zh == "An（an）不能接收转办的「审批」：已对本办件回避。请选择其他人，或由督查、管理员解除回避。"
    )
    bureau.engine.execute(UnclaimTask(task_id=task["id"]), actor=bureau.actors["bai"])
    assert bureau.task(instance_id, "approve")["candidate_users"] == ["bai"]


def test_only_supervisors_and_administrators_decide_for_others(bureau: Bureau) -> None:
    instance_id = pooled(bureau)
    with pytest.raises(Forbidden):
        declare(bureau, instance_id, "bai", "an")
    with pytest.raises(NotFound):  # a stranger learns nothing of the instance
        declare(bureau, instance_id, "vice")
    with pytest.raises(InvalidInput):
        bureau.engine.execute(DeclareRecusal(instance_id=instance_id, reason=" "), actor=bureau.actors["an"])


def test_nobody_lifts_his_own_recusal_and_a_lifted_one_lets_act_again(bureau: Bureau) -> None:
    instance_id = pooled(bureau)
    bureau.worker("ducha", None, roles=(Role.STAFF, Role.SUPERVISOR))
    bureau.worker("ducha2", None, "pool", roles=(Role.STAFF, Role.SUPERVISOR))
    recusal_id = str(declare(bureau, instance_id, "ducha2")["id"])
    lift = LiftRecusal(instance_id=instance_id, recusal_id=recusal_id, reason="经核查无利害关系")
    with pytest.raises(Conflict, match="Nobody lifts his own"):
        bureau.engine.execute(lift, actor=bureau.actors["ducha2"])
    bureau.engine.execute(lift, actor=bureau.actors["ducha"])
    with pytest.raises(Conflict, match="lifted already"):
        bureau.engine.execute(lift, actor=bureau.actors["ducha"])
    task = bureau.task(instance_id, "approve")
    bureau.claim(task, bureau.actors["an"])
    bureau.engine.execute(AssignTask(task_id=task["id"], assignee="ducha2"), actor=bureau.actors["an"])
    assert bureau.task(instance_id, "approve")["assignee"] == "ducha2"


def test_a_recusal_twice_and_one_of_an_ended_instance_are_refused(bureau: Bureau) -> None:
    instance_id = pooled(bureau)
    bureau.worker("ducha", None, roles=(Role.STAFF, Role.SUPERVISOR))
    declare(bureau, instance_id, "an")
    with pytest.raises(NotFound):  # whoever is recused, and has not acted, does not see the case any more
        declare(bureau, instance_id, "an")
    with pytest.raises(Conflict, match="recused from this instance already"):
        declare(bureau, instance_id, "ducha", "an")
    bureau.complete(bureau.task(instance_id, "approve"), bureau.actors["bai"], "approve")
    with pytest.raises(Conflict, match="has ended"):
        declare(bureau, instance_id, "bai")


def test_rows_of_recusals_and_renewed_offers_come_from_the_history_alone(bureau: Bureau) -> None:
    instance_id = pooled(bureau)
    bureau.claim(bureau.task(instance_id, "approve"), bureau.actors["an"])
    declare(bureau, instance_id, "an")
    with bureau.database.read() as connection:
        rebuilt = replay(connection, instance_id).tables
        for table in (tables.recusal, tables.task, tables.process_instance):
            key = table.c.id if table is tables.process_instance else table.c.instance_id
            for row in connection.execute(table.select().where(key == instance_id)):
                mine = rebuilt[table][(row.id,)]
                assert mine == {name: value for name, value in row._mapping.items() if name in mine}


# ---------------------------------------------------------------- ballots and proxies


def ballot(bureau: Bureau, mode: str, more: str = "") -> str:
    return bureau.at_approval(f'banjie:who="users(qian, vice, head)" banjie:ballot="{mode}" {more}')


def holders(bureau: Bureau, instance_id: str) -> list[str]:
    return sorted(row["assignee"] for row in bureau.rows(instance_id) if row["state"] == "assigned")


def test_a_member_of_a_ballot_leaves_it_and_it_is_counted_again(bureau: Bureau) -> None:
    instance_id = ballot(bureau, "all")
    for login in ("vice", "head"):
        task = next(row for row in bureau.rows(instance_id) if row["assignee"] == login)
        bureau.complete(task, bureau.actors[login], "approve")
    assert bureau.state(instance_id) == "running"
    declare(bureau, instance_id, "qian")
    assert bureau.state(instance_id) == "completed"  # all who are left have approved (P-1.3)


def test_the_leader_takes_the_seat_of_a_recused_member(bureau: Bureau) -> None:
    instance_id = ballot(bureau, "all", 'banjie:onExcluded="leader"')
    declare(bureau, instance_id, "vice")
    assert holders(bureau, instance_id) == ["chief", "head", "qian"]


def test_a_member_whose_turn_has_not_come_never_gets_it(bureau: Bureau) -> None:
    bureau.worker("ducha", None, roles=(Role.STAFF, Role.SUPERVISOR))
    instance_id = ballot(bureau, "sequential")
    declare(bureau, instance_id, "ducha", "vice")
    for login in ("qian", "head"):
        assert holders(bureau, instance_id) == [login]
        bureau.complete(bureau.task(instance_id, "approve"), bureau.actors[login], "approve")
    assert bureau.state(instance_id) == "completed"


def test_the_only_voter_gives_way_to_an_administrator(bureau: Bureau) -> None:
    instance_id = bureau.at_approval('banjie:who="users(qian)" banjie:ballot="all"')
    declare(bureau, instance_id, "qian")
    assert holders(bureau, instance_id) == ["admin"]
