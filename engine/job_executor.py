"""The job executor: takes due jobs under a lease, runs each as one command, and never lets a broken one stop the others."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from engine.access import SYSTEM
from engine.commands.administration.housekeeping import SweepHouse
from engine.commands.limits.scanning import KeepSchedules
from engine.commands.notices.notifications import AnnounceTasks, RecordDelivery, webhook
from engine.commands.running.jobs import PostponeJob, RecordAnswer, RunJob
from engine.errors import BanjieError, StepFailed, Unavailable
from engine.notifying import Mailer
from engine.outgoing import CallRefused
from engine.process_engine import ProcessEngine
from engine.store.rows import job_queue
from engine.store.rows.anchors import Anchors

logger = logging.getLogger("banjie.jobs")

LEASE = timedelta(minutes=2)
BATCH = 50
FIRST_SWEEP, SWEEP_EVERY = 60.0, 3600.0  # seconds
ANNOUNCE_EVERY = 60.0  # seconds
FIRST_ANCHOR, ANCHOR_EVERY = 30.0, 600.0  # seconds; the second one only asks whether it is time
PAUSE = 1.0  # seconds, when jobs were cut off
MAX_SLEEP = 5.0  # seconds; the poll that finds jobs of other processes


class Caller(Protocol):
    """Whoever carries out calls that leave the house."""

    def call(self, verb: str, inputs: Mapping[str, Any], settings: Mapping[str, Any], *, key: str) -> Mapping[str, Any]:
        """Make the call with the idempotency key ``key`` and return the answer; raise CallRefused for a business error."""
        ...


class JobExecutor:
    """A number of threads that run due jobs of one database. ``start`` and ``stop`` may be called once each."""

    def __init__(
        self,
        engine: ProcessEngine,
        *,
        caller: Caller | None = None,
        mailer: Mailer | None = None,
        anchors: Anchors | None = None,
        threads: int = 2,
    ) -> None:
        self.engine = engine
        self.caller = caller
        self.mailer = mailer
        self.anchors = anchors
        self.threads = threads
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._cut_off: list[str] = []  # leased jobs that could not be run to their end; list.append is atomic
        self._next_sweep = time.monotonic() + FIRST_SWEEP
        self._next_announcement = time.monotonic() + ANNOUNCE_EVERY
        self._next_anchor = time.monotonic() + FIRST_ANCHOR

    def start(self) -> None:
        """Begin to work in the background."""
        self.engine.wake_workers = self._wake.set
        self.engine.execute(KeepSchedules(), actor=SYSTEM)
        self._thread = threading.Thread(target=self._loop, name="banjie-jobs", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 20.0) -> None:
        """Finish the jobs that are running, take no more, and return."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def run_until_idle(self, limit: int = 100_000) -> int:
        """Run due jobs here and now until none is left; return how many were taken. For tests and the command line."""
        taken = 0
        while taken < limit:
            jobs = self.acquire(BATCH)
            if not jobs:
                break
            for job_id, kind in jobs:
                self.run(job_id, kind)
            taken += len(jobs)
            if self._cut_off:
                break  # what the house stands on is gone: no use in trying at once
        return taken

    # ---- taking

    def acquire(self, count: int) -> list[tuple[str, str]]:
        """Lease up to ``count`` due jobs, oldest first; return their ids and kinds. See ``engine.store.rows.job_queue``."""
        self._give_back()
        real = datetime.now(UTC)  # leases run by the machine's own clock, also when the engine's is frozen
        return job_queue.acquire(
            self.engine.database, worker=self.name, now=self.engine.now(), real=real, until=real + LEASE, count=count
        )

    def _give_back(self) -> None:
        """End the leases of jobs that were cut off, so that nobody waits for them to run out."""
        while self._cut_off:
            job_queue.release(self.engine.database, worker=self.name, job_ids=self._cut_off[:BATCH])
            del self._cut_off[:BATCH]

    def next_due_in(self) -> float:
        """Return the seconds until the next job is due, at most MAX_SLEEP."""
        due_at = job_queue.next_due(self.engine.database)
        if due_at is None:
            return MAX_SLEEP
        seconds: float = (due_at - self.engine.now()).total_seconds()
        return min(max(seconds, 0.0), MAX_SLEEP)

    # ---- running

    def run(self, job_id: str, kind: str) -> bool:
        """Run one leased job; return whether it did its work. Whatever goes wrong concerns this job only."""
        try:
            if kind == "service":
                return self._call(job_id)
            if kind == "mail":
                return self._mail(job_id)
            if kind == "hook":
                return self._hook(job_id)
            return bool(self.engine.execute(RunJob(job_id=job_id, worker=self.name), actor=SYSTEM)["ran"])
        except Unavailable as error:
            # No fault of the job: neither a try nor an incident. It is given back, and taken again when the house stands.
            logger.warning("job %s waits: %s", job_id, error)
            self._cut_off.append(job_id)
        except StepFailed as error:
            logger.warning("job %s failed, an incident is open: %s", job_id, error)
        except BanjieError as error:
            self._postpone(job_id, f"{error.code}: {error}")
        except Exception as error:
            logger.exception("job %s failed", job_id)
            self._postpone(job_id, f"{type(error).__name__}: {error}")
        return False

    def _call(self, job_id: str) -> bool:
        """Make the outgoing call outside any transaction, then record the answer in one (at least once, same key)."""
        payload = job_queue.payload_of(self.engine.database, job_id)
        if payload is None:
            return False
        if self.caller is None:
            raise RuntimeError("no caller for outgoing calls is configured")
        try:
            answer = self.caller.call(payload["verb"], payload["inputs"], payload["settings"], key=job_id)
            record = RecordAnswer(job_id=job_id, worker=self.name, result=answer)
        except CallRefused as refused:
            record = RecordAnswer(job_id=job_id, worker=self.name, error_code=refused.code, error_message=str(refused))
        return bool(self.engine.execute(record, actor=SYSTEM)["ran"])

    def _mail(self, job_id: str) -> bool:
        """Hand a mail over outside any transaction, then end its job (at least once, under the same Message-ID)."""
        payload = job_queue.payload_of(self.engine.database, job_id)
        if payload is None:
            return False
        if self.mailer is None:
            raise RuntimeError("no mail server is configured")
        self.mailer.send(payload["to"], payload["subject"], payload["text"], message_id=payload["message_id"])
        return self._delivered(job_id)

    def _hook(self, job_id: str) -> bool:
        """Bring a notice to the webhook (at least once, same key). No refusal is final: whoever looks after the house sees a dead job."""
        payload = job_queue.payload_of(self.engine.database, job_id)
        if payload is None:
            return False
        announcing = self.engine.environment.announcing
        if self.caller is None or not announcing.hook_url:
            raise RuntimeError("no webhook is configured")
        try:
            self.caller.call("http.request", webhook(announcing, payload["body"], self.engine.now()), {}, key=job_id)
        except CallRefused as refused:
            self._postpone(job_id, f"{refused.code}: {refused}")
            return False
        return self._delivered(job_id)

    def _delivered(self, job_id: str) -> bool:
        return bool(self.engine.execute(RecordDelivery(job_id=job_id, worker=self.name), actor=SYSTEM)["ran"])

    def announce(self) -> int:
        """Tell people of the tasks that came and of those that end soon; return how many notices are new."""
        return int(self.engine.execute(AnnounceTasks(), actor=SYSTEM)["told"])

    def _announce_in_time(self) -> None:
        """Once a minute."""
        if time.monotonic() < self._next_announcement:
            return
        self._next_announcement = time.monotonic() + ANNOUNCE_EVERY
        try:
            self.announce()
        except Exception:
            logger.exception("people could not be told of their tasks; trying again in a minute")

    def _postpone(self, job_id: str, error: str) -> None:
        try:
            self.engine.execute(PostponeJob(job_id=job_id, worker=self.name, error=error), actor=SYSTEM)
        except StepFailed as dead:
            logger.warning("job %s is dead: %s", job_id, dead)
        except Exception:
            # The lease will run out and the job will be taken again.
            logger.exception("job %s could not be postponed", job_id)

    def _keep_house(self) -> None:
        """Once an hour, remove what has expired."""
        if time.monotonic() < self._next_sweep:
            return
        self._next_sweep = time.monotonic() + SWEEP_EVERY
        try:
            self.engine.execute(SweepHouse(real=datetime.now(UTC).isoformat()), actor=SYSTEM)
        except Exception:
            logger.exception("the house could not be swept; trying again in an hour")

    def anchor(self) -> bool:
        """Write a line of the anchors of the history when it is time; return whether there is more to write."""
        if self.anchors is None:
            return False
        line = self.anchors.take(self.engine.database, self.engine.now())
        return line is not None and line.more

    def _anchor_in_time(self) -> None:
        """Line by line, so that jobs do not wait for the first anchor of a full house; whatever goes wrong is told, once in an hour."""
        if time.monotonic() < self._next_anchor:
            return
        self._next_anchor = time.monotonic() + ANCHOR_EVERY
        try:
            if self.anchor():
                self._next_anchor = time.monotonic()
        except Exception as error:
            self._next_anchor = time.monotonic() + SWEEP_EVERY
            where = self.anchors and self.anchors.file
            logger.exception(
                "no anchor of the history could be written to %s (%s); trying again in an hour", where, error
            )

    def _loop(self) -> None:
        with ThreadPoolExecutor(self.threads, thread_name_prefix="banjie-job") as pool:
            while not self._stop.is_set():
                self._keep_house()
                self._announce_in_time()
                self._anchor_in_time()
                try:
                    self._give_back()
                    # A cheap read first: an idle house takes no write lock.
                    seconds = self.next_due_in()
                    jobs = [] if seconds > 0 else self.acquire(BATCH)
                except Unavailable as error:
                    logger.warning("no jobs are run for now: %s", error)
                    self._stop.wait(MAX_SLEEP)
                    continue
                except Exception:
                    logger.exception("due jobs could not be read; trying again")
                    self._stop.wait(MAX_SLEEP)
                    continue
                if jobs:
                    list(pool.map(lambda job: self._stop.is_set() or self.run(*job), jobs))
                    if self._cut_off:
                        self._stop.wait(PAUSE)
                else:
                    # A due job that was not taken is leased to another worker or waits behind an earlier one: do not spin.
                    self._wake.wait(max(seconds, 0.2))
                    self._wake.clear()
