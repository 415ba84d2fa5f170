"""What the first start puts into an empty database: an administrator, and samples to try everything with."""

from collections.abc import Iterator
from pathlib import Path

from engine import passwords
from engine.access import Actor, Role
from engine.cli import sample_calendar, sample_cases, sample_history, sample_organisation
from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.commands.administration.people import CreatePerson
from engine.passwords import Passwords
from engine.process_engine import ProcessEngine
from engine.records import record
from engine.store.queries.subjects import Queries

ADMIN = "admin"
PROCESSES = Path(__file__).resolve().parents[2] / "processes"
DEPLOYED = (".bpmn", ".form", ".toml")


@record
class FirstStart:
    """What the person at the terminal must know after the first start, and is told only then."""

    login: str
    password: str
    sample_password: str

    def lines(self) -> Iterator[str]:
        yield "首次启动，密码只显示这一次 · first start; the passwords are shown only once:"
        yield f"管理员 administrator   账号 login {self.login}   密码 password {self.password}"
        yield f"示例人员 sample people   同一密码 one password {self.sample_password}"
        for person in sample_organisation.PEOPLE:
            yield f"    {person.login:<14}{person.name}  {person.duty}"


def seed(engine: ProcessEngine, queries: Queries, *, with_cases: bool = True) -> FirstStart | None:
    """Fill an empty database and tell the passwords; None when there are people already.

    The administrator comes last, and everything before may be done twice: a first start that was interrupted begins again.
    """
    samples = {person.login for person in sample_organisation.PEOPLE}
    if any(person["login"] not in samples for person in queries.admin.people(limit=len(samples) + 1).rows):
        return None
    password, sample_password = passwords.generate(), passwords.generate()
    hashed = Passwords()
    admin = CreatePerson(
        login=ADMIN,
        name="管理员",
        roles=(Role.ADMIN.value, Role.DESIGNER.value, Role.STAFF.value),
        password_hash=hashed.hash(password),
    )
    furnish(engine, OPERATOR, hashed.hash(sample_password))
    if with_cases and not queries.cases.page(limit=1).rows:
        sample_history.live(engine, queries)
        sample_cases.file(engine)
    engine.execute(admin, actor=OPERATOR)
    return FirstStart(login=ADMIN, password=password, sample_password=sample_password)


def furnish(engine: ProcessEngine, actor: Actor, password_hash: str | None) -> None:
    """Calendar, organisation, and the processes of the repository with their items."""
    sample_calendar.load(engine, actor)
    sample_organisation.found(engine, actor, password_hash)
    deploy(engine, actor)


def deploy(engine: ProcessEngine, actor: Actor, folder: Path = PROCESSES) -> list[str]:
    """Deploy every process of ``folder``, each with its forms and its item; return the codes of the items."""
    items: list[str] = []
    for process in sorted(path for path in folder.iterdir() if path.is_dir()):
        answer = engine.execute(DeployResources(name=process.name, files=files_of(process)), actor=actor)
        items.extend(answer["items"])
    return items


def files_of(process: Path) -> dict[str, bytes]:
    """The files of one process folder that are deployed, by name within the folder above it."""
    found = sorted(path for path in process.rglob("*") if path.suffix in DEPLOYED)
    return {path.relative_to(process.parent).as_posix(): path.read_bytes() for path in found}
