"""The office's commands, verbs and projections: importing this module makes them known to the engine."""

from engine.commands import (
    attachments,
    case_decisions,
    case_intake,
    cases,
    clocks,
    commitments,
    credit,
    issuers,
    materials,
    parallel,
    supplements,
    tolerance,
    verifications,
)
from engine.store import projections_asking, projections_cases

__all__ = [
    "attachments",
    "case_decisions",
    "case_intake",
    "cases",
    "clocks",
    "commitments",
    "credit",
    "issuers",
    "materials",
    "parallel",
    "projections_asking",
    "projections_cases",
    "supplements",
    "tolerance",
    "verifications",
]
