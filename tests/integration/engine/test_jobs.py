"""Jobs: due exactly now, late, twice, broken, and with a worker that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.access import SYSTEM
from engine.commands.running.incidents import ResolveIncident, RetryIncident
from engine.commands.running.instances import SetVariables
from engine.commands.running.jobs import RetryJob, RunJob
from engine.job_executor import CallRefused, JobExecutor
from tests.integration.engine.house import House, bpmn, flows

WAIT = bpmn(
    '<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    '</timerEventDefinition></intermediateCatchEvent><userTask id="t" banjie:assignee="li"/><endEvent id="e"/>'
    + flows("s-w", "w-t", "t-e"),
    key="wait",
)
CALL = bpmn(
    '<startEvent id="s"/><serviceTask id="calling" banjie:verb="http.request" banjie:resultVariable="answer">'
    '<extensionElements><banjie:input name="url">https://example.org/</banjie:input></extensionElements></serviceTask>'
    '<boundaryEvent id="refused" attachedToRef="calling"><errorEventDefinition/></boundaryEvent>'
    '<userTask id="t" banjie:assignee="li"/><userTask id="mend" banjie:assignee="li"/><endEvent id="e"/><endEvent id="e2"/>'
    + flows("s-calling", "calling-t", "t-e", "refused-mend", "mend-e2"),
    key="call",
)


def test_a_timer_due_exactly_now_fires_and_a_second_before_it_does_not(house: House) -> None:
    house.deploy(WAIT)
    instance_id = house.start("wait")
    assert house.run_jobs(timedelta(minutes=59, seconds=59)) == 0
    assert house.run_jobs(timedelta(seconds=1)) == 1
    assert house.task(instance_id)["element_id"] == "t"
    assert "TimerFired" in house.kinds(instance_id)


def test_running_a_job_twice_acts_once(house: House) -> None:
    house.deploy(WAIT)
    instance_id = house.start("wait")
    house.now += timedelta(hours=1)
    executor = JobExecutor(house.engine)
    ((job_id, _),) = executor.acquire(10)
    run = RunJob(job_id=job_id, worker=executor.name)
    assert house.engine.execute(run, actor=SYSTEM) == {"ran": True}
    assert house.engine.execute(run, actor=SYSTEM) == {"ran": False, "reason": "gone"}
    assert len(house.open_tasks(instance_id)) == 1


def test_a_job_leased_to_another_worker_is_left_alone(house: House) -> None:
    house.deploy(WAIT)
    house.start("wait")
    house.now += timedelta(hours=1)
    first, second = JobExecutor(house.engine), JobExecutor(house.engine)
    ((job_id, kind),) = first.acquire(10)
    assert second.acquire(10) == []
    assert second.run(job_id, kind) is False
    assert first.run(job_id, kind) is True


def test_missed_runs_of_a_cycle_are_one_run(house: House) -> None:
    house.deploy(
        bpmn(
            '<startEvent id="s"/><userTask id="t" banjie:assignee="li"/>'
            '<boundaryEvent id="remind" attachedToRef="t" cancelActivity="false"><timerEventDefinition>'
            "<timeCycle>R10/PT1H</timeCycle></timerEventDefinition></boundaryEvent>"
            '<userTask id="reminder" banjie:assignee="li"/><endEvent id="e"/><endEvent id="e2"/>'
            + flows("s-t", "t-e", "remind-reminder", "reminder-e2"),
            key="cycle",
        )
    )
    instance_id = house.start("cycle")
    house.run_jobs(timedelta(hours=5, minutes=30))
    assert len([task for task in house.open_tasks(instance_id) if task["element_id"] == "reminder"]) == 1
    assert house.kinds(instance_id).count("TimerFired") == 1
    house.run_jobs(timedelta(minutes=30))
    assert len([task for task in house.open_tasks(instance_id) if task["element_id"] == "reminder"]) == 2


def test_one_broken_job_never_blocks_the_others(house: House) -> None:
    broken = bpmn(
        '<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>PT1M</timeDuration>'
        '</timerEventDefinition></intermediateCatchEvent><exclusiveGateway id="g"/><endEvent id="a"/><endEvent id="b"/>'
        + flows("s-w", "w-g", "g-a?missing = 1", "g-b?missing = 2"),
        key="broken",
    )
    house.deploy(broken)
    house.deploy(WAIT)
    bad, good = house.start("broken"), house.start("wait")
    house.run_jobs(timedelta(hours=2))
    assert house.task(good)["element_id"] == "t"
    assert house.state(bad) == "incident"
    (incident,) = house.queries.instances.incidents().rows
    assert incident["element_id"] == "g"
    assert house.queries.admin.job_counts(house.now) == {"waiting": 0, "due": 0, "dead": 1}


def test_a_dead_job_that_is_retried_and_fails_again_is_dead_again_in_the_same_incident(house: House) -> None:
    test_one_broken_job_never_blocks_the_others(house)
    (incident,) = house.queries.instances.incidents().rows
    house.engine.execute(RetryJob(job_id=incident["job_id"]), actor=house.admin)
    house.run_jobs()
    assert [row["id"] for row in house.queries.instances.incidents().rows] == [incident["id"]]
    assert house.queries.admin.job_counts(house.now) == {"waiting": 0, "due": 0, "dead": 1}


def test_an_incident_of_a_job_is_closed_when_a_mended_instance_goes_on(house: House) -> None:
    test_one_broken_job_never_blocks_the_others(house)
    (incident,) = house.queries.instances.incidents().rows
    house.engine.execute(SetVariables(instance_id=incident["instance_id"], variables={"missing": 1}), actor=house.admin)
    (row,) = house.queries.instances.incidents(state="resolved").rows
    assert (row["id"], row["comment"]) == (incident["id"], "流程实例已结束")
    assert house.queries.admin.job_counts(house.now)["dead"] == 0


def dead_call(house: House) -> tuple[str, dict[str, Any]]:
    """An instance whose call has failed five times; its id and the incident."""
    house.deploy(CALL)
    instance_id = house.start("call")
    for _ in range(6):
        JobExecutor(house.engine, caller=Outside(failures=99)).run_until_idle()
        house.now += timedelta(hours=2)
    (incident,) = house.queries.instances.incidents().rows
    return instance_id, incident


def test_a_call_that_is_answered_in_the_end_closes_its_incident_and_the_instance_runs(house: House) -> None:
    instance_id, incident = dead_call(house)
    house.engine.execute(RetryJob(job_id=incident["job_id"]), actor=house.admin)
    assert house.state(instance_id) == "incident"
    JobExecutor(house.engine, caller=Outside()).run_until_idle()
    assert (house.state(instance_id), house.task(instance_id)["element_id"]) == ("running", "t")
    (row,) = house.queries.instances.incidents(state="resolved").rows
    assert (row["id"], row["comment"], row["resolved_by"]) == (incident["id"], "作业后来执行成功", "system")


def test_a_dead_job_whose_incident_is_resolved_by_hand_is_told_as_given_up_and_can_still_be_run(house: House) -> None:
    instance_id, incident = dead_call(house)
    answer = house.engine.execute(ResolveIncident(incident_id=incident["id"], comment="已电话说明"), actor=house.admin)
    assert answer["given_up"] == incident["job_id"]
    told = [each for each in house.queries.instances.history(instance_id) if each["kind"] == "IncidentResolved"]
    assert told[-1]["data"]["given_up"] == incident["job_id"]
    outside = Outside()
    JobExecutor(house.engine, caller=outside).run_until_idle()
    assert outside.keys == []
    assert house.queries.admin.job_counts(house.now) == {"waiting": 0, "due": 0, "dead": 1}
    house.engine.execute(RetryJob(job_id=incident["job_id"]), actor=house.admin)
    JobExecutor(house.engine, caller=outside).run_until_idle()
    assert house.task(instance_id)["element_id"] == "t"


def test_a_retried_incident_of_a_job_runs_the_job_again(house: House) -> None:
    test_one_broken_job_never_blocks_the_others(house)
    (incident,) = house.queries.instances.incidents().rows
    house.engine.execute(RetryIncident(incident_id=incident["id"]), actor=house.admin)
    assert house.queries.admin.job_counts(house.now)["due"] == 1
    house.run_jobs()
    assert len(house.queries.instances.incidents().rows) == 1


class Outside:
    """What stands outside the house: fails as often as told, then answers."""

    def __init__(self, failures: int = 0, refuse: str | None = None) -> None:
        self.failures, self.refuse = failures, refuse
        self.keys: list[str] = []

    def call(self, verb: str, inputs: object, settings: object, *, key: str) -> dict[str, object]:
        self.keys.append(key)
        if self.refuse:
            raise CallRefused(self.refuse, "no")
        if len(self.keys) <= self.failures:
            raise ConnectionError("the line is dead")
        return {"status": 200}


def test_an_outgoing_call_is_retried_with_the_same_key_and_its_answer_goes_on(house: House) -> None:
    house.deploy(CALL)
    instance_id = house.start("call")
    outside = Outside(failures=2)
    for _ in range(3):
        JobExecutor(house.engine, caller=outside).run_until_idle()
        house.now += timedelta(hours=2)
    assert house.task(instance_id)["element_id"] == "t"
    assert len(outside.keys) == 3
    assert len(set(outside.keys)) == 1


def test_a_call_that_fails_five_times_is_dead_and_an_incident(house: House) -> None:
    house.deploy(CALL)
    instance_id = house.start("call")
    outside = Outside(failures=99)
    for _ in range(6):
        JobExecutor(house.engine, caller=outside).run_until_idle()
        house.now += timedelta(hours=2)
    assert len(outside.keys) == 5
    (incident,) = house.queries.instances.incidents().rows
    assert incident["reason"] == "job-dead"
    assert "the line is dead" in incident["en"]
    assert house.state(instance_id) == "incident"


def test_a_refusal_from_outside_takes_the_error_path_of_the_model(house: House) -> None:
    house.deploy(CALL)
    instance_id = house.start("call")
    JobExecutor(house.engine, caller=Outside(refuse="404")).run_until_idle()
    assert house.task(instance_id)["element_id"] == "mend"


WORKER = """
import os, signal, sys
from datetime import datetime
from engine.bpmn.runner import Machine
from engine.job_executor import JobExecutor
from engine.process_engine import build
from engine.store.base import unit_of_work
from engine.store.base.database import Database

