"""The rules of addresses: how each is matched is prepared at the start, how it is written when a page first writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Written = tuple[str, str]  # domain and path


class Address(Rule):
    """A rule that prepares the writing of its address only when it is first written.

    Werkzeug makes two small programs for each rule; for some hundred rules, most of which no page of this day writes, that
    is a tenth of the time in which the server starts."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Written]:
        prepare = super()._compile_builder
        made: list[Callable[..., Written]] = []

        def write(rule: Address, **values: Any) -> Written:
            if not made:
                made.append(prepare(append_unknown))
            return made[0](rule, **values)

        return write
