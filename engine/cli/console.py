"""Words on the terminal: Chinese first, English beside it, steps with their time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from engine.errors import BanjieError, SpokenError


class Stop(BanjieError):
    """The command cannot go on; the sentence says why and what to do."""

    code = "stopped"


def prepare() -> None:
    """Make sure that a terminal without Chinese shows question marks instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", line_buffering=True)


def say(zh: str, en: str) -> None:
    """Print one remark in both languages."""
    print(f"{zh} · {en}", flush=True)


def complain(error: SpokenError) -> None:
    """Print an error for a person, on standard error."""
    sys.stdout.flush()
    print(f"✗ {error.zh}\n  {error.en}", file=sys.stderr, flush=True)


class Step:
    """One step of a longer work: a line that says what is being done, how far it is, and at the end how long it took."""

    def __init__(self, label: str, out: TextIO) -> None:
        self._label = label
        self._out = out
        self._live = out.isatty()

    def show(self, detail: str) -> None:
        """Say how far the step is. On a terminal the line changes in place, elsewhere only its begin and end are printed."""
        if self._live:
            self._write(f"{self._label} … {detail}")

    def begin(self) -> None:
        if self._live:
            self._write(f"{self._label} …")
        else:
            print(f"{self._label} …", file=self._out, flush=True)

    def end(self, outcome: str) -> None:
        if self._live:
            self._write(f"{self._label} {outcome}")
            print(file=self._out, flush=True)
        else:
            print(f"    {outcome}", file=self._out, flush=True)

    def _write(self, line: str) -> None:
        self._out.write("\r\x1b[K" + line)
        self._out.flush()


@contextmanager
def step(zh: str, en: str) -> Iterator[Step]:
    """Show a step from its begin to its end."""
    shown = Step(f"• {zh} · {en}", sys.stdout)
    begun = time.monotonic()
    shown.begin()
    try:
        yield shown
    except BaseException:
        shown.end("✗")
        raise
    shown.end(f"✓ {time.monotonic() - begun:.1f} s")
