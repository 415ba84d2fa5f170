"""The sample bureau for tests: its people, its processes, a clock that tests move, and words that read like the office."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.access import Actor, Role
from engine.bpmn.runner import Machine
from engine.calendar import SHANGHAI
from engine.cli import samples
from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.commands.cases.attachments import AddAttachment
from engine.commands.cases.filing import FileCase, WithdrawCase, WithdrawCommitment
from engine.commands.cases.materials import JudgeMaterial
from engine.commands.running import moving
from engine.commands.tasks.handling import ClaimTask, CompleteTask
from engine.context import Command, CommandContext
from engine.job_executor import JobExecutor
from engine.process_engine import ProcessEngine, build
from engine.records import record
from engine.store.base.database import Database
from engine.store.queries.subjects import Queries
from engine.store.rows import cases, people

SECRET = b"a secret for tests"
FOUNDED = datetime(2026, 1, 5, 9, 0, tzinfo=SHANGHAI)
ADMIN = Actor(login="admin", name="管理员", roles=frozenset({Role.ADMIN}))


def furnish(database: Database) -> None:
    """Fill an empty database with the calendar, the organisation and the processes of the repository."""
    samples.furnish(_engine(database, lambda: FOUNDED), OPERATOR, None)


# Definitions are immutable: what one test compiled, the next may use.
MACHINE = Machine(zone=SHANGHAI)


def _engine(database: Database, clock: Any) -> ProcessEngine:
    return build(database, MACHINE, secret=SECRET, clock=clock)


@record
class _ReadVariables(Command):
    """Look into the machine's state of a case."""

    no: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = cases.by_number(context.uow, self.no)
        assert row is not None
        return dict(moving.load(context, row["instance_id"]).variables)


