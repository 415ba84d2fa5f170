"""A few sample cases in different states, filed and worked on by the sample people, so that inboxes are not empty."""

from engine.process_engine import ProcessEngine


def file(engine: ProcessEngine) -> None:
    """File the sample cases."""
