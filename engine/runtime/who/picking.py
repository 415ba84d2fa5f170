"""One of several: in turn, the least busy, or by a lot that anybody can draw again (table row C11)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from engine.runtime.who.facts import Directory
from engine.runtime.who.policies import Pick


def pick(rule: Pick, candidates: Sequence[str], directory: Directory, token_id: str) -> tuple[str, Mapping[str, Any]]:
    """Return one of ``candidates`` (not empty), and how it was picked, as JSON for the task's account."""
    if rule is Pick.ROUND_ROBIN:
        last = directory.last_turn()
        return in_turn(candidates, last), {"rule": rule.value, "after": last}
    if rule is Pick.LEAST_BUSY:
        burden = directory.burden(candidates)
        return least_busy(candidates, burden), {
            "rule": rule.value,
            "open_tasks": {login: burden.get(login, 0) for login in sorted(candidates)},
        }
    return lot(candidates, token_id), {"rule": rule.value, "seed": token_id, "among": sorted(candidates)}


def in_turn(candidates: Sequence[str], last: str | None) -> str:
    """The one behind ``last`` in the order of logins, also when ``last`` is not among them any more."""
    ordered = sorted(candidates)
    return next((login for login in ordered if last is not None and login > last), ordered[0])


def least_busy(candidates: Sequence[str], burden: Mapping[str, int]) -> str:
    """The one with the fewest open tasks; of several the first in the order of logins."""
    return min(candidates, key=lambda login: (burden.get(login, 0), login))


def lot(candidates: Sequence[str], seed: str) -> str:
    """Draw by SHA-256 over the seed and the login: the least digest wins, whatever the order of the list."""
    return min(candidates, key=lambda login: hashlib.sha256(f"{seed}\n{login}".encode()).hexdigest())
