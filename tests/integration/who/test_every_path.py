"""C15: recusal, four eyes and one's own application are refused at one point, on every path to a task (P-3.7, P-4.6, P-5.1, P-7.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.access import Role
from engine.commands.delegating.delegations import DelegateTask
from engine.commands.delegating.proxies import GrantProxy
from engine.commands.delegating.recusal import DeclareRecusal
from engine.commands.delegating.signers import AddSigners
from engine.commands.tasks.batch import TransferInBatch
from engine.commands.tasks.handling import AssignTask
from engine.context import Command
from engine.errors import Conflict
from tests.integration.who.bureau import Bureau

BARRED = ("recused", "four-eyes", "own-application", "disabled")
SETTINGS = 'banjie:assignee="chief" banjie:differentFrom="fill" banjie:onSelf="exclude"'


def waiting(bureau: Bureau, ground: str) -> tuple[str, str]:
    """A task that ``chief`` holds, and somebody who may not act at it: (task id, login)."""
    bureau.worker("ducha", None, roles=(Role.STAFF, Role.SUPERVISOR))
    settings = SETTINGS if ground == "own-application" else SETTINGS.replace(' banjie:onSelf="exclude"', "")
    if ground == "own-application":
        settings = settings.replace(' banjie:differentFrom="fill"', "")
    instance_id = bureau.at_approval(settings)
    if ground == "recused":
        command = DeclareRecusal(instance_id=instance_id, reason="亲属", login="qian")
        bureau.engine.execute(command, actor=bureau.actors["ducha"])
    if ground == "disabled":
        bureau.set_person("qian", disabled=True)
    return bureau.task(instance_id, "approve")["id"], "zhou" if ground in ("four-eyes", "own-application") else "qian"


PATHS: dict[str, Callable[[str, str], Command]] = {
    "transfer": lambda task, login: AssignTask(task_id=task, assignee=login, reason="出差"),
    "delegate": lambda task, login: DelegateTask(task_id=task, to=login, question="请提意见"),
    "sign before": lambda task, login: AddSigners(task_id=task, people=(login,), position="before"),
    "sign after": lambda task, login: AddSigners(task_id=task, people=(login,), position="after"),
}


@pytest.mark.parametrize("ground", BARRED)
@pytest.mark.parametrize("path", PATHS)
def test_c15_nobody_barred_gets_a_task(bureau: Bureau, path: str, ground: str) -> None:
    task_id, login = waiting(bureau, ground)
    with pytest.raises(Conflict) as refused:
        bureau.engine.execute(PATHS[path](task_id, login), actor=bureau.actors["chief"])
    assert refused.value.facts["ground"] == ground
    assert login in refused.value.zh


@pytest.mark.parametrize("ground", BARRED[:3])
def test_c15_nobody_barred_gets_a_task_in_a_batch(bureau: Bureau, ground: str) -> None:
    task_id, login = waiting(bureau, ground)
    command = TransferInBatch(task_id=task_id, assignee=login, reason="出差")
    with pytest.raises(Conflict) as refused:
        bureau.engine.execute(command, actor=bureau.actors["chief"])
    assert refused.value.facts["ground"] == ground


@pytest.mark.parametrize("ground", ["recused", "four-eyes", "own-application"])
def test_p7_3_a_proxy_who_is_barred_himself_does_not_stand_in(bureau: Bureau, ground: str) -> None:
    task_id, login = waiting(bureau, ground)
    period = {"start": bureau.now.isoformat(), "end": (bureau.now + timedelta(days=3)).isoformat()}
    bureau.engine.execute(GrantProxy(proxy=login, **period), actor=bureau.actors["chief"])
    bureau.run_jobs()
    row = bureau.queries.tasks.get(task_id)
    assert row is not None
    assert (row["assignee"], row["principal"]) == ("chief", None)
