"""Reading cases 办件: lists, one case by its number, and everything that hangs on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from engine.access import InstanceFacts
from engine.approval.certificate import Certificate, are_kept, of_case
from engine.runtime.task import OPEN
from engine.store.base.database import Database
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.base.totals import counted, counting
from engine.store.queries.instances import InstanceQueries
from engine.store.rows.cases import TAKES_MATERIALS, keepers, readers
from engine.store.tables import attachment, case_file, clock, credit_event, document, material, opinion, task

_LISTED = [column for column in case_file.c if column.key not in ("form", "facts", "applicant", "query_code_hash")]


class CaseQueries:
    """Reads cases. Lists are newest first and page by key."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._instances = InstanceQueries(database)

    def page(
        self,
        *,
        text: str = "",
        item_code: str | None = None,
        state: str | None = None,
        filed_by: str | None = None,
        created_from: datetime | None = None,
        created_until: datetime | None = None,
        after: str | None = None,
        limit: int = 20,
        count: bool = False,
    ) -> Page:
        """Cases, narrowed by number, title or applicant (``text``), item, state, who filed, and when. With ``count`` also how
        many they are in all."""
        limit = clamp(limit)
        given = {"item_code": item_code, "filed_by": filed_by, "state": state}
        equal: list[Any] = [case_file.c[name] == value for name, value in given.items() if value]
        by_index, others = equal[:1], equal[1:]
        if created_from is not None:
            by_index.append(case_file.c.created_at >= created_from)
        if created_until is not None:
            by_index.append(case_file.c.created_at < created_until)
        if text:
            pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            columns = (case_file.c.no, case_file.c.title, case_file.c.applicant_name, case_file.c.applicant_id)
            others.append(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
        later = behind(after, case_file.c.created_at, case_file.c.id, descending=True)
        order = (case_file.c.created_at.desc(), case_file.c.id.desc())
        statement = select(*_LISTED).where(*by_index, *others, *([] if later is None else [later])).order_by(*order)
        found = page(self._rows(statement.limit(limit + 1)), limit, "created_at", "id")
        return counted(found, after, self._rows, counting(case_file, by_index, others)) if count else found

    def get(self, no: str) -> Row | None:
        """One case by its number, or None."""
        return self._one(select(case_file).where(case_file.c.no == no))

    def by_id(self, case_id: str) -> Row | None:
        """One case by its id, or None."""
        return self._one(select(case_file).where(case_file.c.id == case_id))

    def number_of_instance(self, instance_id: str) -> str | None:
        """The number of the case that this process instance handles, or None when it runs alone."""
        row = self._one(select(case_file.c.no).where(case_file.c.instance_id == instance_id))
        return None if row is None else row["no"]

    def facts(self, row: Row) -> InstanceFacts:
        """What the access rules need to know of a case: its instance's people and who filed it."""
        if row["instance_id"] is not None:
            found = self._instances.facts(row["instance_id"])
            if found is not None:
                people, groups = readers(row)
                return replace(
                    found,
                    instance_id=row["no"],
                    started_by=row["filed_by"],
                    takes_materials=row["state"] in TAKES_MATERIALS,
                    offered_users=found.offered_users | people,
                    offered_groups=found.offered_groups | groups,
                    keepers=keepers(row),
                    inspectors=self._inspectors(row["id"]),
                )
        return InstanceFacts(instance_id=row["no"], started_by=row["filed_by"])

    def _inspectors(self, case_id: str) -> frozenset[str]:
        """Who hold an open task of a verification of this case."""
        held = (
            select(task.c.assignee, case_file.c.facts)
            .join(case_file, case_file.c.instance_id == task.c.instance_id)
            .where(case_file.c.parent_id == case_id, task.c.state.in_(OPEN), task.c.assignee.is_not(None))
        )
        return frozenset(row["assignee"] for row in self._rows(held) if "verification" in row["facts"])

    def children(self, case_id: str) -> list[Row]:
        """Cases that hang under this one (verification after a commitment, parts of a package), with what tells who may see
        them."""
        return self._rows(
            select(*_LISTED, case_file.c.facts).where(case_file.c.parent_id == case_id).order_by(case_file.c.no)
        )

    def materials(self, case_id: str) -> list[Row]:
        """The materials of a case in the order of the guide, each with its attachments (newest first, not removed ones)."""
        rows = self._rows(select(material).where(material.c.case_id == case_id).order_by(material.c.code))
        files = self.attachments(case_id)
        for row in rows:
            row["material_class"] = row.pop("class")
            row["attachments"] = [file for file in files if file["material_code"] == row["code"]]
        return rows

    def attachments(self, case_id: str) -> list[Row]:
        """The files of a case that were not removed, newest first."""
        present = (attachment.c.case_id == case_id) & attachment.c.removed_at.is_(None)
        return self._rows(select(attachment).where(present).order_by(attachment.c.uploaded_at.desc(), attachment.c.id))

    def attachment(self, attachment_id: str) -> Row | None:
        """One file that was not removed, or None."""
        present = (attachment.c.id == attachment_id) & attachment.c.removed_at.is_(None)
        return self._one(select(attachment).where(present))

    def clocks(self, case_id: str) -> list[Row]:
        """The limits of a case 时限, in the order in which they began."""
        rows = self._rows(select(clock).where(clock.c.case_id == case_id))
        return sorted(rows, key=lambda row: row["facts"]["seq"])

    def opinions(self, case_id: str) -> list[Row]:
        """The opinions of the departments, by round."""
        ordered = (opinion.c.round, opinion.c.given_at, opinion.c.branch)
        return self._rows(select(opinion).where(opinion.c.case_id == case_id).order_by(*ordered))

    def documents(self, case_id: str) -> list[Row]:
        """The documents that were issued 文书, oldest first."""
        rows = self._rows(select(document).where(document.c.case_id == case_id))
        return sorted(rows, key=lambda row: (row["issued_at"], row["facts"].get("seq", 0)))

    def certificates(self, row: Row) -> list[Certificate]:
        """The licences that a case granted 证照, each by itself, in the order in which they were made."""
        kept = are_kept(row["facts"])
        papers = () if kept else (each for each in self.documents(row["id"]) if each["kind"] == "certificate")
        return of_case(row["facts"], holder=row["applicant_name"], papers=papers)

    def document(self, document_id: str) -> Row | None:
        """One document, or None."""
        return self._one(select(document).where(document.c.id == document_id))

    def credit(self, applicant_id: str) -> list[Row]:
        """What was recorded against an applicant 失信记录, oldest first, repaired ones too."""
        ordered = (credit_event.c.recorded_at, credit_event.c.id)
        return self._rows(select(credit_event).where(credit_event.c.applicant_id == applicant_id).order_by(*ordered))

    def _one(self, statement: Select[Any]) -> Row | None:
        rows = self._rows(statement)
        return rows[0] if rows else None

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]
