"""The office's commands, verbs and projections: importing this module makes them known to the engine."""

from engine.commands import (
    answering,
    attachments,
    case_decisions,
    case_intake,
    cases,
    clocks,
    commitments,
    credit,
    delegations,
    issuers,
    materials,
    parallel,
    signers,
    supplements,
    tolerance,
    verifications,
    views,
)
from engine.store import projections_asking, projections_cases

__all__ = [
    "answering",
    "attachments",
    "case_decisions",
    "case_intake",
    "cases",
    "clocks",
    "commitments",
    "credit",
    "delegations",
    "issuers",
    "materials",
    "parallel",
    "projections_asking",
    "projections_cases",
    "signers",
    "supplements",
    "tolerance",
    "verifications",
    "views",
]
