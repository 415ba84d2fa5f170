"""The server is killed in the middle of a case and started again: the case goes on where it was."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.engine.house import bpmn, flows

TWO_STEPS = bpmn(
    '<startEvent id="s"/><userTask id="first" name="初审" banjie:assignee="admin" banjie:outcomes="agree:同意"/>'
    '<userTask id="second" name="复审" banjie:assignee="admin"/><endEvent id="e"/>'
    '<boundaryEvent id="late" attachedToRef="second"><timerEventDefinition><timeDuration>P30D</timeDuration>'
    '</timerEventDefinition></boundaryEvent><endEvent id="e2"/>'
    + flows("s-first", "first-second", "second-e", "late-e2"),
    key="two_steps",
)


class Server:
    """``./banjie run`` as a process of its own, on a free port."""

    def __init__(self, folder: Path, database: str) -> None:
        self.options = ["--var", str(folder), "--database", database]
        self.process: subprocess.Popen[str] | None = None
        self.address = ""
        self.token = ""

    def start(self) -> None:
        command = [sys.executable, "-m", "engine.cli", "run", "--port", "0", *self.options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"PYTHONPATH": "."}
        )
        assert self.process.stdout is not None
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
            line = self.process.stdout.readline()
            assert line, said
            said += line
        self.address = found[0]

    def kill(self) -> None:
        """Pull the plug: no signal handler runs."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def mint(self) -> None:
        scopes = [word for scope in ("read", "tasks", "deploy") for word in ("--scope", scope)]
        command = [
            sys.executable,
            "-m",
            "engine.cli",
            "token",
            "create",
            "admin",
            "--name",
            "test",
            *scopes,
            *self.options,
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": "."})
        found = re.search(r"bj_\S+", said.stdout)
        assert found, said.stdout
        self.token = found[0]

    def ask(self, method: str, path: str, body: Any = None, *, data: bytes | None = None, **headers: str) -> Any:
        if body is not None:
            data, headers = json.dumps(body).encode(), headers | {"Content-Type": "application/json"}
        headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(f"{self.address}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None

    def deploy(self, name: str, content: bytes) -> Any:
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'.encode()
        data = head + b"Content-Type: application/xml\r\n\r\n" + content + f"\r\n--{edge}--\r\n".encode()
        return self.ask("POST", "/deployments", data=data, **{"Content-Type": f"multipart/form-data; boundary={edge}"})


@pytest.fixture
def server(tmp_path: Path, empty_database_url: str) -> Iterator[Server]:
    running = Server(tmp_path / "var", empty_database_url)
    running.start()
    yield running
    running.kill()


def test_a_case_goes_on_where_the_killed_server_left_it(server: Server) -> None:
    # given an instance whose first step is done
    server.mint()
    server.deploy("two_steps.bpmn", TWO_STEPS)
    instance = server.ask("POST", "/process-instances", {"key": "two_steps", "variables": {"amount": 7}})
    first = server.ask("GET", f"/tasks?instance={instance['id']}")["items"][0]
    done = {"outcome": "agree", "comment": "同意", "variables": {"checked": True}}
    server.ask("POST", f"/tasks/{first['id']}/complete", done, **{"Idempotency-Key": "once"})

    # when the server is killed and started again, and the client, who saw no answer, sends the same request again
    server.kill()
    server.start()
    server.ask("POST", f"/tasks/{first['id']}/complete", done, **{"Idempotency-Key": "once"})

    # then nothing was lost and nothing was done twice, and the instance goes on to its end
    found = server.ask("GET", f"/process-instances/{instance['id']}")
    assert found["variables"]["checked"] is True
    (second,) = server.ask("GET", f"/tasks?instance={instance['id']}")["items"]
    assert second["element_id"] == "second"
    server.ask("POST", f"/tasks/{second['id']}/complete", {})
    assert server.ask("GET", f"/process-instances/{instance['id']}")["state"] == "completed"
    kinds = [event["kind"] for event in server.ask("GET", f"/process-instances/{instance['id']}/history")["items"]]
    assert kinds.count("TaskCompleted") == 2
