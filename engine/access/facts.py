"""Who asks, and what the rules need to know of the thing that is asked about."""

from engine.access.verbs import Role, Scope
from engine.records import record


@record
class Actor:
    """The person (or the system) who asks. ``scopes`` is None for a session, a set for an API token."""

    login: str
    name: str = ""
    roles: frozenset[Role] = frozenset()
    groups: frozenset[str] = frozenset()
    department_id: str | None = None
    leads: frozenset[str] = frozenset()  # ids of the departments whose head (负责人) the person is
    scopes: frozenset[Scope] | None = None
    language: str = "zh"
    stands_in: bool = False  # for somebody, by a proxy rule; who is nobody's proxy costs no look-up

    def is_any(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(login="system", name="系统", roles=frozenset({Role.SYSTEM}))


@record
class TaskFacts:
    """What the rules need to know of a task, and of the instance or case around it."""

    task_id: str
    assignee: str | None
    candidate_users: frozenset[str] = frozenset()
    candidate_groups: frozenset[str] = frozenset()
    closed_by: str | None = None
    involved: frozenset[str] = frozenset()  # as in InstanceFacts
    informed: frozenset[str] = frozenset()  # as in InstanceFacts
    proxies: frozenset[str] = frozenset()  # who may take it now in its holder's place
    principal: str | None = None  # on whose behalf its holder has it

    def offered_to(self, actor: Actor) -> bool:
        return actor.login in self.candidate_users or not self.candidate_groups.isdisjoint(actor.groups)


@record
class InstanceFacts:
    """What the rules need to know of an instance or case."""

    instance_id: str
    started_by: str | None = None
    involved: frozenset[str] = frozenset()  # logins that hold or closed a task of it
    informed: frozenset[str] = (
        frozenset()
    )  # logins that got a copy of it or were mentioned in it: they may see it, no more
    offered_users: frozenset[str] = frozenset()  # candidates of its open tasks
    offered_groups: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()  # logins that hold an open task of it
    unclaimed_users: frozenset[str] = frozenset()  # candidates of its open tasks that nobody holds
    unclaimed_groups: frozenset[str] = frozenset()
    takes_materials: bool = False  # a case that still takes materials from whoever filed it
    chairs: frozenset[str] = frozenset()  # logins that chair the ballot in question
    keepers: frozenset[str] = frozenset()  # groups that answer for a case as a whole: the centre of the hotline
    heads: frozenset[str] = frozenset()  # who lead the department that is responsible for a case
    inspectors: frozenset[str] = frozenset()  # who hold a task of the verification of a case now
    proxies: frozenset[str] = (
        frozenset()
    )  # who may take an open task of it now in somebody's place: they may look first


@record
class CardFacts:
    """What the rules need to know of a card, a supervision order or a finding of a scan."""

    card_id: str
    department_id: str | None = None  # the responsible one
    responsible: frozenset[str] = frozenset()  # logins that have, or had, the work
    receivers: frozenset[str] = frozenset()  # logins that were told


Thing = TaskFacts | InstanceFacts | CardFacts | None
