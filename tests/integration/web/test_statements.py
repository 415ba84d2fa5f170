"""What a page costs in SQL statements: as many for twenty rows as for two, and never more than a bound."""

import pytest

from engine.access import Role
from engine.cli.bench.measuring import counted
from engine.commands.running.instances import StartInstance
from engine.commands.tasks.comments import AddComment
from engine.commands.tasks.copies import SendCopies
from engine.commands.tasks.handling import ClaimTask, CompleteTask
from tests.integration.web.office import Browser, Office

# The bound leaves room for what the frame of every page asks: the session, the menu with its figures, the notes.
PAGES = (
    "/inbox",
    "/inbox/offered",
    "/inbox/done",
    "/inbox/started",
    "/inbox/copies",
    "/notices",
    "/instances",
    "/cases",
)
LIST_PAGE = 26
TASK_PAGE = 54


@pytest.fixture
def reader(office: Office) -> Browser:
    """Somebody with every list, and the rights to see the long ones."""
    office.purchases()
    office.employ("boss")
    browser = office.person("zhang", "reviewers", roles=(Role.ADMIN, Role.STAFF))
    for n in range(2):
        fill(office, n)
    return browser


def fill(office: Office, n: int) -> str:
    """One more of everything for zhang: held, offered, done, started, copied. Returns the held task's address."""
    house, zhang = office.house, office.house.actors["zhang"]
    office.house.person(f"colleague{n}", "reviewers")
    rows = []
    for part in ("held", "offered", "done"):
        command = StartInstance(key="purchase", title=f"{part} {n}", variables={"project": "x", "amount": n})
        rows.append(house.task(house.engine.execute(command, actor=zhang)["id"]))
    house.engine.execute(ClaimTask(task_id=rows[0]["id"]), actor=zhang)
    done = CompleteTask(task_id=rows[2]["id"], outcome="approve", variables={"project": "x"})
    house.engine.execute(done, actor=zhang)
    copy = SendCopies(instance_id=rows[1]["instance_id"], recipients=("zhang",))
    house.engine.execute(copy, actor=house.actors[f"colleague{n}"])
    return f"/tasks/{rows[0]['id']}"


def cost(office: Office, reader: Browser, path: str) -> int:
    reader.get(path)  # what is read once for the whole server, and the read mark
    with counted(office.database.engine) as count:
        reader.get(path)
    assert reader.status == 200
    return count.statements


def test_no_list_asks_once_more_for_each_row(office: Office, reader: Browser) -> None:
    few = {path: cost(office, reader, path) for path in PAGES}
    for n in range(2, 8):
        fill(office, n)
    many = {path: cost(office, reader, path) for path in PAGES}

    assert many == few
    assert {path: n for path, n in many.items() if n > LIST_PAGE} == {}


def test_the_page_of_a_task_costs_the_same_however_long_its_story(office: Office, reader: Browser) -> None:
    path = fill(office, 10)
    row = office.house.queries.tasks.get(path.rsplit("/", 1)[1])
    assert row is not None
    office.house.engine.execute(
        AddComment(instance_id=row["instance_id"], body="0"), actor=office.house.actors["colleague1"]
    )
    few = cost(office, reader, path)
    for n in range(1, 8):
        for login in ("zhang", f"colleague{min(n, 1)}"):
            command = AddComment(instance_id=row["instance_id"], body=str(n))
            office.house.engine.execute(command, actor=office.house.actors[login])

    assert cost(office, reader, path) == few
    assert few <= TASK_PAGE
