"""Which event leads to what: one table, worked off in the same transaction until nothing is left to react to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.approval import events
from engine.approval.filing import AcceptanceDeemed, CaseAlerted, ConsentDeemed
from engine.commands.administration.calendar import CalendarDayChanged, CalendarYearLoaded, OfficeHoursChanged
from engine.commands.delegating.recusal import applicant_works_here
from engine.commands.delegating.standing_in import task_offered
from engine.commands.limits import answer_dates, member_clocks, step_timeouts
from engine.commands.limits.clock_rules import watch
from engine.commands.limits.following import limit_moved
from engine.commands.limits.reprojection import calendar_changed
from engine.commands.limits.scanning import acceptance_deemed, alerted, clock_changed, consent_deemed
from engine.commands.limits.step_limits import clock_moved, seat_reopened
from engine.commands.notices import notifications
from engine.commands.procedures import second_notices
from engine.commands.supervision import card_notices
from engine.commands.tasks.copies import node_entered, node_left
from engine.context import CommandContext
from engine.events import Event
from engine.runtime.ballot_events import BallotCancelled, BallotDecided, VoteCast, VoterRemoved
from engine.runtime.instance import ActivityCompleted
from engine.runtime.task import (
    TaskAssigned,
    TaskCancelled,
    TaskCompleted,
    TaskCreated,
    TaskDueChanged,
    TaskReopened,
    TaskSuperseded,
)
from engine.runtime.who.events import TaskReoffered
from engine.store.projections.projector import Recorded

Reaction = Callable[[CommandContext, Recorded], None]

REACTIONS: Mapping[type[Event], tuple[Reaction, ...]] = {
    # Open limits of cases are computed again, with a log of what moved.
    CalendarYearLoaded: (calendar_changed, answer_dates.calendar_changed),
    CalendarDayChanged: (calendar_changed, answer_dates.calendar_changed),
    OfficeHoursChanged: (calendar_changed, answer_dates.calendar_changed),
    # A task that is given to somebody who is away goes to his proxy.
    TaskCreated: (
        task_offered,
        notifications.pool_offered,
        node_entered,
        step_timeouts.watch,
        member_clocks.seat_opened,
    ),
    TaskAssigned: (task_offered,),
    # What is offered to a pool is told to those who stand in for its members.
    TaskReoffered: (notifications.pool_offered,),
    # What the system does when a limit is over goes with the limit.
    TaskDueChanged: (step_timeouts.watch, member_clocks.seat_due_changed),
    TaskReopened: (seat_reopened, step_timeouts.watch, member_clocks.seat_due_changed),
    # A member of a ballot with a limit of his own has voted, or need not any more.
    TaskCompleted: (member_clocks.seat_closed,),
    TaskCancelled: (member_clocks.seat_closed,),
    TaskSuperseded: (member_clocks.seat_closed,),
    VoteCast: (member_clocks.counted,),
    VoterRemoved: (member_clocks.counted,),
    BallotDecided: (member_clocks.counted,),
    BallotCancelled: (member_clocks.counted,),
    # A node that sends copies when it is done.
    ActivityCompleted: (node_left,),
    # Whoever works here and applies himself never handles the case.
    events.CaseFiled: (applicant_works_here,),
    # Tasks and timers follow their clocks; the office wakes up when a period of law is over.
    events.ClockStarted: (watch, clock_changed),
    events.ClockPaused: (watch, clock_moved, clock_changed),
    events.ClockResumed: (watch, clock_moved, limit_moved, clock_changed),
    events.ClockContinued: (watch, clock_moved, clock_changed),
    events.ClockReplanned: (watch, clock_moved, clock_changed),
    events.ClockExtended: (watch, clock_moved, limit_moved, clock_changed),
    events.ClockReprojected: (
        watch,
        limit_moved,
        clock_changed,
    ),  # tasks and timers: see engine.commands.limits.reprojection
    events.ClockStopped: (watch, clock_changed),
    # Supervision: a card for whoever let the law accept a case; one to be confirmed when a process asks for attention.
    AcceptanceDeemed: (acceptance_deemed,),
    ConsentDeemed: (consent_deemed,),
    CaseAlerted: (alerted,),
}


_TOLD = {**notifications.REACTIONS, **card_notices.REACTIONS, **second_notices.REACTIONS}


def _with(table: Mapping[type[Event], tuple[Reaction, ...]]) -> Mapping[type[Event], tuple[Reaction, ...]]:
    """The table, with the people who are told of what happened."""
    told = {kind: (*table.get(kind, ()), reaction) for kind, reaction in _TOLD.items()}
    return {**table, **told}


MAX_ROUNDS = 1000

ALL = _with(REACTIONS)


def react(context: CommandContext, table: Mapping[type[Event], tuple[Reaction, ...]] | None = None) -> None:
    """Work off the agenda: for each recorded event run its reactions, which may record further events."""
    reactions: Mapping[type[Any], tuple[Reaction, ...]] = ALL if table is None else table
    for _ in range(MAX_ROUNDS):
        if not context.agenda:
            return
        agenda, context.agenda = context.agenda, []
        for recorded in agenda:
            for reaction in reactions.get(type(recorded.event), ()):
                reaction(context, recorded)
    raise RuntimeError("reactions go in a circle")