@dataclass
class Bureau:
    """A furnished database with an engine whose clock stands at ``now``."""

    database: Database
    now: datetime = FOUNDED
    engine: ProcessEngine = field(init=False)
    queries: Queries = field(init=False)
    files: int = 0

    def __post_init__(self) -> None:
        self.engine = _engine(self.database, lambda: self.now)
        self.queries = Queries(self.database)

    # ---- time

    def at(self, text: str) -> None:
        """Move the clock to a local moment (``2026-09-24 10:00``) and let everything that is due by then happen, in order."""
        target = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        executor = JobExecutor(self.engine)
        while (due := self._next_due()) is not None and due <= target:
            self.now = max(self.now, due)
            executor.run_until_idle()
        self.now = target
        executor.run_until_idle()

    def _next_due(self) -> datetime | None:
        rows = self.queries.admin.jobs(state="waiting", limit=200).rows
        return min((row["due_at"] for row in rows), default=None)

    # ---- people and what they do

    def person(self, login: str) -> Actor:
        with self.database.read() as connection:
            return people.actor(connection, login)

    def execute(self, command: Command, by: str) -> dict[str, Any]:
        return self.engine.execute(command, actor=ADMIN if by == "admin" else self.person(by))

    def file(self, item_code: str, *, by: str = "chuangkou", **options: Any) -> str:
        """File a case; return its number."""
        return str(self.execute(FileCase(item_code=item_code, **options), by)["no"])

    def upload(self, no: str, code: str, *, by: str = "chuangkou") -> None:
        """Upload a file to a material (the bytes were judged and stored before)."""
        self.files += 1
        command = AddAttachment(
            no=no,
            material_code=code,
            key=f"{self.files:032x}",
            name=f"{code}.pdf",
            media_type="application/pdf",
            size=1000,
            sha256=f"{self.files:064x}",
        )
        self.execute(command, by)

    def judge(self, no: str, code: str, verdict: str, reason: str = "", *, by: str = "chuangkou") -> None:
        self.execute(JudgeMaterial(no=no, code=code, verdict=verdict, reason=reason), by)

    def withdraw(self, no: str, reason: str = "不再建设", *, by: str = "chuangkou") -> None:
        self.execute(WithdrawCase(no=no, reason=reason), by)

    def withdraw_commitment(self, no: str, *, by: str = "chuangkou") -> None:
        self.execute(WithdrawCommitment(no=no, reason="改按普通程序"), by)

    def do(
        self, by: str, no: str, element: str, outcome: str | None = None, comment: str = "", **variables: Any
    ) -> dict[str, Any]:
        """``by`` completes the open task of this element of the case that is offered or assigned to them."""
        task = self.task(by, no, element)
        command = CompleteTask(task_id=task["id"], outcome=outcome, comment=comment, variables=variables)
        return self.execute(command, by)

    def complete(self, by: str, task_id: str, outcome: str, comment: str = "") -> None:
        self.execute(CompleteTask(task_id=task_id, outcome=outcome, comment=comment), by)

    def claim(self, by: str, no: str, element: str) -> None:
        self.execute(ClaimTask(task_id=self.task(by, no, element)["id"]), by)

    def task(self, by: str, no: str, element: str) -> dict[str, Any]:
        """The open task of this element that ``by`` may work on."""
        found = [task for task in self.inbox(by) if task["business_key"] == no and task["element_id"] == element]
        assert len(found) == 1, f"{by} has {[t['element_id'] for t in self.inbox(by)]}, case has {self.open(no)}"
        return found[0]

    def inbox(self, login: str) -> list[dict[str, Any]]:
        """What a person finds in 待办 and 待认领."""
        actor = self.person(login)
        return self.queries.tasks.assigned(actor, limit=200).rows + self.queries.tasks.offered(actor, limit=200).rows

    def sees(self, login: str, no: str) -> list[str]:
        """The elements of a case that wait in a person's inbox."""
        return sorted(task["element_id"] for task in self.inbox(login) if task["business_key"] == no)

    # ---- what stands

    def case(self, no: str) -> dict[str, Any]:
        row = self.queries.cases.get(no)
        assert row is not None
        return row

    def state(self, no: str) -> str:
        return str(self.case(no)["state"])

    def open(self, no: str) -> list[str]:
        """The elements of all open tasks of a case."""
        rows = self.queries.tasks.of_instance(self.case(no)["instance_id"])
        return sorted(row["element_id"] for row in rows if row["closed_at"] is None)

    def documents(self, no: str) -> list[str]:
        """The kinds of the documents that were issued, in order."""
        return [row["kind"] for row in self.queries.cases.documents(self.case(no)["id"])]

    def document(self, no: str, kind: str) -> str:
        """The text of the latest document of a kind."""
        return self.documents_of(no, kind)[-1]

    def documents_of(self, no: str, kind: str) -> list[str]:
        """The texts of all documents of a kind, in order."""
        return [str(row["body"]) for row in self.queries.cases.documents(self.case(no)["id"]) if row["kind"] == kind]

    def opinions(self, no: str, round: int = 1) -> dict[str, str]:
        """What each department answered in a round (0 is the pre-check)."""
        rows = self.queries.cases.opinions(self.case(no)["id"])
        return {row["branch"]: row["value"] for row in rows if row["round"] == round}

    def opinion(self, no: str, branch: str, round: int = 1) -> dict[str, Any]:
        rows = self.queries.cases.opinions(self.case(no)["id"])
        return next(row for row in rows if row["branch"] == branch and row["round"] == round)

    def clock(self, no: str, kind: str) -> tuple[str, date]:
        """State and last day of the latest clock of a kind."""
        rows = [row for row in self.queries.cases.clocks(self.case(no)["id"]) if row["kind"] == kind]
        return rows[-1]["state"], date.fromisoformat(rows[-1]["facts"]["due"]["date"])

    def materials(self, no: str) -> dict[str, str]:
        return {row["code"]: row["state"] for row in self.queries.cases.materials(self.case(no)["id"])}

    def material(self, no: str, code: str) -> dict[str, Any]:
        """One material of a case with its files."""
        return next(row for row in self.queries.cases.materials(self.case(no)["id"]) if row["code"] == code)

    def credit(self, applicant_id: str) -> list[dict[str, Any]]:
        """What is recorded against an applicant."""
        return self.queries.cases.credit(applicant_id)

    def instance(self, no: str) -> dict[str, Any]:
        row = self.queries.instances.get(self.case(no)["instance_id"])
        assert row is not None
        return row

    def variables(self, no: str) -> dict[str, Any]:
        """The process variables of a case."""
        return dict(self.engine.execute(_ReadVariables(no=no), actor=ADMIN))

    @staticmethod
    def local_day(moment: datetime) -> date:
        return moment.astimezone(SHANGHAI).date()

    def history(self, no: str, *kinds: str) -> list[dict[str, Any]]:
        """The events of a case's instance, those of the named kinds."""
        rows: list[dict[str, Any]] = []
        while batch := self.queries.instances.history(
            self.case(no)["instance_id"], after=rows[-1]["seq"] if rows else 0, limit=1000
        ):
            rows += batch
        return [row for row in rows if not kinds or row["kind"] in kinds]

    def ends(self, no: str) -> list[str]:
        """The end events that were reached, in order."""
        completed = self.history(no, "ActivityCompleted")
        return [row["data"]["element_id"] for row in completed if row["data"].get("element_type") == "endEvent"]

    def alerts(self, no: str) -> list[str]:
        return [entry["alert"] for entry in self.case(no)["facts"].get("alerts", ())]

    # ---- another rule

    def with_item(self, folder: str, *replacements: tuple[str, str]) -> None:
        """Deploy an item again with other rules, as an office would that edits its item.toml."""
        files = samples.files_of(samples.PROCESSES / folder)
        name = f"{folder}/item.toml"
        text = files[name].decode()
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new)
        self.engine.execute(DeployResources(name=folder, files=files | {name: text.encode()}), actor=OPERATOR)
