"""Notices: what a person is told, on which ways, and in which words."""

from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from typing import Any

from engine.records import record


class Kind(StrEnum):
    """What there is to tell."""

    TASK = "task"  # a task is mine
    RETURNED = "returned"  # a task came back to me
    URGED = "urged"  # 催办
    MENTIONED = "mentioned"  # somebody called me in a comment
    COPIED = "copied"  # 抄送
    DUE_SOON = "due-soon"  # a task of mine ends in two working days, in one, now
    CARD = "card"  # 监察牌, 督办
    ASKED = "asked"  # something is asked of me, or is asked no more, or my question was answered
    DIGEST = "digest"  # what waits, once a day


class Channel(StrEnum):
    """The ways beside the page, where every notice stands."""

    MAIL = "mail"
    HOOK = "hook"


# The ways of somebody who has chosen nothing.
USUAL: Mapping[Kind, frozenset[Channel]] = {
    Kind.TASK: frozenset({Channel.HOOK}),
    Kind.RETURNED: frozenset(Channel),
    Kind.URGED: frozenset(Channel),
    Kind.MENTIONED: frozenset(Channel),
    Kind.COPIED: frozenset({Channel.HOOK}),
    Kind.DUE_SOON: frozenset(Channel),
    Kind.CARD: frozenset(Channel),
    Kind.ASKED: frozenset(Channel),
    Kind.DIGEST: frozenset(),  # a person asks for it
}


@record
class Announcing:
    """What an installation has set up. ``base_url`` begins the links ("https://bureau.example"); no ``hook_url``, no webhook."""

    base_url: str = ""
    has_mail: bool = False
    hook_url: str = ""
    hook_secret: bytes = b""
    digest_at: time = time(8, 30)

    @property
    def channels(self) -> frozenset[Channel]:
        has = {Channel.MAIL: self.has_mail, Channel.HOOK: bool(self.hook_url)}
        return frozenset(channel for channel in Channel if has[channel])


def wanted(preference: Any, kind: Kind) -> frozenset[Channel]:
    """The ways on which a person wants to be told, by the stored preference {kind: [channels]}."""
    chosen = preference.get(kind.value) if isinstance(preference, Mapping) else None
    if not isinstance(chosen, list):
        return USUAL[kind]
    return frozenset(channel for channel in Channel if channel.value in chosen)


_ZH: Mapping[Kind, str] = {
    Kind.TASK: "新的待办：{title}（{step}）",
    Kind.RETURNED: "退回给您：{title}（{step}）",
    Kind.URGED: "{who} 催办：{title}（{step}）",
    Kind.MENTIONED: "{who} 在讨论中提到您：{title}",
    Kind.COPIED: "{who} 抄送给您：{title}",
    Kind.DUE_SOON: "到期提醒：{title}（{step}），{due} 到期",
    Kind.CARD: "{what}：{title}（{why}）",
    Kind.ASKED: "{what}：{title}（{why}）",
    Kind.DIGEST: "今日待办 {assigned} 件，其中超期 {overdue} 件、临期 {soon} 件；待认领 {offered} 件",
}
_EN: Mapping[Kind, str] = {
    Kind.TASK: "New task: {title} ({step})",
    Kind.RETURNED: "Returned to you: {title} ({step})",
    Kind.URGED: "{who} urges: {title} ({step})",
    Kind.MENTIONED: "{who} mentioned you: {title}",
    Kind.COPIED: "{who} sent you a copy: {title}",
    Kind.DUE_SOON: "Reminder: {title} ({step}) ends {due}",
    Kind.CARD: "{what_en}: {title} ({why_en})",
    Kind.ASKED: "{what_en}: {title} ({why_en})",
    Kind.DIGEST: "Today: {assigned} tasks, {overdue} of them overdue, {soon} due soon; {offered} to claim",
}


_POOL = (
    "新的待认领：{title}（{step}）",
    "New task to claim: {title} ({step})",
)  # of a pool, for a proxy of its members


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


def sentence(kind: Kind, title: str, facts: Mapping[str, Any], language: str) -> str:
    """One line that says it all, in ``language`` ("zh" or "en"); what is not known is a dash."""
    given = {key: value for key, value in facts.items() if value not in (None, "")}
    if kind is Kind.COPIED and given.get("who") == "system":
        given["who"] = "流程" if language == "zh" else "The process"
    text = (_ZH if language == "zh" else _EN)[kind]
    if given.get("pool"):
        text = _POOL[0] if language == "zh" else _POOL[1]
    if given.get("proxy_for"):  # who is told stands in for somebody
        text = ("代{proxy_for}：" if language == "zh" else "For {proxy_for}: ") + text
    line = text.format_map(_Facts({**given, "title": title}))
    return " ".join(line.split())
