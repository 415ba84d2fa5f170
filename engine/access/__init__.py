"""Who may do what on this thing now: one table of rules, one function, default deny.

Every read and every write asks ``may`` (or ``require``, which raises). A rule sees the actor and the facts of the thing; if
no rule says yes, the answer is no. Whoever may not even know of a thing gets NotFound, not Forbidden.
"""

from collections.abc import Mapping
from dataclasses import field

from engine.access.facts import SYSTEM, Actor, CardFacts, InstanceFacts, TaskFacts, Thing
from engine.access.rules import RULES, SEEING, Rule
from engine.access.verbs import SCOPE_OF, Role, Scope, Verb
from engine.access.words import refusal
from engine.errors import BanjieError, Forbidden, NotFound
from engine.records import record

__all__ = [
    "RULES",
    "SCOPE_OF",
    "SYSTEM",
    "Actor",
    "CardFacts",
    "Decision",
    "InstanceFacts",
    "Role",
    "Rule",
    "Scope",
    "TaskFacts",
    "Thing",
    "Verb",
    "lacking",
    "may",
    "not_found",
    "require",
]


@record(kw_only=False)
class Decision:
    """The answer; ``hidden`` means that the actor may not even know that the thing exists."""

    allowed: bool
    hidden: bool = False
    zh: str = ""
    en: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def lacking(scope: str) -> tuple[str, str]:
    """What a token is told that lacks a scope, in Chinese and in English."""
    return f"此令牌没有「{scope}」权限。", f"This token lacks the scope {scope!r}."


def may(actor: Actor, verb: Verb, thing: Thing = None) -> Decision:
    """Answer whether ``actor`` may do ``verb`` on ``thing`` now."""
    if actor.scopes is not None:
        scope = SCOPE_OF.get(verb)
        if scope is None or scope not in actor.scopes:
            needed = scope.value if scope else "session"
            zh, en = lacking(needed)
            return Decision(False, zh=zh, en=en, facts={"scope": needed})
    rule = RULES.get(verb)
    if rule is not None and rule(actor, thing):
        return Decision(True)
    seeing = SEEING.get(verb)
    hidden = seeing is not None and not RULES[seeing](actor, thing)
    holder = thing.assignee if isinstance(thing, TaskFacts) and thing.assignee != actor.login else None
    zh, en = refusal(verb, holder)
    return Decision(False, hidden, zh, en, {"by": holder} if holder else {})


def require(actor: Actor, verb: Verb, thing: Thing = None) -> None:
    """Raise Forbidden, or NotFound when the actor may not know of the thing, unless ``may`` says yes."""
    decision = may(actor, verb, thing)
    if decision.allowed:
        return
    if decision.hidden:
        raise not_found(thing)
    raise Forbidden(decision.zh, decision.en, **decision.facts)


def not_found(thing: Thing) -> BanjieError:
    """The same answer as for something that does not exist."""
    if isinstance(thing, TaskFacts):
        return NotFound(
            f"没有编号为 {thing.task_id} 的任务，或您无权查看。", f"No task {thing.task_id}, or not for you to see."
        )
    if isinstance(thing, CardFacts):
        return NotFound(
            f"没有编号为 {thing.card_id} 的监察牌或督办，或您无权查看。",
            f"No card or order {thing.card_id}, or not for you to see.",
        )
    if isinstance(thing, InstanceFacts):
        return NotFound(
            f"没有编号为 {thing.instance_id} 的办件或流程，或您无权查看。",
            f"No instance {thing.instance_id}, or not for you to see.",
        )
    return NotFound("没有找到，或您无权查看。", "Not found, or not for you to see.")
