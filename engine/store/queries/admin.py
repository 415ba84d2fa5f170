"""Reading for administrators and for signing in: people, departments, groups, tokens, calendar, jobs, audit."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from engine.access import Actor, Scope
from engine.calendar import WorkCalendar
from engine.errors import NotFound
from engine.store import tables
from engine.store.base.database import Database
from engine.store.base.history import ADMIN_STREAM
from engine.store.base.paging import Page, Row, behind, clamp, page
from engine.store.base.unit_of_work import UnitOfWork
from engine.store.rows import people
from engine.store.rows.calendar import CalendarCache

_PERSON_COLUMNS = [each for each in tables.person.c if each.key not in ("password_hash", "identity_hash")]


class AdminQueries:
    """Reads people, the calendar and what runs in the background."""

    def __init__(self, database: Database, region: str) -> None:
        self.database = database
        self.region = region
        self._calendar = CalendarCache(region)

    # ---- people

    def actor(self, login: str, *, scopes: frozenset[Scope] | None = None) -> Actor | None:
        """The actor for a login as the database says now, or None when unknown or disabled."""
        with self.database.read() as connection:
            try:
                return people.actor(connection, login, scopes=scopes)
            except NotFound:
                return None

    def credentials(self, login: str) -> Row | None:
        """Login, password hash and state of an account, for signing in."""
        return self._one(select(tables.person).where(tables.person.c.login == login))

    def people(
        self, *, text: str = "", department_id: str | None = None, after: str | None = None, limit: int = 50
    ) -> Page:
        """Persons by login, without their password hashes, each with its groups."""
        limit = clamp(limit)
        conditions: list[Any] = []
        if text:
            pattern = f"%{text}%"
            conditions.append(or_(tables.person.c.login.ilike(pattern), tables.person.c.name.ilike(pattern)))
        if department_id:
            conditions.append(tables.person.c.department_id == department_id)
        later = behind(after, tables.person.c.login)
        if later is not None:
            conditions.append(later)
        statement = select(*_PERSON_COLUMNS).where(*conditions).order_by(tables.person.c.login).limit(limit + 1)
        found = page(self._rows(statement), limit, "login")
        member = tables.membership
        logins = [row["login"] for row in found.rows]
        groups = self._rows(select(member).where(member.c.login.in_(logins)).order_by(member.c.group_key))
        for row in found.rows:
            row["groups"] = [each["group_key"] for each in groups if each["login"] == row["login"]]
        return found

    def person(self, login: str) -> Row | None:
        """One person without the password hash, with groups, or None."""
        row = self._one(select(*_PERSON_COLUMNS).where(tables.person.c.login == login))
        if row is not None:
            member = tables.membership
            groups = self._rows(select(member.c.group_key).where(member.c.login == login).order_by(member.c.group_key))
            row["groups"] = [each["group_key"] for each in groups]
            held = tables.person_post
            posts = select(held.c.post_key, held.c.department_id).where(held.c.login == login)
            row["posts"] = self._rows(posts.order_by(held.c.post_key, held.c.department_id))
        return row

    def names(self, logins: set[str]) -> dict[str, str]:
        """Names of persons by login, for showing who did what."""
        statement = select(tables.person.c.login, tables.person.c.name).where(tables.person.c.login.in_(sorted(logins)))
        return {row["login"]: row["name"] for row in self._rows(statement)} | {"system": "系统"}

    def departments(self) -> list[Row]:
        return self._rows(select(tables.department).order_by(tables.department.c.code))

    def groups(self) -> list[Row]:
        """Candidate groups by key, each with its number of members."""
        group, member = tables.group, tables.membership
        count = func.count(member.c.login).label("members")
        joined = group.join(member, member.c.group_key == group.c.key, isouter=True)
        statement = select(group, count).select_from(joined).group_by(*group.c).order_by(group.c.key)
        return self._rows(statement)

    def posts(self) -> list[Row]:
        """Posts by key, each with the active people who hold it: {key, name, holders: [{login, name, department_id}]}."""
        held, person = tables.person_post, tables.person
        statement = (
            select(held.c.post_key, held.c.login, held.c.department_id, person.c.name)
            .join(person, person.c.login == held.c.login)
            .where(person.c.disabled.is_(False))
            .order_by(held.c.login)
        )
        holders: dict[str, list[Row]] = {}
        for row in self._rows(statement):
            holders.setdefault(row.pop("post_key"), []).append(row)
        posts = self._rows(select(tables.post).order_by(tables.post.c.key))
        return [row | {"holders": holders.get(row["key"], [])} for row in posts]

    def members(self, group_key: str) -> list[Row]:
        """The active members of a group: {login, name}."""
        person, member = tables.person, tables.membership
        statement = (
            select(person.c.login, person.c.name)
            .join(member, member.c.login == person.c.login)
            .where(member.c.group_key == group_key, person.c.disabled.is_(False))
            .order_by(person.c.login)
        )
        return self._rows(statement)

    def tokens(self, login: str | None = None) -> list[Row]:
        """API tokens without their hashes, newest first."""
        columns = [column for column in tables.api_token.c if column.key != "secret_hash"]
        statement = select(*columns).order_by(tables.api_token.c.created_at.desc(), tables.api_token.c.id.desc())
        if login is not None:
            statement = statement.where(tables.api_token.c.login == login)
        return self._rows(statement)

    def token_by_hash(self, secret_hash: str) -> Row | None:
        return self._one(select(tables.api_token).where(tables.api_token.c.secret_hash == secret_hash))

    def session(self, id_hash: str) -> Row | None:
        return self._one(select(tables.session).where(tables.session.c.id_hash == id_hash))

    def throttle(self, subject: str) -> Row | None:
        return self._one(select(tables.login_throttle).where(tables.login_throttle.c.subject == subject))

    # ---- calendar

    def calendar(self) -> WorkCalendar:
        """The bureau's working calendar as it stands now."""
        with self.database.read() as connection:
            return self._calendar.get(UnitOfWork(connection))

    def calendar_days(self, year: int) -> list[Row]:
        day = tables.calendar_day
        span = day.c.day.between(date(year, 1, 1), date(year, 12, 31))
        return self._rows(select(day).where(day.c.region == self.region, span).order_by(day.c.day))

    def calendar_years(self) -> list[Row]:
        year = tables.calendar_year
        return self._rows(select(year).where(year.c.region == self.region).order_by(year.c.year))

    # ---- what runs in the background

    def jobs(self, *, state: str | None = None, after: str | None = None, limit: int = 50) -> Page:
        """Jobs by due time."""
        limit = clamp(limit)
        job = tables.job
        conditions: list[Any] = [] if state is None else [job.c.state == state]
        later = behind(after, job.c.due_at, job.c.id)
        if later is not None:
            conditions.append(later)
        return page(
            self._rows(select(job).where(*conditions).order_by(job.c.due_at, job.c.id).limit(limit + 1)),
            limit,
            "due_at",
            "id",
        )

    def job_counts(self, now: datetime) -> dict[str, int]:
        """{"waiting", "due", "dead"}: how the background work stands."""
        job = tables.job
        with self.database.read() as connection:
            by_state = connection.execute(select(job.c.state, func.count()).group_by(job.c.state)).all()
            due = connection.scalar(select(func.count()).where(job.c.state == "waiting", job.c.due_at <= now))
        counts: dict[str, int] = {row[0]: int(row[1]) for row in by_state}
        return {"waiting": counts.get("waiting", 0), "dead": counts.get("dead", 0), "due": int(due or 0)}

    def admin_history(self, *, before: int | None = None, limit: int = 50) -> list[Row]:
        """What administrators did, newest first: {seq, at, actor, kind, data}."""
        history = tables.history
        conditions: list[Any] = [history.c.stream == ADMIN_STREAM]
        if before is not None:
            conditions.append(history.c.seq < before)
        rows = self._rows(select(history).where(*conditions).order_by(history.c.seq.desc()).limit(clamp(limit)))
        return [
            {name: row[name] for name in ("seq", "at", "actor", "kind")} | {"data": json.loads(row["payload"])}
            for row in rows
        ]

    def credit_events(self, *, applicant_id: str | None = None, after: str | None = None, limit: int = 50) -> Page:
        """Recorded breaches, of one applicant or of all, newest first."""
        event, limit = tables.credit_event, clamp(limit)
        conditions: list[Any] = [] if applicant_id is None else [event.c.applicant_id == applicant_id]
        later = behind(after, event.c.recorded_at, event.c.id, descending=True)
        if later is not None:
            conditions.append(later)
        order = (event.c.recorded_at.desc(), event.c.id.desc())
        rows = self._rows(select(event).where(*conditions).order_by(*order).limit(limit + 1))
        return page(rows, limit, "recorded_at", "id")

    def setting(self, key: str) -> Any:
        row = self._one(select(tables.setting).where(tables.setting.c.key == key))
        return None if row is None else row["value"]

    def _one(self, statement: Select[Any]) -> Row | None:
        rows = self._rows(statement)
        return rows[0] if rows else None

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(statement)]
