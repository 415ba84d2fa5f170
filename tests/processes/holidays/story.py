"""What a walk over a holiday consists of: where it begins, which day each limit ends on, and what stands at which moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.processes.bureau import Bureau


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What stands at a moment: the open steps of the case, and, where they are named, its alerts, reminders, cards and state."""

    at: str
    why: str
    open: str | None = None
    state: str | None = None
    alerts: str | None = None
    reminders: int | None = None
    cards: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One case over one holiday. ``begin`` leads it as far as the eve and returns its number; ``due`` gives the last day of
    each clock that runs then, ``tasks`` that of open steps, each with how it was counted."""

    name: str
    eve: str
    begin: Callable[[Bureau, str], str]
    due: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    tasks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    of_child: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # of the verification that the decision opened
    beats: tuple[Beat, ...] = ()
    then: Callable[[Bureau, str], object] = lambda bureau, no: None  # what people do after the last beat
    afterwards: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # the clocks after that
