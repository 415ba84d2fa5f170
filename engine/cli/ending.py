"""How a running command ends: Ctrl-C and SIGTERM are no errors, and a second Ctrl-C does not wait."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Ending:
    status: int = 0


@contextmanager
def until_signal() -> Iterator[Ending]:
    """Turn Ctrl-C and SIGTERM into a SystemExit with the right status; a second Ctrl-C does not wait any longer."""
    ending = Ending()

    def end(number: int, frame: FrameType | None) -> None:
        ending.status = 130 if number == signal.SIGINT else 0
        signal.signal(signal.SIGINT, _leave_now)
        # Not print: the signal may come in the middle of one.
        os.write(1, "\n  正在停止 · stopping …\n".encode())
        raise SystemExit(ending.status)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave_now(number: int, frame: FrameType | None) -> None:
    os._exit(130)
