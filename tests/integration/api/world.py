"""One world for the tests that walk every endpoint: a bit of everything, and somebody in every relation to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.access import SCOPE_OF, Role, Scope, Verb
from engine.commands.delegating.proxies import GrantProxy
from tests.integration.api.office import CODE, FILES, NEW_CASE
from tests.integration.api.site import ALL_SCOPES, Client, Site
from tests.integration.engine.house import LEAVE, bpmn, flows

TIMER = bpmn(
    '<startEvent id="start"/><intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    '</timerEventDefinition></intermediateCatchEvent><endEvent id="end"/>' + flows("start-wait", "wait-end"),
    key="timer",
)
STUCK = bpmn(
    '<startEvent id="start"/><userTask id="a" name="A" banjie:assignee="holder"/><exclusiveGateway id="g"/>'
    '<endEvent id="x"/><endEvent id="y"/>' + flows("start-a", "a-g", "g-x?n = 1", "g-y?n = 2"),
    key="stuck",
)
WAITS = bpmn(
    '<startEvent id="start"/><intermediateCatchEvent id="m"><messageEventDefinition messageRef="hello"/>'
    '</intermediateCatchEvent><endEvent id="end"/>' + flows("start-m", "m-end"),
    key="waits",
    more='<message id="hello" name="hello"/>',
)
COUNCIL = bpmn(
    '<startEvent id="start"/><userTask id="vote" name="会签" banjie:candidateUsers="holder,candidate" banjie:ballot="all"/>'
    '<endEvent id="end"/>' + flows("start-vote", "vote-end"),
    key="council",
)

ROLES = {
    "admin": (Role.ADMIN,),
    "designer": (Role.DESIGNER, Role.STAFF),
    "clerk": (Role.CLERK, Role.STAFF),
    "supervisor": (Role.SUPERVISOR,),
    "auditor": (Role.AUDITOR,),
    "staff": (Role.STAFF,),  # an employee who has nothing to do with the instance
    "starter": (Role.STAFF,),  # started it
    "holder": (Role.STAFF,),  # holds its task
    "candidate": (Role.STAFF,),  # was offered its task, which somebody else took
    "worker": (Role.STAFF,),  # has nothing to do with the instance, and is offered the task of the case
    "outsider": (),  # may sign in, and no more
}
SHARED = bpmn(  # the holder has its task, and staff stands in for him
    '<startEvent id="start"/><userTask id="a" banjie:assignee="holder"/><endEvent id="end"/>'
    + flows("start-a", "a-end"),
    key="shared",
)


@dataclass
class World:
    """``ids`` fill the braces of paths; ``callers`` are everybody by name, with a token of all scopes."""

    site: Site
    ids: dict[str, str] = field(default_factory=dict)
    callers: dict[str, Client] = field(default_factory=dict)
    _lacking: dict[tuple[str, Scope], Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        house = self.site.house
        for login, roles in ROLES.items():
            groups = {"holder": ("leaders",), "candidate": ("leaders",), "worker": ("window",)}.get(login, ())
            self.callers[login] = self.site.person(login, *groups, roles=roles)
        house.deploy(LEAVE, TIMER, STUCK, WAITS, COUNCIL, SHARED)
        self._instances()
        self._ballots()
        self._organisation()
        self._cases()
        definition = house.queries.definitions.latest("leave")
        assert definition is not None
        self.ids |= {"definition": definition["id"], "deployment": definition["deployment_id"]}
        for login in ("admin", "holder"):
            for lacking in Scope:
                scopes = [scope for scope in ALL_SCOPES if scope != lacking.value]
                self._lacking[login, lacking] = self.site.client(login, scopes)

    def _instances(self) -> None:
        house, actors = self.site.house, self.site.house.actors
        self.ids["instance"] = house.start("leave", by=actors["starter"], days=3)
        task = house.task(self.ids["instance"])
        house.claim(task, actors["holder"])
        self.ids["offered_instance"] = house.start("leave", by=actors["starter"])
        recusal = {"login": "designer", "reason": "亲属"}
        declared = self.callers["supervisor"].post(f"/process-instances/{self.ids['instance']}/recusals", recusal)
        self.ids["recusal"] = declared.json["id"]
        self.ids["task"], self.ids["offered"] = task["id"], house.task(self.ids["offered_instance"])["id"]
        period = {"start": house.now.isoformat(), "end": house.now.replace(day=30).isoformat()}
        sharing = GrantProxy(proxy="staff", mode="share", processes=("shared",), **period)
        self.ids["proxy_rule"] = house.engine.execute(sharing, actor=actors["holder"])["id"]
        self.ids["shared_instance"] = house.start("shared", by=actors["starter"])
        self.ids["shared"] = house.task(self.ids["shared_instance"])["id"]
        house.start("timer")
        house.start("waits")
        self.ids["job"] = house.queries.admin.jobs(state="waiting").rows[0]["id"]
        stuck = house.start("stuck", n=3)
        answer = self.callers["holder"].post(f"/tasks/{house.task(stuck)['id']}/complete", {})
        self.ids["incident"] = answer.json["incident_id"]

    def _ballots(self) -> None:
        """A ballot of the holder and the candidate, begun by the starter."""
        house = self.site.house
        instance_id = house.start("council", by=house.actors["starter"])
        self.ids["ballot"] = house.queries.ballots.of_instance(instance_id)[0]["id"]

    def _organisation(self) -> None:
        admin = self.callers["admin"]
        self.ids["department"] = admin.post("/departments", {"code": "A", "name": "审批局"}).json["id"]
        admin.post("/posts", {"key": "chief", "name": "科长"})
        self.ids["post"] = "chief"
        admin.post("/calendar/years", {"text": "date,kind,name\n2026-10-01,rest,国庆节\n"})
        self.ids["year"] = "2026"
        self.ids["token"] = self.site.token("staff").split("_")[1]

    def _cases(self) -> None:
        admin, clerk = self.callers["admin"], self.callers["clerk"]
        admin.upload("/deployments", FILES)
        case = clerk.post("/cases", NEW_CASE).json["no"]
        added = clerk.upload(f"/cases/{case}/materials/M02/files", {"a.txt": b"x"}, field="file")
        document = clerk.get(f"/cases/{case}").json["documents"][0]["id"]
        self.ids |= {"no": case, "file": added.json["id"], "document": document, "item": CODE}
        breach = {"applicant_name": "某公司", "applicant_id": "91430105MA4L00000X", "reason": "列入名单"}
        self.ids["credit"] = admin.post("/credit-events", breach).json["id"]
        supervisor = self.callers["supervisor"]
        self.ids["card"] = supervisor.post("/cards", {"no": case, "level": "yellow", "reason": "x"}).json["id"]
        self.ids["order"] = supervisor.post("/supervision-orders", {"no": case, "level": 2, "text": "x"}).json["id"]

    def without_scope(self, login: str, verb: Verb) -> Client:
        """``login`` with every scope but the one that ``verb`` needs; a verb without scope is for sessions only."""
        scope = SCOPE_OF.get(verb)
        return self.callers[login] if scope is None else self._lacking[login, scope]

    def fill(self, text: str) -> str:
        return text.format(**self.ids)

    def filled(self, body: Any) -> Any:
        """``body`` with ids in place of texts such as "{task}"."""
        if isinstance(body, str):
            return self.ids[body[1:-1]] if body.startswith("{") and body.endswith("}") else body
        if isinstance(body, dict):
            return {key: self.filled(value) for key, value in body.items()}
        return body
