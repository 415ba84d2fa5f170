"""What strategies ask of the world: the organisation, the course of the instance, and who is barred. Protocols and values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from engine.records import record
from engine.runtime.who.policies import OnRepeat
from engine.runtime.who.standing import Refusal


@record
class Person:
    """Somebody who works here."""

    login: str
    name: str = ""
    department_id: str | None = None
    disabled: bool = False


@record
class Department:
    """A department with those who lead it: ``heads`` are its leader, then its deputies in their order."""

    id: str
    code: str
    name: str
    parent_id: str | None = None
    leader: str | None = None
    deputies: tuple[str, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        return ((self.leader,) if self.leader else ()) + self.deputies


class Directory(Protocol):
    """The organisation as it is now. Lists are ordered by login; unknown keys give None."""

    def person(self, login: str) -> Person | None: ...
    def department(self, reference: str) -> Department | None:
        """By code or by id."""

    def group_members(self, key: str) -> tuple[str, ...] | None: ...
    def role_holders(self, role: str) -> tuple[str, ...] | None: ...
    def post_holders(self, key: str, department_id: str | None) -> tuple[str, ...] | None: ...
    def department_members(self, department_id: str, *, below: bool) -> tuple[str, ...]: ...
    def burden(self, logins: Collection[str]) -> Mapping[str, int]:
        """How many open tasks each of them holds."""

    def last_turn(self) -> str | None:
        """Who got the task of this element last, for round robin."""


class Bar(Protocol):
    """Who may not act at the element in question."""

    def against(self, login: str) -> Refusal | None: ...


class Course(Protocol):
    """What has happened in the instance, and its data, as the element in question sees them."""

    @property
    def initiator(self) -> str | None: ...
    def previous(self) -> tuple[str, ...]:
        """Who acted at the step before; the last one first."""

    def field(self, path: str) -> Any:
        """The value of a form field, or None."""

    def label(self, path: str) -> str:
        """How people call that field, as far as somebody reads it now."""

    def evaluate(self, source: str) -> Any:
        """The value of a FEEL expression."""

    def chosen(self, by: str) -> tuple[str, ...] | None:
        """Who was chosen for this element by "start" or "previous"; None when nobody chose."""

    def approved(self, where: OnRepeat) -> Mapping[str, str]:
        """Who has approved before, anywhere or at the step before: {login: name of the element}."""

    def lacks(self, zh: str, en: str) -> None:
        """Data that a strategy needs is not there. Deciding goes on with nobody; predicting raises Uncertain."""


class Uncertain(Exception):
    """A prediction cannot say who it will be, and why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
