"""Examining uploads in a process of their own, with bounds on memory and time that a hostile file cannot argue with.

The parsers of PDF and images are native code on untrusted bytes: a crash there must not take the server along, and a
small file may ask for gigabytes (measured: 1 MB of PDF, 2 GB). The child gets the bytes on stdin, an empty environment,
no right to write files, and answers with one line of JSON, followed by the bytes to store when they differ.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path

from engine.files.kinds import Kind
from engine.files.refusal import Refused

MAX_MEMORY_BYTES = 1 << 30
MAX_CPU_SECONDS = 20
MAX_WALL_SECONDS = 60  # a busy machine is no reason to refuse; the processor time above is the real limit

_ROOT = str(Path(__file__).resolve().parents[2])
_CHILD = "import sys; sys.path[:0] = [sys.argv[1]]; from engine.files.examiner_child import main; main(sys.argv[2])"

# Each child may take a gigabyte: a rush of uploads waits here instead of emptying the machine.
_AT_ONCE = threading.BoundedSemaphore(2)


def examine(kind: Kind, data: bytes) -> bytes:
    """Return the bytes to store for an upload of ``kind``; raises Refused, also when the child dies or is too slow."""
    command = [sys.executable, "-I", "-c", _CHILD, _ROOT, kind.name]
    with _AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, no words of the user
                command, input=data, capture_output=True, timeout=MAX_WALL_SECONDS, env={"LANG": "C.UTF-8"}, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise _unexaminable() from error
    if done.returncode != 0:
        raise _unexaminable()
    line, _, rewritten = done.stdout.partition(b"\n")
    answer = json.loads(line)
    if answer is not None:
        raise Refused(**answer)
    return rewritten or data


def _unexaminable() -> Refused:
    return Refused(
        "unexaminable",
        "文件过于复杂，无法检查，请拆分、降低分辨率或「打印为 PDF」后上传。",
        "The file is too complex to be examined; split it, lower its resolution, or print it to a new PDF.",
    )
