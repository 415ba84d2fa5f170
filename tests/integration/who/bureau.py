"""A small bureau with a tree of departments and people who lead them, and processes with one approval in a line."""

from __future__ import annotations

from typing import Any

from engine.access import Actor, Role
from engine.store import tables
from tests.integration.engine.house import House, bpmn, flows

APPROVE = 'banjie:outcomes="approve:同意,reject:不同意"'


class Bureau(House):
    """Office (led by mayor) > section (led by chief, deputy vice) > desk (led by head); initiator zhou works at the desk."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.department("office", None)
        self.department("section", "office")
        self.department("desk", "section")
        for login, department in (
            ("mayor", "office"),
            ("chief", "section"),
            ("vice", "section"),
            ("head", "desk"),
            ("zhou", "desk"),
            ("qian", "desk"),
        ):
            self.worker(login, department)
        self.lead("office", "mayor")
        self.lead("section", "chief", "vice")
        self.lead("desk", "head")

    def department(self, code: str, parent: str | None) -> None:
        with self.database.write() as connection:
            connection.execute(
                tables.department.insert(), {"id": code, "code": code, "name": code.title(), "parent_id": parent}
            )

    def worker(
        self, login: str, department: str | None, *groups: str, roles: tuple[Role, ...] = (Role.STAFF,)
    ) -> Actor:
        actor = self.person(login, *groups, roles=roles)
        self.set_person(login, department_id=department)
        return actor

    def set_person(self, login: str, **values: Any) -> None:
        with self.database.write() as connection:
            connection.execute(tables.person.update().where(tables.person.c.login == login).values(**values))

    def lead(self, code: str, leader: str | None, *deputies: str) -> None:
        department = tables.department
        with self.database.write() as connection:
            values = {"leader": leader, "deputies": list(deputies)}
            connection.execute(department.update().where(department.c.id == code).values(**values))

    def post(self, key: str, *holders: tuple[str, str]) -> None:
        with self.database.write() as connection:
            connection.execute(tables.post.insert(), {"key": key, "name": key})
            rows = [{"login": login, "post_key": key, "department_id": department} for login, department in holders]
            connection.execute(tables.person_post.insert(), rows)

    def one(self, settings: str, *, key: str = "one") -> None:
        """Deploy start > fill (by the initiator) > approve (with these settings) > end."""
        body = (
            '<startEvent id="start"/><userTask id="fill" name="填写" banjie:assignee="${initiator}"/>'
            f'<userTask id="approve" name="审批" {settings} {APPROVE if "outcomes" not in settings else ""}/>'
            '<endEvent id="end"/>' + flows("start-fill", "fill-approve", "approve-end")
        )
        self.deploy(bpmn(body, key=key))

    def at_approval(self, settings: str, *, by: str = "zhou", **variables: Any) -> str:
        """Deploy ``one``, start it, fill it in; returns the instance's id."""
        self.one(settings)
        instance_id = self.start("one", by=self.actors[by])
        self.complete(self.task(instance_id, "fill"), self.actors[by], **variables)
        return instance_id

    def rows(self, instance_id: str, element_id: str = "approve") -> list[dict[str, Any]]:
        return [row for row in self.queries.tasks.of_instance(instance_id) if row["element_id"] == element_id]

    def row(self, instance_id: str, element_id: str = "approve") -> dict[str, Any]:
        found = self.rows(instance_id, element_id)
        assert len(found) == 1, found
        return found[0]

    def who(self, settings: str, *, by: str = "zhou", **variables: Any) -> list[str]:
        """Whom the approval goes to: the holder, or all candidates (pools as "group:key")."""
        row = self.row(self.at_approval(settings, by=by, **variables))
        if row["assignee"]:
            return [row["assignee"]]
        return [*row["candidate_users"], *(f"group:{key}" for key in row["candidate_groups"])]
