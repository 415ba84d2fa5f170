"""Whoever works here and applies himself, or as somebody's agent, never handles the case (回避)."""

from __future__ import annotations

import pytest

from engine.commands.administration.posts import SetIdentity
from engine.commands.tasks.handling import AssignTask, ClaimTask
from engine.errors import Conflict, NotFound
from tests.integration.cases.filing import SHOP, application
from tests.processes.bureau import Bureau

NUMBER = "510104199001011234"


@pytest.mark.parametrize(
    "applicant",
    [
        {"kind": "person", "name": "刘洋", "id_number": "51010419900101 1234"},
        SHOP | {"agent": {"name": "刘洋", "id_number": NUMBER, "authorised": True}},
    ],
)
def test_the_clerk_who_is_the_applicant_or_agent_is_recused_when_the_case_is_filed(
    bureau: Bureau, applicant: dict[str, object]
) -> None:
    bureau.execute(SetIdentity(login="chuangkou2", number=NUMBER), "admin")
    no = str(bureau.execute(application(applicant=applicant), "chuangkou")["no"])
    task = bureau.task("chuangkou", no, "examine_materials")
    assert "chuangkou2" not in task["candidate_users"]
    with pytest.raises(NotFound):
        bureau.execute(ClaimTask(task_id=task["id"]), "chuangkou2")
    bureau.execute(ClaimTask(task_id=task["id"]), "chuangkou")
    with pytest.raises(Conflict, match="is recused"):
        bureau.execute(AssignTask(task_id=task["id"], assignee="chuangkou2"), "chuangkou")
