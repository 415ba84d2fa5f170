"""What a leaver has: instances with open tasks, planned signatures and votes, proxies, groups. Read rarely, by an administrator."""

from __future__ import annotations

from sqlalchemy import Text, bindparam, or_, select, type_coerce

from engine.runtime.proxy import ProxyRule
from engine.store.base.unit_of_work import UnitOfWork, Values
from engine.store.rows.proxies import rule_of
from engine.store.tables import (
    ballot,
    ballot_member,
    choice,
    department,
    membership,
    process_instance,
    proxy_rule,
    task,
    task_offer,
)

_HELD = (
    select(task.c.instance_id)
    .where(
        task.c.closed_at.is_(None),
        or_(task.c.assignee == bindparam("login"), task.c.principal == bindparam("login")),
    )
    .distinct()
)
_OFFERED = (
    select(task.c.instance_id)
    .join(task_offer, task_offer.c.task_id == task.c.id)
    .where(task_offer.c.candidate == bindparam("candidate"))
    .distinct()
)
_PLANNED = (
    select(task.c.instance_id)
    .join(process_instance, process_instance.c.id == task.c.instance_id)
    .where(
        process_instance.c.ended_at.is_(None),
        type_coerce(task.c.signers, Text).like(bindparam("signer"), escape="\\"),
    )
    .distinct()
)
_VOTERS = (
    select(ballot_member.c.ballot_id, ballot.c.instance_id)
    .join(ballot, ballot.c.id == ballot_member.c.ballot_id)
    .where(ballot_member.c.login == bindparam("login"), ballot_member.c.state == "member", ballot.c.state == "open")
)
_RULES = (
    select(proxy_rule)
    .where(
        proxy_rule.c.active,
        or_(proxy_rule.c.principal == bindparam("login"), proxy_rule.c.proxy == bindparam("login")),
    )
    .order_by(proxy_rule.c.starts_at, proxy_rule.c.id)
)
_CHOSEN = (
    select(choice.c.instance_id, choice.c.element_id, choice.c.logins)
    .join(process_instance, process_instance.c.id == choice.c.instance_id)
    .where(
        process_instance.c.ended_at.is_(None),
        type_coerce(choice.c.logins, Text).like(bindparam("quoted"), escape="\\"),
    )
    .order_by(choice.c.element_id)
)
_LED = select(department).order_by(department.c.code)
_GROUPS = (
    select(membership.c.group_key).where(membership.c.login == bindparam("login")).order_by(membership.c.group_key)
)


def instances(uow: UnitOfWork, login: str) -> list[str]:
    """The running instances in which the leaver has something, in the order in which they are locked."""
    found = {row[0] for row in uow.all(_HELD, {"login": login})}
    found |= {row[0] for row in uow.all(_OFFERED, {"candidate": f"user:{login}"})}
    found |= {row[0] for row in uow.all(_PLANNED, {"signer": f'%"login":"{_literally(login)}"%'})}
    found |= {row.instance_id for row in uow.all(_CHOSEN, {"quoted": f'%"{_literally(login)}"%'})}
    found |= {row.instance_id for row in uow.all(_VOTERS, {"login": login})}
    return sorted(found)


def votes(uow: UnitOfWork, login: str, instance_id: str) -> list[str]:
    """The open ballots of an instance in which the leaver is a member."""
    return [row.ballot_id for row in uow.all(_VOTERS, {"login": login}) if row.instance_id == instance_id]


def chosen(uow: UnitOfWork, login: str, instance_id: str) -> list[str]:
    """The elements of an instance for which the leaver was chosen."""
    rows = uow.all(_CHOSEN, {"quoted": f'%"{_literally(login)}"%'})
    return [row.element_id for row in rows if row.instance_id == instance_id and login in row.logins]


def led(uow: UnitOfWork, login: str) -> list[Values]:
    """The departments that he leads, or where he is a deputy."""
    rows = (dict(row._mapping) for row in uow.all(_LED))
    mine = [row for row in rows if login == row["leader"] or login in (row["deputies"] or ())]
    return [uow.remember(department, row) for row in mine]


def _literally(login: str) -> str:
    return login.replace("_", "\\_")  # the one sign of a login that means something to LIKE


def rules(uow: UnitOfWork, login: str) -> list[ProxyRule]:
    """The proxies that he has granted or holds and that are not over."""
    return [rule_of(row) for row in uow.all(_RULES, {"login": login})]


def groups(uow: UnitOfWork, login: str) -> list[str]:
    """The candidate groups to which he belongs."""
    return [row.group_key for row in uow.all(_GROUPS, {"login": login})]


def tasks(uow: UnitOfWork, instance_id: str) -> list[Values]:
    """All tasks of an instance, the closed ones too: a plan of signers can stand in one that is done."""
    found = uow.all(select(task).where(task.c.instance_id == instance_id).order_by(task.c.created_at, task.c.id))
    return [uow.remember(task, dict(row._mapping)) for row in found]
