"""The same step over HTTP: a real server on loopback, a real client, a bearer token."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress.server import create_server

from engine.access import SYSTEM, Scope
from engine.cli.bench import steps
from engine.cli.bench.floor import Floor
from engine.cli.bench.measuring import interleaved_ms
from engine.commands.administration.tokens import CreateToken
from engine.people import hash_secret, new_secret, token_text
from engine.process_engine import ProcessEngine
from engine.store import tables
from engine.store.queries.subjects import Queries


def step_costs(engine: ProcessEngine, queries: Queries, times: int) -> dict[str, float]:
    """Time POST /api/v1/tasks/…/complete at step 5 of 10, beside the floor, in turn."""
    ready = []
    for _ in range(times + 5):
        instance_id = steps.start(engine, "bench_linear")
        steps.complete(engine, queries, instance_id, steps.AT_STEP - 1)
        ready.append(queries.tasks.open(instance_id=instance_id).rows[0]["id"])
    token = _token(engine)
    floor = Floor(engine.database)
    with _served(engine, queries) as client:
        step_ms, floor_ms = interleaved_ms(lambda i: _complete(client, token, ready[i]), floor.step, times)
    floor.close()
    return {"complete_task_ms": step_ms, "core_floor_ms": floor_ms, "ratio_to_floor": step_ms / floor_ms}


def _complete(client: http.client.HTTPConnection, token: str, task_id: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"variables": {"note": "agreed"}})
    client.request("POST", f"/api/v1/tasks/{task_id}/complete", body, headers)
    answer = client.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the step over HTTP failed with {answer.status}: {text[:300]!r}")


def _token(engine: ProcessEngine) -> str:
    """A person in the group "bench", and a token of hers."""
    with engine.database.write() as connection:
        connection.execute(tables.group.insert(), {"key": "bench", "name": "bench"})
        row: dict[str, Any] = {"login": "bench", "name": "bench", "roles": ["staff"], "created_at": engine.now()}
        connection.execute(tables.person.insert(), row)
        connection.execute(tables.membership.insert(), {"login": "bench", "group_key": "bench"})
    secret = new_secret()
    scopes = (Scope.READ.value, Scope.TASKS.value)
    command = CreateToken(login="bench", name="bench", scopes=scopes, days=1, secret_hash=hash_secret(secret))
    return token_text(str(engine.execute(command, actor=SYSTEM)["id"]), secret)


@contextmanager
def _served(engine: ProcessEngine, queries: Queries) -> Iterator[http.client.HTTPConnection]:
    from web import create_app

    server = create_server(create_app(engine, queries), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    client = http.client.HTTPConnection("127.0.0.1", int(server.effective_port), timeout=30)
    try:
        yield client
    finally:
        client.close()
        server.task_dispatcher.shutdown()
        server.close()
        thread.join(5)
