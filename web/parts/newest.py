"""The events that a page tells: the newest, and all of them where somebody asks or a sheet is printed.

A case that goes on for years, or round a loop, has more events than a page is read for; what is left out is counted and
one link away, never silently missing.
"""

from typing import Any

from flask import request, url_for

from engine.records import record
from web.frame.auth import services

SHOWN = 1000


@record(kw_only=False)
class Told:
    """Events (rows of ``InstanceQueries.history``), how many older ones the page leaves out, and where all of them are."""

    events: list[dict[str, Any]]
    earlier: int
    whole_url: str


def events_of(instance_id: str, *, whole: bool = False) -> Told:
    """The newest events of an instance in their order; all of them with ``?whole=1``."""
    asked = whole or request.args.get("whole") == "1"
    events = services().queries.instances.newest_history(instance_id, limit=None if asked else SHOWN)
    earlier = events[0]["seq"] - 1 if events else 0
    here = {**(request.view_args or {}), **request.args.to_dict(), "whole": "1"}
    return Told(events, earlier, url_for(request.endpoint or "", **here))
