"""The brake on wrong tokens: an address that keeps coming with tokens that are none is refused before anything is looked up.

A token holds 256 random bits, so this is not against guessing (passwords have ``CountSignInTry`` for that): it bounds what a
lost or hostile program may cost. It counts in memory, each server process for itself, since a row in the database for every
wrong token would cost more than what it spares. A token that was right before passes from any address.
"""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

from engine.errors import TooManyRequests

FREE: Final = 60  # wrong tokens of one address within the window
WINDOW: Final = timedelta(minutes=5)
MOST_KEPT: Final = 10_000  # addresses, and tokens; the oldest are forgotten


class Brake:
    """Thread-safe. ``now`` is the wall clock (aware)."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._right: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str, token_id: str, now: datetime) -> None:
        """Raise TooManyRequests when the address has had its tries and the token was never right."""
        with self._lock:
            tries = self._wrong.get(address)
            if tries is None or token_id in self._right:
                return
            while tries and tries[0] <= now - WINDOW:
                tries.popleft()
            if len(tries) < FREE:
                return
            seconds = int((tries[0] + WINDOW - now).total_seconds()) + 1
        raise TooManyRequests(
            f"无效令牌太多，请 {seconds} 秒后再试，并检查程序里的令牌。",
            f"Too many wrong tokens. Try again in {seconds} seconds, and check the token that the program uses.",
            retry_after=seconds,
        )

    def wrong(self, address: str, token_id: str, now: datetime) -> None:
        """Count a token that was none, or is none any more."""
        with self._lock:
            self._right.pop(token_id, None)
            self._wrong.setdefault(address, deque(maxlen=FREE)).append(now)
            self._wrong.move_to_end(address)
            while len(self._wrong) > MOST_KEPT:
                self._wrong.popitem(last=False)

    def right(self, token_id: str) -> None:
        """Remember a token that was right."""
        with self._lock:
            self._right[token_id] = None
            self._right.move_to_end(token_id)
            while len(self._right) > MOST_KEPT:
                self._right.popitem(last=False)
