"""Signing in and out: server-side sessions of which only the hash is stored, and the brake on guessing passwords.

Sessions and the brake run by the wall clock, which the caller reads (``at``, ISO 8601 with zone): a frozen engine clock,
made for demonstrations, must neither keep a forgotten session alive for ever nor lock somebody out for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.context import Command
from engine.errors import NotSignedIn, TooManyRequests
from engine.people import PersonSignedIn, PersonSignedOut, SignInBlocked
from engine.records import record
from engine.store import tables

if TYPE_CHECKING:
    from engine.context import CommandContext

IDLE = timedelta(minutes=30)
LIFETIME = timedelta(hours=8)
FORGET_FAILURES = timedelta(hours=24)
BLOCK_FIRST = timedelta(seconds=15)
BLOCK_LONGEST = timedelta(minutes=15)  # at most 96 further guesses a day

# How many wrong passwords are free. An office often shares one address, so an address has more.
FREE_FAILURES = {"account": 5, "address": 30}


@record
class CountSignInTry(Command):
    """Count a try *before* the password is checked, so that parallel guesses cannot slip through; refuse it while blocked.

    ``subjects`` are "account:<login>" and "address:<ip>". A right password takes the count back (OpenSession).
    """

    subjects: tuple[str, ...]
    at: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        at = datetime.fromisoformat(self.at)
        rows = {subject: context.uow.get(tables.login_throttle, (subject,)) for subject in self.subjects}
        blocked = [row["blocked_until"] for row in rows.values() if row is not None and row["blocked_until"] > at]
        if blocked:
            seconds = int((max(blocked) - at).total_seconds()) + 1
            raise TooManyRequests(
                f"密码输错次数太多，请 {seconds} 秒后再试；忘记密码请联系管理员重置。",
                f"Too many wrong passwords. Try again in {seconds} seconds, or ask an administrator for a new password.",
                retry_after=seconds,
            )
        for subject, row in rows.items():
            self._count(context, subject, row, at)
        return {}

    def _count(self, context: CommandContext, subject: str, row: Any, at: datetime) -> None:
        fresh = row is None or row["blocked_until"] + FORGET_FAILURES < at
        failures = 1 if fresh else row["failures"] + 1
        blocked_until = at + block_after(failures, free=FREE_FAILURES[subject.split(":")[0]])
        values = {"failures": failures, "blocked_until": blocked_until}
        if row is None:
            context.uow.insert(tables.login_throttle, {"subject": subject, **values})
        else:
            context.uow.update(tables.login_throttle, (subject,), values)
        if blocked_until > at:
            context.record_admin(SignInBlocked(subject=subject, failures=failures, blocked_until=blocked_until))


def block_after(failures: int, *, free: int) -> timedelta:
    """How long to refuse after so many failures in a row: nothing while they are free, then doubling up to 15 minutes."""
    over = failures - free
    if over < 0:
        return timedelta(0)
    return min(BLOCK_FIRST * (1 << min(over, 10)), BLOCK_LONGEST)


@record
class OpenSession(Command):
    """Sign a person in whose password was right; ``id_hash`` is the hash of the new random session id.

    ``password_hash`` is set when the stored one is to be made stronger. Old sessions of the person that have run out are swept.
    """

    login: str
    id_hash: str
    csrf: str
    at: str
    address: str = ""
    password_hash: str | None = None

    def execute(self, context: CommandContext) -> dict[str, Any]:
        at = datetime.fromisoformat(self.at)
        person = context.person(self.login)
        if person["disabled"]:
            raise NotSignedIn("账号已停用，请联系管理员。", "The account is disabled; ask an administrator.")
        session = tables.session
        stale = (session.c.created_at < at - LIFETIME) | (session.c.seen_at < at - IDLE)
        context.uow.execute(session.delete().where(session.c.login == self.login, stale))
        row = {"id_hash": self.id_hash, "login": self.login, "csrf": self.csrf, "created_at": at, "seen_at": at}
        context.uow.insert(session, row | {"address": self.address[:64]})
        self._take_back_try(context)
        if self.password_hash is not None:
            context.uow.update(tables.person, (self.login,), {"password_hash": self.password_hash})
        context.record_admin(PersonSignedIn(login=self.login, address=self.address))
        return {"login": self.login}

    def _take_back_try(self, context: CommandContext) -> None:
        """The account starts afresh; the address only gets this one try back, or guessing between own sign-ins were free."""
        account, address = f"account:{self.login.lower()}", f"address:{self.address}"
        if context.uow.get(tables.login_throttle, (account,)) is not None:
            context.uow.delete(tables.login_throttle, (account,))
        row = context.uow.get(tables.login_throttle, (address,))
        if row is not None:
            context.uow.update(tables.login_throttle, (address,), {"failures": max(row["failures"] - 1, 0)})


@record
class TouchSession(Command):
    """Note that a session is in use; the caller does so at most once a minute."""

    id_hash: str
    at: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        context.uow.update(tables.session, (self.id_hash,), {"seen_at": datetime.fromisoformat(self.at)})
        return {}


@record
class CloseSession(Command):
    """Sign out: the session is gone at once."""

    id_hash: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_OWN_ACCOUNT)
        row = context.uow.get(tables.session, (self.id_hash,))
        if row is not None and row["login"] == context.actor.login:
            context.uow.delete(tables.session, (self.id_hash,))
            context.record_admin(PersonSignedOut(login=context.actor.login))
        return {}
