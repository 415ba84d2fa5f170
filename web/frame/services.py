"""What the views work with: the engine, its queries, and what one installation decides for itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.passwords import Passwords
from engine.process_engine import ProcessEngine
from engine.store.queries.subjects import Queries
from web.frame.brake import Brake
from web.frame.settings import WebSettings


@dataclass
class Services:
    """One per application, under ``app.extensions["banjie"]``."""

    engine: ProcessEngine
    queries: Queries
    settings: WebSettings
    wall_clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    passwords: Passwords = field(default_factory=Passwords)
    brake: Brake = field(default_factory=Brake)
    models: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # see web.frame.models
