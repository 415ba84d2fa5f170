"""The strategies: each turns one call of the language into people, in order (table rows C1 to C10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.runtime.who.facts import Bar, Course, Department, Directory
from engine.runtime.who.language import Call, Who
from engine.runtime.who.resolution import Candidate, Note
from engine.runtime.who.standing import Ground

MAX_PEOPLE: Final = 500  # one task is for people; a whole city is a mistake in the model


@dataclass(slots=True)
class Finder:
    """Finds people for one task and takes notes on the way."""

    directory: Directory
    course: Course
    bar: Bar
    notes: list[Note] = field(default_factory=list)

    def find(self, who: Who) -> list[Candidate]:
        """The people of the first alternative that finds somebody who may act; of the last one when none does."""
        found: list[Candidate] = []
        for position, alternative in enumerate(who.alternatives):
            if position:
                self._note(
                    "else",
                    "前面的策略没有找到能办理的人，改用备用策略",
                    "nobody who may act was found, the next one is used",
                )
            found = self._joined(alternative)
            if any(self.bar.against(each.login) is None for each in found):
                break
        return found

    def _joined(self, calls: Iterable[Call]) -> list[Candidate]:
        found: dict[str, Candidate] = {}
        for call in calls:
            for login, group in self.people(call):
                if login in found:
                    self._note("twice", "经多种途径选中，只计一次", "was found in several ways and counts once", login)
                elif len(found) < MAX_PEOPLE:
                    found[login] = Candidate(login=login, by=call.text, group=group)
                else:
                    self._note(
                        "too-many",
                        f"超过 {MAX_PEOPLE} 人，其余略去",
                        f"more than {MAX_PEOPLE} people, the rest is left out",
                    )
                    return list(found.values())
        return list(found.values())

    def people(self, call: Call) -> Iterator[tuple[str, str | None]]:
        """The logins that one call finds, each with the pool that it comes from."""
        strategy = _STRATEGIES[call.name]
        for found in strategy(self, call):
            yield found if isinstance(found, tuple) else (found, None)

    # ---- the organisation

    def _users(self, call: Call) -> Iterable[str]:
        return call.words

    def _groups(self, call: Call) -> Iterator[tuple[str, str]]:
        for key in call.words:
            members = self.directory.group_members(key)
            if not members:
                state = (
                    ("没有办理组", "there is no group")
                    if members is None
                    else ("组里没有人：", "nobody is in the group")
                )
                self._note("group-empty", f"{state[0]}「{key}」", f"{state[1]} {key!r}")
            for login in members or ():
                yield login, key

    def _roles(self, call: Call) -> Iterator[str]:
        for role in call.words:
            holders = self.directory.role_holders(role)
            if not holders:
                self._note("role-empty", f"没有人具有角色「{role}」", f"nobody has the role {role!r}")
            yield from holders or ()

    def _posts(self, call: Call) -> Iterator[str]:
        place = call.call("in")
        department = None if place is None else self._department(place)
        if place is not None and department is None:
            return
        for key in call.words:
            holders = self.directory.post_holders(key, department.id if department else None)
            if not holders:
                where = f"{department.name}的" if department else ""
                self._note("post-empty", f"{where}岗位「{key}」没有人", f"nobody holds the post {key!r}")
            yield from holders or ()

    def _departments(self, call: Call) -> Iterator[str]:
        for code in call.words:
            department = self.directory.department(code)
            if department is None:
                self._note("department-unknown", f"没有部门「{code}」", f"there is no department {code!r}")
            else:
                yield from self.directory.department_members(department.id, below=call.yes("below"))

    # ---- leaders

    def _leader(self, call: Call) -> Iterator[str]:
        level = call.number("level", 1)
        above = list(self._above(call, level))
        if above:
            if len(above) < level:
                self._note(
                    "beyond-the-top",
                    f"没有第 {level} 级，取最高一级的负责人",
                    f"there is no level {level}; the leader at the top is taken",
                )
            yield above[-1]

    def _leaders(self, call: Call) -> Iterator[str]:
        yield from dict.fromkeys(self._above(call, call.number("upto", MAX_PEOPLE)))

    def _above(self, call: Call, levels: int) -> Iterator[str]:
        place = call.call("of") or Call("initiator", text="initiator")
        below = self._one(place)
        department = self._department(place)
        yield from self.leaders_above(department, below, levels)

    def leaders_above(self, department: Department | None, below: str | None, levels: int) -> Iterator[str]:
        """One head for each level from ``department`` up; nobody leads himself, and a vacant level does not count."""
        seen: set[str] = set()
        while department is not None and levels > 0 and department.id not in seen:
            seen.add(department.id)
            head = self._head(department, below)
            if head is not None:
                yield head
                levels -= 1
            department = self.directory.department(department.parent_id) if department.parent_id else None

    def _head(self, department: Department, below: str | None) -> str | None:
        """The leader of a department, or the first deputy when the leader cannot act; None to go on with the level above."""
        if below is not None and department.leader == below:
            return None
        heads = [login for login in department.heads if login != below]
        if not heads:
            self._note("vacant", f"{department.name}没有负责人", f"{department.name} has no leader")
            return None
        for head in heads:
            if self.bar.against(head) is None:
                if head != department.leader and department.leader is not None:
                    self._note(
                        "deputy",
                        f"{department.name}的负责人不能办理，由副职办理",
                        f"the leader of {department.name} cannot act; a deputy does",
                        head,
                    )
                return head
        return self._first_there(heads)

    def _first_there(self, heads: list[str]) -> str | None:
        """Nobody of a department's heads may act: the first of them who works here, for the policy of the excluded."""
        away = (Ground.UNKNOWN, Ground.DISABLED)
        grounds = {head: self.bar.against(head) for head in heads}
        return next((head for head in heads if (found := grounds[head]) and found.ground not in away), None)

    def _department(self, place: Call) -> Department | None:
        """The department that a place stands for: its own, or that of its person."""
        if place.name == "departments":
            found = self.directory.department(place.words[0])
            if found is None:
                self._note(
                    "department-unknown", f"没有部门「{place.words[0]}」", f"there is no department {place.words[0]!r}"
                )
            return found
        if place.name == "field":
            value = self._field_value(place)
            department = self.directory.department(value[0]) if value else None
            if department is not None:
                return department
        login = self._one(place)
        person = None if login is None else self.directory.person(login)
        if person is None or person.department_id is None:
            if login is not None:
                self._note(
                    "no-department", "没有所在部门，找不到上级", "is in no department, so there is no leader", login
                )
            return None
        return self.directory.department(person.department_id)

    def _one(self, place: Call) -> str | None:
        """The person that a place stands for; None when it stands for a department."""
        if place.name == "departments":
            return None
        return next((login for login, _ in self.people(place) if self.directory.person(login) is not None), None)

    # ---- the instance

    def _initiator(self, call: Call) -> Iterable[str]:
        if self.course.initiator is None:
            self._lacks("no-initiator", "流程不是由人发起的", "nobody has started the process by hand")
            return ()
        return (self.course.initiator,)

    def _previous(self, call: Call) -> Iterable[str]:
        found = self.course.previous()
        if not found:
            self._lacks("no-previous", "之前还没有人办理", "nobody has acted before")
        return found[:1]

    def _chosen(self, call: Call) -> Iterable[str]:
        found = self.course.chosen(call.words[0])
        if found is None:
            by = ("发起人", "the initiator") if call.words[0] == "start" else ("上一步办理人", "the step before")
            self._lacks("not-chosen", f"{by[0]}还没有选择办理人", f"{by[1]} has chosen nobody yet")
        return found or ()

    def _field(self, call: Call) -> Iterable[str]:
        return self._field_value(call)

    def _field_value(self, call: Call) -> tuple[str, ...]:
        path = call.words[0]
        found = texts(self.course.field(path))
        if not found:
            label = self.course.label(path)
            self._lacks("field-empty", f"表单字段「{label}」没有填写", f'the form field "{label}" is empty')
        return found

    def _feel(self, call: Call) -> Iterable[str]:
        found = texts(self.course.evaluate(call.words[0]))
        if not found:
            self._note("expression-empty", "表达式没有给出人", "the expression gives nobody")
        return found

    # ---- notes

    def _note(self, code: str, zh: str, en: str, login: str | None = None) -> None:
        note = Note(code=code, zh=zh, en=en, login=login)
        if note not in self.notes:
            self.notes.append(note)

    def _lacks(self, code: str, zh: str, en: str) -> None:
        self.course.lacks(zh, en)
        self._note(code, zh, en)


def texts(value: Any) -> tuple[str, ...]:
    """The logins in a value of the form: one text, a comma separated one, or a list of them."""
    items = value if isinstance(value, list | tuple) else [value]
    found: dict[str, None] = {}
    for item in items:
        if isinstance(item, str):
            found.update(dict.fromkeys(part.strip() for part in item.split(",") if part.strip()))
        elif type(item) is int:
            found[str(item)] = None
    return tuple(found)


_Strategy = Callable[[Finder, Call], Iterable[Any]]
_STRATEGIES: Final[Mapping[str, _Strategy]] = {
    "users": Finder._users,
    "groups": Finder._groups,
    "roles": Finder._roles,
    "posts": Finder._posts,
    "departments": Finder._departments,
    "leader": Finder._leader,
    "leaders": Finder._leaders,
    "initiator": Finder._initiator,
    "previous": Finder._previous,
    "chosen": Finder._chosen,
    "field": Finder._field,
    "feel": Finder._feel,
}
