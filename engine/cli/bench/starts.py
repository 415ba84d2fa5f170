"""How long a stranger waits: the first start on an empty folder, and every later one, until the login page answers."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def seconds() -> dict[str, float]:
    """Start ``./banjie run`` twice on one empty data folder and return {"first", "second"} in seconds.

    The packages are installed already: this measures Banjie, not the network. The first start makes the secret, the tables and the
    sample bureau.
    """
    with tempfile.TemporaryDirectory(prefix="banjie-bench-start-") as folder:
        return {"first": _until_served(Path(folder)), "second": _until_served(Path(folder))}


def _until_served(folder: Path) -> float:
    command = [sys.executable, str(ROOT / "banjie"), "run", "--port", "0", "--var", str(folder)]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/", said)):
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"./banjie run ended: {said}")
            said += line
        with urllib.request.urlopen(f"{found[0]}login", timeout=30) as answer:  # noqa: S310 - our own loopback address
            answer.read()
        return time.perf_counter() - begin
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
