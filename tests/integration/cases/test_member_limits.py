"""P-9.1, P-9.4: the limit of each member of a ballot stands and goes on with the case."""

from datetime import date, datetime
from typing import Any

from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.commands.cases.suspending import ResumeCase, SuspendCase
from tests.integration.cases.filing import SHOP
from tests.integration.cases.test_clocks import ITEM
from tests.integration.cases.test_special_procedures import BESIDE
from tests.processes.bureau import Bureau


def test_p_9_4_the_limit_of_a_member_stands_while_the_case_stands(bureau: Bureau) -> None:
    people = 'banjie:candidateGroups="food_reviewers" banjie:limit="5wd"'
    voted = f'{people} banjie:ballot="all" banjie:memberLimit="2wd" banjie:memberOverdue="reject" banjie:memberOverdueBasis="《规则》"'
    model = BESIDE.replace("PLANNED", "6wd").replace(
        f'id="examine" name="审查" {people}', f'id="examine" name="审查" {voted}'
    )
    files = {"item.toml": ITEM.encode(), "special.bpmn": model.encode()}
    bureau.engine.execute(DeployResources(name="special", files=files), actor=OPERATOR)
    bureau.at("2026-09-10 10:00")
    no = bureau.file("000131990000", applicant=SHOP, offered={"M01": {}})
    instance_id = bureau.case(no)["instance_id"]

    def seat() -> dict[str, Any]:
        rows = bureau.queries.tasks.of_instance(instance_id)
        return next(row for row in rows if row["element_id"] == "examine")

    def due() -> datetime:
        found: datetime = seat()["due_at"]
        return found

    assert str(due().date()) == "2026-09-14"  # Thursday and two working days
    bureau.at("2026-09-11 10:00")
    begun = bureau.execute(SuspendCase(no=no, kind="testing", reason="抽样检测", planned="5wd"), "shipin")
    bureau.at("2026-09-17 16:00")
    assert seat()["closed_at"] is None  # nobody is silent while the case stands
    bureau.execute(ResumeCase(no=no, suspension_id=begun["suspension_id"]), "shipin")
    assert due().date() > date(2026, 9, 17)
    bureau.at("2026-09-23 10:00")
    assert seat()["closed_by"] == "system"  # the clock went on, and woke the rule at its new end
