"""Who works here, as far as a step has to know it: remembered as long as the administration has changed nothing.

Every change of people is in the history of the administration, whose end is read with the lock of each instance. While it
stands where it stood, a login that was found active is active still: a step in the same house asks for nobody twice. Who is
unknown or disabled is asked for each time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from engine.store.base.unit_of_work import UnitOfWork
from engine.store.rows import inbox as inbox_rows

NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class KnownPeople:
    """One for each process engine; safe to be used by its threads at once, of whom the slower ones may ask again."""

    _known: tuple[int, frozenset[str]] = field(default=(-1, NOBODY))

    def active(self, uow: UnitOfWork, as_of: int, logins: Collection[str]) -> frozenset[str]:
        """Those of these logins that exist and are not disabled; ``as_of`` is the end of the administration's history.

        One statement for those who were not asked for since the last change, else none.
        """
        at, known = self._known
        if at != as_of:
            known = NOBODY
        wanted = frozenset(logins)
        missing = wanted - known
        if missing:
            known |= inbox_rows.active(uow, missing)
            self._known = (as_of, known)
        return wanted & known
