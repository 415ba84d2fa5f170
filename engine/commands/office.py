"""The office's commands, verbs and projections: importing this module makes them known to the engine."""

from engine.commands import inbox
from engine.commands.administration import posts
from engine.commands.ballots import ballot_members, ballot_opening
from engine.commands.ballots import voting as ballots
from engine.commands.cases import (
    attachments,
    case_decisions,
    case_intake,
    corrections,
    extensions,
    issuers,
    materials,
    special_procedures,
    suspending,
)
from engine.commands.cases import filing as cases
from engine.commands.delegating import delegations, handover, proxies, recusal, signers
from engine.commands.limits import clock_rules, clocks, reprojection, scanning, step_limits
from engine.commands.procedures import (
    commencement,
    commitments,
    credit,
    disclosure,
    disclosure_answers,
    hotline,
    hotline_callers,
    hotline_units,
    joint_decisions,
    parallel,
    parallel_rounds,
    permits,
    publicity,
    ratings,
    remedies,
    second_notices,
    supplements,
    tolerance,
    tolerance_time,
    verification_hearings,
    verifications,
)
from engine.commands.returning import ballot_closing, cancelling, modification, refusals, returns, withdrawals
from engine.commands.supervision import appeals, card_files, cards, orders, urging
from engine.commands.tasks import answering
from engine.store.projections import asking as projections_asking
from engine.store.projections import ballots as projections_ballots
from engine.store.projections import cases as projections_cases
from engine.store.projections import clocks as projections_clocks
from engine.store.projections import supervision as projections_supervision

__all__ = [
    "answering",
    "appeals",
    "attachments",
    "ballot_closing",
    "ballot_members",
    "ballot_opening",
    "ballots",
    "cancelling",
    "card_files",
    "cards",
    "case_decisions",
    "case_intake",
    "cases",
    "clock_rules",
    "clocks",
    "commencement",
    "commitments",
    "corrections",
    "credit",
    "delegations",
    "disclosure",
    "disclosure_answers",
    "extensions",
    "handover",
    "hotline",
    "hotline_callers",
    "hotline_units",
    "inbox",
    "issuers",
    "joint_decisions",
    "materials",
    "modification",
    "orders",
    "parallel",
    "parallel_rounds",
    "permits",
    "posts",
    "projections_asking",
    "projections_ballots",
    "projections_cases",
    "projections_clocks",
    "projections_supervision",
    "proxies",
    "publicity",
    "ratings",
    "recusal",
    "refusals",
    "remedies",
    "reprojection",
    "returns",
    "scanning",
    "second_notices",
    "signers",
    "special_procedures",
    "step_limits",
    "supplements",
    "suspending",
    "tolerance",
    "tolerance_time",
    "urging",
    "verification_hearings",
    "verifications",
    "withdrawals",
]
