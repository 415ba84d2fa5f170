"""Which right each page asks for. A page without a policy stops the start: nothing is reachable by forgetting.

``@asks(Verb.MANAGE_PEOPLE)`` refuses before the view runs. ``@asks_thing(Verb.VIEW_TASK)`` says that the view itself asks
``access.require`` with the facts of the one thing that it shows. ``@signed_in`` is for pages about oneself, ``@public`` for
the few that need nobody.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask

from engine.access import Verb, require
from engine.records import record
from web.frame.auth import current_actor

View = TypeVar("View", bound=Callable[..., Any])


class Reach(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    VERB = "verb"  # the verb alone decides
    THING = "thing"  # the verb and the facts of one thing decide


@record(kw_only=False)
class Policy:
    """What an endpoint asks for; the matrix test reads it."""

    reach: Reach
    verb: Verb | None = None


def public(view: View) -> View:
    """Anybody may open this, also before sign-in."""
    return _mark(view, Policy(Reach.PUBLIC))


def signed_in(view: View) -> View:
    """Everybody who is signed in may open this; it shows only what is theirs."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        current_actor()
        return view(*args, **kwargs)

    return _mark(cast(View, guarded), Policy(Reach.SIGNED_IN))


def asks(verb: Verb) -> Callable[[View], View]:
    """Refuse unless the actor may do ``verb`` at all."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            require(current_actor(), verb)
            return view(*args, **kwargs)

        return _mark(cast(View, guarded), Policy(Reach.VERB, verb))

    return decorate


def asks_thing(verb: Verb) -> Callable[[View], View]:
    """Mark a view that asks for ``verb`` on the one thing that it loads."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            current_actor()
            return view(*args, **kwargs)

        return _mark(cast(View, guarded), Policy(Reach.THING, verb))

    return decorate


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """Return the policy of ``endpoint``, or None when it has none."""
    return getattr(app.view_functions[endpoint], "_banjie_policy", None)


def check_all(app: Flask) -> None:
    """Raise RuntimeError when an endpoint has no policy."""
    missing = sorted(name for name in app.view_functions if name != "static" and policy_of(app, name) is None)
    if missing:
        raise RuntimeError(f"these endpoints say nothing about who may use them: {', '.join(missing)}")


def _mark(view: View, policy: Policy) -> View:
    view._banjie_policy = policy  # type: ignore[attr-defined]
    return view
