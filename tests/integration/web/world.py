"""One world for the tests that walk every page: a bit of everything, and somebody in every relation to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from engine.access import Role
from engine.commands.administration.calendar import ChangeCalendarDay
from engine.commands.administration.people import CreateDepartment
from engine.commands.administration.posts import CreatePost
from engine.commands.administration.tokens import CreateToken
from engine.commands.administration.views import SaveView
from engine.commands.cases.filing import FileCase
from engine.commands.supervision.cards import IssueCard
from engine.commands.supervision.orders import IssueOrder
from engine.commands.tasks.handling import ClaimTask, CompleteTask
from engine.errors import StepFailed
from engine.people import hash_secret
from tests.integration.engine.house import bpmn, flows
from tests.integration.web import samples
from tests.integration.web.office import Browser, Office

TIMER = bpmn(
    '<startEvent id="s"/><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>P1D</timeDuration>'
    '</timerEventDefinition></intermediateCatchEvent><endEvent id="e"/>' + flows("s-w", "w-e"),
    key="timer",
)

ROLES = {
    "admin": (Role.ADMIN,),
    "designer": (Role.DESIGNER, Role.STAFF),
    "clerk": (Role.CLERK, Role.STAFF),  # has nothing to do with the case
    "supervisor": (Role.SUPERVISOR,),
    "auditor": (Role.AUDITOR,),
    "staff": (Role.STAFF,),  # has nothing to do with the case
    "filer": (Role.CLERK, Role.STAFF),  # filed the case
    "holder": (Role.STAFF,),  # holds its task
    "candidate": (Role.STAFF,),  # was offered its task, which somebody else took
    "outsider": (),  # may sign in, and no more
}


@dataclass
class World:
    """``ids`` fill the braces of addresses; ``browsers`` are everybody by name, signed in; "nobody" is not."""

    office: Office
    ids: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        house = self.office.house
        for login, roles in ROLES.items():
            groups = ("window", "reviewers") if login in ("holder", "candidate") else ()
            self.browsers[login] = self.office.person(login, *groups, roles=roles)
        house.person("zhang")
        self.browsers["nobody"] = self.office.stranger()
        self.office.purchases()
        self.office.stalls()
        self.office.deploy(stuck__bpmn=samples.STUCK, timer__bpmn=TIMER)
        self._case()
        self._rest()

    def _case(self) -> None:
        house, actors = self.office.house, self.office.house.actors
        command = FileCase(
            item_code="000131010001",
            applicant={"kind": "person", "name": "Wang", "id_number": "330102199001011234"},
            form={"stall": "A"},
        )
        answer = house.engine.execute(command, actor=actors["filer"])
        task = house.task(answer["instance_id"])
        house.engine.execute(ClaimTask(task_id=task["id"]), actor=actors["holder"])
        issue = IssueCard(no=answer["no"], level="yellow", reason="x")
        self.ids["card"] = house.engine.execute(issue, actor=actors["supervisor"])["id"]
        order = IssueOrder(no=answer["no"], level=2, text="x")
        self.ids["order"] = house.engine.execute(order, actor=actors["supervisor"])["id"]
        self.ids |= {"no": answer["no"], "case_instance": answer["instance_id"], "task": task["id"]}
        self.ids["instance"] = house.start("purchase", by=actors["filer"], project="x")
        offered = house.task(self.ids["instance"])
        house.engine.execute(ClaimTask(task_id=offered["id"]), actor=actors["holder"])

    def _rest(self) -> None:
        house, actors = self.office.house, self.office.house.actors
        stuck = house.start("stuck", n=3)
        with pytest.raises(StepFailed):
            house.engine.execute(CompleteTask(task_id=house.task(stuck)["id"]), actor=actors["zhang"])
        self.ids["incident"] = house.queries.instances.incidents().rows[0]["id"]
        house.start("timer")
        self.ids["job"] = house.queries.admin.jobs(state="waiting").rows[0]["id"]
        definition = house.queries.definitions.latest("purchase")
        assert definition is not None
        self.ids["definition"] = definition["id"]
        department = CreateDepartment(code="A", name="A")
        self.ids["department"] = house.engine.execute(department, actor=actors["admin"])["id"]
        house.engine.execute(ChangeCalendarDay(day="2031-01-06", kind="rest"), actor=actors["admin"])
        house.engine.execute(CreatePost(key="chief", name="Chief"), actor=actors["admin"])
        view = SaveView(tab="assigned", name="x", query="q=x")
        self.ids["view"] = house.engine.execute(view, actor=actors["staff"])["id"]
        token = CreateToken(login="staff", name="t", scopes=("read",), days=9, secret_hash=hash_secret("s"))
        self.ids["token"] = house.engine.execute(token, actor=actors["staff"])["id"]

    def fill(self, text: str) -> str:
        return text.format(**self.ids)
