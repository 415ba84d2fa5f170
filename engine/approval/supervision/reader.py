"""Reading rule sets from TOML, and the sets that are shipped: the house's own, Hunan's, one by share of the limit."""

import tomllib
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Any, Final

from engine.approval.clock import ClockKind
from engine.approval.item import toml
from engine.approval.supervision.rules import (
    Issue,
    Level,
    Measure,
    Occasion,
    OrderRules,
    Receiver,
    Rule,
    RuleSet,
    ScanRules,
    Subject,
    UrgeRules,
)
from engine.calendar import Unit
from engine.errors import InvalidInput

SHIPPED: Final = ("default", "hunan", "share")
MAX_CHARACTERS: Final = 100_000


def read_rules(text: str) -> RuleSet:
    """Read a rule set. Raises InvalidInput that names every wrong key, in ``facts["fields"]``."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(
            f"规则最多 {MAX_CHARACTERS} 字。",
            f"A rule set has at most {MAX_CHARACTERS} characters.",
            fields={"text": "max"},
        )
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput(
            f"规则不是有效的 TOML：{error}。", f"The rules are not valid TOML: {error}.", fields={"text": str(error)}
        ) from error
    faults: toml.Faults = []
    found = _RULE_SET(value, "", faults)
    if faults or not isinstance(found, RuleSet):
        raise InvalidInput(
            "规则有误：" + "；".join(f"{fault.key} {fault.zh}" for fault in faults[:20]) + "。",
            "The rules have faults: " + "; ".join(f"{fault.key} {fault.en}" for fault in faults[:20]) + ".",
            fields={fault.key or "text": fault.zh for fault in faults},
            fields_en={fault.key or "text": fault.en for fault in faults},
        )
    return found


@cache
def shipped_text(name: str) -> str:
    """The text of a shipped rule set."""
    if name not in SHIPPED:
        listed = "、".join(SHIPPED)
        raise InvalidInput(f"没有规则集 {name}，可用的有 {listed}。", f"There is no rule set {name}; known: {listed}.")
    return files("engine.approval.supervision").joinpath("rulesets", f"{name}.toml").read_text("utf-8")


def shipped(name: str = "default") -> RuleSet:
    """A shipped rule set."""
    return parsed(shipped_text(name))


@cache
def parsed(text: str) -> RuleSet:
    """Read a rule set that was checked when it was stored."""
    return read_rules(text)


def _whole(value: object, key: str, faults: toml.Faults) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 9999:
        return value
    faults.append(toml.Fault(key, "应为整数", "must be a whole number"))
    return toml.WRONG


def _part(value: object, key: str, faults: toml.Faults) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 100:
        return float(value)
    faults.append(toml.Fault(key, "应为大于 0 的数，如 0.9", "must be a number above 0, such as 0.9"))
    return toml.WRONG


def _time_of_day(value: object, key: str, faults: toml.Faults) -> Any:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else time.fromisoformat("")
    except ValueError:
        faults.append(toml.Fault(key, "应为时刻，如“08:30”", 'must be a time of day such as "08:30"'))
        return toml.WRONG


_RULE: Final = toml.table(
    Rule,
    {
        "code": toml.text,
        "level": toml.choice(Level),
        "text": toml.text,
        "text_en": toml.text,
        "subject": toml.choice(Subject),
        "clock": toml.choice(ClockKind),
        "on": toml.choice(Occasion),
        "out_at_least": _whole,
        "out_above": _whole,
        "share_at_least": _part,
        "share_above": _part,
        "unit": toml.choice(Unit),
        "limit_below": _whole,
        "limit_from": _whole,
        "processes": toml.listed(toml.text),
        "issue": toml.choice(Issue),
        "enabled": toml.flag,
    },
    required=("code", "level", "text", "text_en"),
)


def _receivers(value: object, key: str, faults: toml.Faults) -> Any:
    found = toml.mapped(toml.listed(toml.choice(Receiver)))(value, key, faults)
    if isinstance(found, dict):
        for name in found:
            if name not in set(Level):
                faults.append(toml.Fault(f"{key}.{name}", "应为 warn、yellow 或 red", "must be warn, yellow or red"))
    return found


_RULE_SET: Final = toml.table(
    RuleSet,
    {
        "id": toml.text,
        "name": toml.text,
        "name_en": toml.text,
        "source": toml.text,
        "measure": toml.choice(Measure),
        "feedback": toml.limit,
        "appeal": toml.limit,
        "office": toml.any_text,
        "receivers": _receivers,
        "rules": toml.listed(_RULE),
        "scan": toml.table(ScanRules, {"daily": _time_of_day, "every_minutes": toml.count, "ahead": toml.limit}),
        "urging": toml.table(UrgeRules, {"every": toml.limit, "per_day": toml.count}),
        "orders": toml.table(
            OrderRules, {"reply": toml.listed(toml.limit), "at_once": toml.listed(toml.choice(Level))}
        ),
    },
    required=("id", "name", "name_en", "source", "rules"),
)
