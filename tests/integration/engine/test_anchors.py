"""Where all histories stood is told outside of the database: what vanishes, shrinks or is rewritten later is named."""

import ast
import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from engine.job_executor import JobExecutor
from engine.store import tables
from engine.store.base import anchor_file
from engine.store.base.anchor_file import Line
from engine.store.base.history import Head, chained, verify
from engine.store.rows import anchors
from engine.store.rows.anchors import Anchors, Comparison
from tests.integration.engine.house import LEAVE, SECRET, House

DAY = timedelta(days=1)
ROOT = Path(__file__).parents[3]


class Bureau:
    """A house with its file of anchors, and what somebody with rights on the database alone may do to it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.file = folder / "kept" / "anchors.jsonl"
        self.anchors = Anchors(file=self.file, every=DAY, secret=SECRET)
        self.li = house.person("li", "leaders")
        house.deploy(LEAVE)

    def start(self, count: int = 1) -> list[str]:
        return [self.house.start("leave") for _ in range(count)]

    def step(self, instance_id: str) -> None:
        self.house.claim(self.house.task(instance_id), self.li)

    def anchor(self) -> Line:
        line = self.anchors.take(self.house.database, self.house.now, even_if_early=True)
        assert line is not None
        return line

    def compare(self, *streams: str) -> Comparison:
        with self.house.database.read() as connection:
            return anchors.compare(connection, SECRET, self.file, streams)

    def named(self) -> list[str]:
        return [problem.stream for problem in self.compare().problems]

    def chains_are_whole(self) -> bool:
        with self.house.database.read() as connection:
            return not verify(connection, SECRET)[1]

    def do(self, *statements: str, **values: object) -> None:
        with self.house.database.write() as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    def delete(self, instance_id: str) -> None:
        with self.house.database.write() as connection:
            connection.execute(delete(tables.history).where(tables.history.c.stream == instance_id))
            tasks = select(tables.task.c.id).where(tables.task.c.instance_id == instance_id)
            for table in reversed(tables.metadata.sorted_tables):
                if "task_id" in table.c:
                    connection.execute(delete(table).where(table.c.task_id.in_(tasks)))
                if "instance_id" in table.c:
                    connection.execute(delete(table).where(table.c.instance_id == instance_id))
            instance = tables.process_instance
            connection.execute(delete(instance).where(instance.c.id == instance_id))

    def cut(self, instance_id: str, seq: int) -> None:
        """Take away what came after row ``seq``, and make the head say so."""
        rows = tables.history
        with self.house.database.write() as connection:
            connection.execute(delete(rows).where(rows.c.stream == instance_id, rows.c.seq > seq))
            end = connection.execute(
                select(rows.c.hash).where(rows.c.stream == instance_id, rows.c.seq == seq)
            ).scalar()
            instance = tables.process_instance
            head = {"history_seq": seq, "history_hash": end}
            connection.execute(update(instance).where(instance.c.id == instance_id).values(head))

    def rewrite(self, instance_id: str, seq: int, payload: str) -> None:
        """What only a holder of the secret can do: another past, with hashes that are right."""
        rows = tables.history
        with self.house.database.write() as connection:
            statement = select(rows).where(rows.c.stream == instance_id).order_by(rows.c.seq)
            head: Head | None = None
            for row in connection.execute(statement).all():
                if row.seq >= seq:
                    assert head is not None
                    told = payload if row.seq == seq else row.payload
                    head.hash = chained(
                        SECRET, head.hash, row.stream, row.seq, row.at, row.actor, row.acts_for, row.kind, told
                    )
                    place = (rows.c.stream == row.stream, rows.c.seq == row.seq)
                    connection.execute(update(rows).where(*place).values(payload=told, hash=head.hash))
                else:
                    head = Head(row.seq, row.hash)
            assert head is not None
            instance = tables.process_instance
            connection.execute(update(instance).where(instance.c.id == instance_id).values(history_hash=head.hash))


@pytest.fixture
def bureau(house: House, tmp_path: Path) -> Bureau:
    return Bureau(house, tmp_path)


def instances(line: Line) -> Sequence[str]:
    return sorted(stream for stream in line.heads if stream != "admin")


# ---------------------------------------------------------------- what an anchor tells of


def test_an_anchor_tells_of_what_changed_since_the_one_before(bureau: Bureau) -> None:
    first, second, third = bureau.start(3)

    assert instances(bureau.anchor()) == sorted([first, second, third])
    bureau.step(second)
    assert instances(bureau.anchor()) == [second]
    assert instances(bureau.anchor()) == []
    assert bureau.compare().problems == []
    assert bureau.compare().is_current


def test_the_administration_has_a_history_that_is_told_of_too(bureau: Bureau) -> None:
    assert "admin" in bureau.anchor().heads
    bureau.do("DELETE FROM history WHERE stream = 'admin'", "DELETE FROM stream_head WHERE stream = 'admin'")
    assert bureau.named() == ["admin"]


def test_one_anchor_each_day_also_when_nothing_happened(bureau: Bureau) -> None:
    house, take = bureau.house, bureau.anchors.take
    bureau.start()
    assert take(house.database, house.now) is not None
    assert take(house.database, house.now + timedelta(hours=14)) is None
    assert take(house.database, house.now + timedelta(hours=16)) is not None
    assert bureau.compare().lines == 2


def test_the_file_of_a_house_that_wants_none_stays_empty(bureau: Bureau) -> None:
    by_hand = Anchors(file=bureau.file, every=timedelta(0), secret=SECRET)
    assert by_hand.take(bureau.house.database, bureau.house.now) is None


def test_two_workers_at_once_write_one_line(bureau: Bureau) -> None:
    bureau.start(2)
    barrier, lines = threading.Barrier(2), []

    def work() -> None:
        barrier.wait()
        lines.append(bureau.anchors.take(bureau.house.database, bureau.house.now))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line is None for line in lines].count(True) == 1
    assert bureau.compare().lines == 1


def test_a_first_anchor_of_many_is_several_lines_and_goes_on_where_it_was_stopped(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "HEADS", 2)
    ids = bureau.start(5)
    told = [bureau.anchors.take(bureau.house.database, bureau.house.now) for _ in range(4)]

    assert [line and (line.more, line.whole) for line in told] == [(True, True), (True, True), (False, True), None]
    assert sorted(stream for line in told if line for stream in instances(line)) == sorted(ids)
    assert bureau.compare().problems == []


def test_another_file_begins_with_all_histories(bureau: Bureau, tmp_path: Path) -> None:
    ids = bureau.start(2)
    bureau.anchor()
    other = Anchors(file=tmp_path / "other.jsonl", every=DAY, secret=SECRET)

    line = other.take(bureau.house.database, bureau.house.now)

    assert line is not None
    assert line.whole
    assert instances(line) == sorted(ids)
    assert not bureau.compare().is_current


# ---------------------------------------------------------------- what is found


def test_an_instance_deleted_with_its_rows_is_named(bureau: Bureau) -> None:
    kept, gone = bureau.start(2)
    bureau.anchor()
    bureau.delete(gone)

    assert bureau.chains_are_whole()
    (problem,) = bureau.compare().problems
    assert problem.stream == gone
    assert "整个历史都不在了" in problem.zh
    assert "the whole history is gone" in problem.en
    assert bureau.compare(kept).problems == []


def test_a_chain_cut_off_together_with_its_head_is_named(bureau: Bureau) -> None:
    (instance_id,) = bureau.start()
    bureau.step(instance_id)
    seq = bureau.anchor().heads[instance_id][0]
    bureau.cut(instance_id, seq - 1)

    assert bureau.chains_are_whole()
    (problem,) = bureau.compare().problems
    assert (problem.stream, problem.seq) == (instance_id, seq)
    assert f"now it ends at {seq - 1}" in problem.en


def test_a_past_rewritten_with_the_secret_is_named_also_by_anchors_after_it(bureau: Bureau) -> None:
    (instance_id,) = bureau.start()
    bureau.anchor()
    bureau.rewrite(instance_id, 2, "{}")
    bureau.step(instance_id)
    bureau.anchor()

    assert bureau.chains_are_whole()
    (problem,) = bureau.compare().problems
    assert problem.stream == instance_id
    assert "rewritten" in problem.en


def test_an_old_database_put_back_is_told_by_the_next_anchor_and_stays_found(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    old, _ = bureau.start(2)
    first = bureau.anchor()
    bureau.step(old)
    bureau.anchor()
    bureau.do("UPDATE stream_head SET history_seq = 1, history_hash = :hash WHERE stream = 'anchors'", hash=first.hash)
    bureau.cut(old, first.heads[old][0])

    with caplog.at_level(logging.ERROR, "banjie.anchors"):
        bureau.anchor()

    assert "older than anchor 2" in caplog.text
    assert bureau.named() == [old]


def test_a_row_that_claims_to_be_told_and_is_not_is_named(bureau: Bureau) -> None:
    (instance_id,) = bureau.start()
    line = bureau.anchor()
    bureau.step(instance_id)
    bureau.do("UPDATE process_instance SET anchor = :no", no=line.no)
    bureau.anchor()

    assert bureau.named() == [instance_id]


def test_a_line_taken_out_of_the_file_is_named(bureau: Bureau) -> None:
    for _ in range(3):
        bureau.anchor()
    first, _, third = bureau.file.read_bytes().splitlines(keepends=True)
    bureau.file.write_bytes(first + third)
    assert bureau.named() == ["anchors"]


def test_a_line_changed_without_the_secret_counts_as_missing(bureau: Bureau) -> None:
    for _ in range(3):
        bureau.anchor()
    first, second, third = bureau.file.read_bytes().splitlines(keepends=True)
    bureau.file.write_bytes(first + second.replace(b'"no":2', b'"no":3') + third)
    assert bureau.named() == ["anchors"]


def test_a_file_of_another_installation_is_no_proof(bureau: Bureau) -> None:
    stranger = Anchors(file=bureau.file, every=DAY, secret=b"another secret")
    stranger.take(bureau.house.database, bureau.house.now)
    assert bureau.named() == ["anchors"]


# ---------------------------------------------------------------- what goes wrong


def test_a_line_that_was_cut_off_is_passed_over(bureau: Bureau) -> None:
    bureau.start()
    bureau.anchor()
    with bureau.file.open("ab") as file:
        file.write(b'{"no":2,"at":"2026-11-2')
    bureau.start()

    assert bureau.anchor().no == 2
    assert bureau.compare().problems == []
    assert bureau.compare().lines == 2


def test_who_is_stopped_between_file_and_database_goes_on_there(bureau: Bureau) -> None:
    (instance_id,) = bureau.start()
    first = bureau.anchor()
    bureau.step(instance_id)
    with bureau.house.database.read() as connection:
        before = connection.execute(select(tables.stream_head).where(tables.stream_head.c.stream == "anchors")).one()
    bureau.anchor()
    bureau.do(
        "UPDATE stream_head SET history_seq = :seq, history_hash = :hash WHERE stream = 'anchors'",
        seq=before.history_seq,
        hash=before.history_hash,
    )
    bureau.do("UPDATE process_instance SET anchor = 0")

    third = bureau.anchor()

    assert (first.no, third.no, third.whole) == (1, 3, False)
    assert instances(third) == []
    assert bureau.compare().problems == []


def test_the_background_jobs_write_the_anchor_of_the_day(bureau: Bureau) -> None:
    executor = JobExecutor(bureau.house.engine, anchors=bureau.anchors, threads=1)
    for _ in range(2):
        executor._next_anchor = 0.0
        executor._anchor_in_time()

    assert bureau.compare().lines == 1


def test_a_full_disk_is_told_and_stops_nobody(bureau: Bureau, caplog: pytest.LogCaptureFixture) -> None:
    full = Anchors(file=Path("/dev/full"), every=DAY, secret=SECRET)
    executor = JobExecutor(bureau.house.engine, anchors=full, threads=1)
    (instance_id,) = bureau.start()
    executor._next_anchor = 0.0

    executor._anchor_in_time()

    assert "/dev/full" in caplog.text
    assert "No space left" in caplog.text
    bureau.step(instance_id)
    assert instance_id in bureau.anchor().heads


def test_a_write_that_fails_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    class Narrow:
        """A disk with room for ten bytes."""

        def __init__(self, file: object) -> None:
            self.file, self.room = file, 10

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

        def write(self, text: bytes) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            written, self.room = text[: self.room], 0
            return self.file.write(written)  # type: ignore[attr-defined, no-any-return]

    path = tmp_path / "anchors.jsonl"
    path.write_bytes(b"whole\n")
    with anchor_file.opened(path) as file, pytest.raises(OSError, match="No space"):
        anchor_file.append(Narrow(file), b"a line that is longer\n")  # type: ignore[arg-type]
    assert path.read_bytes() == b"whole\n"


def test_no_code_removes_a_history_an_instance_or_a_head() -> None:
    """Nothing is removed legally, so there is nothing that a removal would have to leave behind."""
    kept = {"history", "process_instance", "stream_head"}
    found = []
    for path in [*(ROOT / "engine").rglob("*.py"), *(ROOT / "web").rglob("*.py")]:
        source = path.read_text("utf-8")
        if "delete(" not in source:
            continue
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args]
        removed = [_last(call.args[0]) for call in calls if _last(call.func) == "delete"]
        found += [f"{path.name}: {name}" for name in removed if name in kept]
    assert found == []


def _last(node: ast.expr) -> str:
    return ast.unparse(node).split(".")[-1]
