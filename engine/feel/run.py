"""One evaluation: the variables it reads, the steps it may still take, and why a null came up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any, Final

from engine.feel import limits
from engine.feel.errors import FeelLimit
from engine.feel.values import lift

MISSING: Final = object()  # what a name means that is not there; None is a value

Eval = Callable[["Env"], Any]  # a compiled part of an expression
NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType({})


class Run:
    """The budget and the surroundings of one evaluation."""

    __slots__ = ("calls", "functions", "note", "now", "paths", "steps", "variables")

    def __init__(
        self, variables: Mapping[str, Any], now: datetime, functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.variables = variables
        self.now = now
        self.functions = functions
        self.steps = limits.MAX_STEPS
        self.calls = 0  # user-defined functions that are being called inside each other
        self.paths: dict[tuple[str, tuple[str, ...]], Any] = {}  # parts of the variables that were read already
        self.note: tuple[str, str] | None = None  # the first reason (zh, en) why something became null

    @property
    def zone(self) -> tzinfo:
        """The zone of the bureau, in which a local time without zone is read when it meets one with a zone."""
        zone = self.now.tzinfo
        assert zone is not None  # Expression.evaluate lets only aware times in
        return zone

    def spend(self, steps: int) -> None:
        """Take steps from the budget; raise FeelLimit when it is used up."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimit(
                f"表达式的计算步数超过上限 {limits.MAX_STEPS}",
                f"The expression needs more than {limits.MAX_STEPS} steps",
                limit=limits.MAX_STEPS,
            )

    def spend_list(self, count: int) -> None:
        """Pay for a list or context of ``count`` items; refuse one that is too large.

        Even an empty one costs a step: lists that hold the same list twice, that one twice, and so on are tiny in memory
        and endless to walk.
        """
        limits.check_list(count)
        self.spend(1 + count // limits.ITEMS_PER_STEP)

    def spend_text(self, length: int) -> None:
        """Pay for a text of ``length`` characters; refuse one that is too long."""
        limits.check_text(length)
        self.spend(length // limits.CHARACTERS_PER_STEP)

    def null(self, zh: str, en: str) -> Any:
        """Return null and keep the reason: FEEL has no exceptions, but whoever reads the null later can say why."""
        if self.note is None:
            self.note = (zh, en)
        return None


class Env:
    """Names and their values, inside an outer Env; the outermost one reads the variables on demand."""

    __slots__ = ("names", "outer", "run")

    def __init__(self, run: Run, outer: Env | None, names: dict[str, Any]) -> None:
        self.run = run
        self.outer = outer
        self.names = names

    def inner(self, names: dict[str, Any]) -> Env:
        return Env(self.run, self, names)

    def find(self, name: str, *, lifted: bool = True) -> Any:
        """Return the value of a name, or MISSING; with ``lifted=False`` only a value that was made or read before."""
        env: Env | None = self
        while env is not None:
            value = env.names.get(name, MISSING)
            if value is not MISSING:
                return value
            if env.outer is None:
                return env._read(name) if lifted else MISSING
            env = env.outer
        return MISSING

    def _read(self, name: str) -> Any:
        run = self.run
        if name not in run.variables:
            return MISSING
        value = self.names[name] = lift(run.variables[name], run)
        return value