moment = sys.argv[3]
die = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
engine = build(Database(sys.argv[1]), Machine(), secret=b"a secret for tests", clock=lambda: datetime.fromisoformat(sys.argv[2]))
executor = JobExecutor(engine, threads=1)
jobs = executor.acquire(10)
if moment == "acquired":
    die()
from sqlalchemy import event
if moment == "before-commit":
    event.listen(engine.database.engine, "commit", die)
for job in jobs:
    executor.run(*job)
die()  # after the commit, before anything else could be told
"""


@pytest.mark.parametrize("moment", ["acquired", "before-commit", "after-commit"])
def test_a_killed_worker_leaves_exactly_one_effect(house: House, tmp_path: Path, moment: str) -> None:
    # given a due timer and a worker that is killed at this moment
    house.deploy(WAIT)
    instance_id = house.start("wait")
    house.now += timedelta(hours=1)
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(WORKER))
    url = house.database.url.render_as_string(hide_password=False)
    arguments = [sys.executable, str(script), url, house.now.isoformat(), moment]
    killed = subprocess.run(arguments, env=os.environ | {"PYTHONPATH": str(Path.cwd())}, check=False)
    assert killed.returncode == -signal.SIGKILL

    # when another worker comes after the lease has run out
    other = JobExecutor(house.engine)
    with house.database.write() as connection:
        connection.exec_driver_sql("UPDATE job SET leased_until = '2000-01-01 00:00:00' WHERE leased_until IS NOT NULL")
    other.run_until_idle()

    # then the timer has fired once, whoever did it
    assert house.kinds(instance_id).count("TimerFired") == 1
    assert len(house.open_tasks(instance_id)) == 1
    assert house.queries.admin.job_counts(house.now) == {"waiting": 0, "due": 0, "dead": 0}


def test_an_answer_that_nobody_catches_is_one_incident_and_the_call_is_not_made_again(house: House) -> None:
    house.deploy(
        CALL.replace(
            b'<boundaryEvent id="refused" attachedToRef="calling"><errorEventDefinition/></boundaryEvent>', b""
        )
        .replace(b'<userTask id="mend" banjie:assignee="li"/>', b"")
        .replace(b'<endEvent id="e2"/>', b"")
        .replace(flows("refused-mend", "mend-e2").encode(), b"")
    )
    house.start("call")
    outside = Outside(refuse="404")
    for _ in range(3):
        JobExecutor(house.engine, caller=outside).run_until_idle()
        house.now += timedelta(hours=2)
    assert len(outside.keys) == 1
    (incident,) = house.queries.instances.incidents().rows
    assert incident["reason"] == "uncaught-error"
    assert house.queries.admin.job_counts(house.now)["dead"] == 1
