"""What the first start puts into an empty database: an administrator, and samples to try everything with."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine import passwords
from engine.access import Role
from engine.cli.composition import OPERATOR
from engine.commands.people import CreatePerson
from engine.passwords import Passwords
from engine.process_engine import ProcessEngine
from engine.store.queries import Queries

ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStart:
    """What the person at the terminal must know after the first start, and is told only then."""

    login: str
    password: str

    def lines(self) -> Iterator[str]:
        yield "首次启动，管理员密码只显示这一次 · first start; this password is shown only once:"
        yield f"账号 login     {self.login}"
        yield f"密码 password  {self.password}"


def seed(engine: ProcessEngine, queries: Queries) -> FirstStart | None:
    """Fill an empty database and return the administrator's password; None when there are people already."""
    if queries.admin.people(limit=1).rows:
        return None
    password = passwords.generate()
    admin = CreatePerson(
        login=ADMIN,
        name="管理员",
        roles=(Role.ADMIN.value, Role.DESIGNER.value, Role.STAFF.value),
        password_hash=Passwords().hash(password),
    )
    engine.execute(admin, actor=OPERATOR)
    return FirstStart(login=ADMIN, password=password)
