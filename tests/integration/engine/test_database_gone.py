"""The database goes away: nothing that was answered is lost, nothing is done twice, and nobody's work becomes an incident."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from engine.commands.running.instances import StartInstance
from engine.commands.tasks.handling import ClaimTask, CompleteTask
from engine.job_executor import JobExecutor
from engine.store.base.database import Database, DatabaseUnavailable
from tests import databases
from tests.integration.engine.failing import FailingDatabase, gone
from tests.integration.engine.house import LEAVE, House, bpmn, flows
from tests.integration.engine.test_jobs import CALL, WAIT


@pytest.fixture
def database(database_url: str) -> Iterator[FailingDatabase]:
    with databases.opened(database_url, FailingDatabase) as opened:
        yield opened


@pytest.fixture
def house(database: FailingDatabase) -> House:
    house = House(database)
    house.person("boss", "leaders")
    house.deploy(LEAVE, WAIT, CALL)
    return house


def claim(house: House, instance_id: str) -> dict[str, Any]:
    command = ClaimTask(task_id=house.task(instance_id)["id"])
    return house.engine.execute(command, actor=house.actors["boss"])


def test_what_was_cut_off_before_its_commit_is_run_again(house: House, database: FailingDatabase) -> None:
    instance_id = house.start("leave")
    database.faults = ("cut", "cut")

    claimed = claim(house, instance_id)

    assert claimed["state"] == "assigned"
    assert house.kinds(instance_id).count("TaskClaimed") == 1


@pytest.mark.parametrize("fault", ["kept", "lost"])
def test_a_commit_that_nobody_answered_is_looked_for_and_acts_once(
    house: House, database: FailingDatabase, fault: str
) -> None:
    instance_id = house.start("leave")
    claim(house, instance_id)
    command = CompleteTask(task_id=house.task(instance_id)["id"], outcome="refuse")
    database.faults = (fault,)

    answer = house.engine.execute(command, actor=house.actors["boss"])

    assert answer["instance_state"] == "completed"
    assert house.kinds(instance_id).count("TaskCompleted") == 1


def test_a_start_whose_commit_was_kept_unanswered_is_told_as_done(house: House, database: FailingDatabase) -> None:
    database.faults = ("kept",)

    instance_id = house.start("leave")

    assert [row["id"] for row in house.queries.instances.started_by(house.admin).rows] == [instance_id]


def test_a_start_that_is_nowhere_to_be_found_is_told_as_doubtful_and_not_done_again(
    house: House, database: FailingDatabase
) -> None:
    database.faults = ("lost",)

    with pytest.raises(DatabaseUnavailable, match="Look first") as doubt:
        house.start("leave")

    assert (doubt.value.status, doubt.value.facts["retry_after"]) == (503, 5)
    assert "无法确定" in doubt.value.zh
    assert house.queries.instances.started_by(house.admin).rows == []


@pytest.mark.parametrize("fault", ["kept", "lost"])
def test_with_an_idempotency_key_a_doubtful_start_is_done_once(
    house: House, database: FailingDatabase, fault: str
) -> None:
    database.faults = (fault,)

    answer = house.engine.execute(StartInstance(key="leave"), actor=house.admin, idempotency_key="k")

    assert [row["id"] for row in house.queries.instances.started_by(house.admin).rows] == [answer["id"]]


def test_a_database_that_is_not_there_is_told_at_once_and_nothing_is_changed(
    house: House, database: FailingDatabase
) -> None:
    instance_id = house.start("leave")
    task_id = house.task(instance_id)["id"]
    database.down = True

    with pytest.raises(DatabaseUnavailable) as refused:
        house.engine.execute(ClaimTask(task_id=task_id), actor=house.actors["boss"])

    assert refused.value.connecting
    database.down = False
    assert house.task(instance_id)["state"] == "offered"


def test_a_job_that_was_cut_off_is_no_failure_and_is_taken_again_at_once(
    house: House, database: FailingDatabase
) -> None:
    house.person("li")
    instance_id = house.start("wait")
    house.now += timedelta(hours=1)
    executor = JobExecutor(house.engine)
    ((job_id, kind),) = executor.acquire(10)
    database.down = True
    assert executor.run(job_id, kind) is False
    database.down = False

    assert JobExecutor(house.engine).acquire(10) == []  # still leased
    assert executor.run_until_idle() == 1

    assert house.task(instance_id)["element_id"] == "t"
    assert house.queries.instances.incidents().rows == []
    assert "JobPostponed" not in house.kinds(instance_id)


def test_a_worker_does_not_spin_on_what_it_cannot_run(house: House, database: FailingDatabase) -> None:
    house.person("li")
    instance_id = house.start("wait")
    house.now += timedelta(hours=1)
    executor = JobExecutor(house.engine)
    database.faults = ("", *("cut" for _ in range(100)))  # the lease is taken, the run never succeeds

    assert executor.run_until_idle() == 1
    assert len(database.faults) > 90
    database.faults = ()
    assert executor.run_until_idle() == 1

    assert house.task(instance_id)["element_id"] == "t"


def test_an_answer_that_could_not_be_written_down_is_asked_for_again_under_the_same_key(
    house: House, database: FailingDatabase
) -> None:
    house.person("li")
    instance_id = house.start("call")
    keys: list[str] = []

    class Partner:
        def call(self, verb: str, inputs: Any, settings: Any, *, key: str) -> dict[str, Any]:
            keys.append(key)
            database.down = len(keys) == 1
            return {"status": 200}

    executor = JobExecutor(house.engine, caller=Partner())
    ((job_id, kind),) = executor.acquire(10)
    executor.run(job_id, kind)
    database.down = False
    executor.run_until_idle()

    assert keys == [job_id, job_id]
    assert house.task(instance_id)["element_id"] == "t"
    assert house.queries.instances.incidents().rows == []


def test_an_expression_that_asks_a_database_that_is_gone_is_no_incident(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="t" banjie:assignee="admin" banjie:dueDate="=wd(3)"/><endEvent id="e"/>'
            + flows("s-t", "t-e"),
            key="soon",
        )
    )
    calendar, asked = house.engine.environment.calendar, []

    def cut_once(uow: Any) -> Any:
        asked.append(uow)
        if len(asked) == 1:
            raise gone()
        return calendar(uow)

    monkeypatch.setattr(house.engine.environment, "calendar", cut_once)

    instance_id = house.start("soon")

    assert house.task(instance_id)["due_at"] is not None
    assert house.queries.instances.incidents().rows == []


def test_a_real_database_that_takes_no_writes_any_more_is_unavailable_and_comes_back(database_url: str) -> None:
    with databases.opened(database_url) as real:
        with pytest.raises(DatabaseUnavailable) as refused:
            change(real, lose)
        assert not refused.value.in_doubt

        change(real)


def change(database: Database, before: Callable[[Database, Any], None] = lambda *_: None) -> None:
    with database.write() as connection:
        before(database, connection)
        connection.execute(text("UPDATE person SET name = name"))


def lose(database: Database, connection: Any) -> None:
    """On a server, its connection is cut by an administrator; the file becomes read-only for this connection."""
    if database.is_sqlite:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.detach()  # not for anybody else
        return
    number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    with database.read() as other:
        other.exec_driver_sql("SELECT pg_terminate_backend(%s)", (number,))
