"""Who may not act at an element, whatever the way by which the task would reach him: one function, grounds in plain words.

Grounds, in the order in which they are told: unknown, disabled, recused (回避), four eyes (不相容职责分离), own application, own
instance (一人一份).
"""

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum

from engine.records import record


class Ground(StrEnum):
    """Why somebody may not act."""

    UNKNOWN = "unknown"
    DISABLED = "disabled"
    RECUSED = "recused"  # 回避 was declared or ordered for this instance
    FOUR_EYES = "four-eyes"  # acted at an element that this one must be different from
    OWN_APPLICATION = "own-application"  # the initiator, where the node does not let him approve his own
    OWN_INSTANCE = "own-instance"  # has a part of his own in the same multi-instance: each person counts once (P-1.4)


@record
class Refusal:
    """Why one person may not act: a sentence without an end, to stand behind the person's name."""

    ground: Ground
    zh: str
    en: str


def own_instance() -> Refusal:
    """Why nobody has a second part of one multi-instance."""
    return Refusal(
        ground=Ground.OWN_INSTANCE,
        zh="在本环节另有自己的一份，一人只算一份",
        en="has an instance of his own here, and each person counts once",
    )


@record
class Standing:
    """What is known of the people who might act at one element of one instance; all by login."""

    names: Mapping[str, str]  # everybody who was looked up and exists
    disabled: frozenset[str] = frozenset()
    recused: frozenset[str] = frozenset()
    acted: Mapping[str, str] = field(default_factory=dict)  # who acted at an element of differentFrom: its name
    initiator: str | None = None  # only where the node keeps the initiator away
    taking_part: frozenset[str] = frozenset()  # who has a part in the multi-instance beside the task in question

    def against(self, login: str, principal: str | None = None) -> Refusal | None:
        """Return why ``login`` may not act, or None. A proxy must pass for himself and for his ``principal`` (P-7.3)."""
        found = self._against(login)
        if found is not None or principal is None or principal == login:
            return found
        behind = self._against(principal)
        if behind is None:
            return None
        named = self.name(principal)
        return Refusal(ground=behind.ground, zh=f"代理的 {named} {behind.zh}", en=f"acts for {named}, who {behind.en}")

    def knowing(self, names: Mapping[str, str], disabled: frozenset[str]) -> "Standing":
        """The same element and instance with other people."""
        return replace(self, names=names, disabled=disabled)

    def name(self, login: str) -> str:
        """The person as sentences call him: 李娜（li）."""
        known = self.names.get(login)
        return f"{known}（{login}）" if known and known != login else login

    def _against(self, login: str) -> Refusal | None:
        if login not in self.names:
            return Refusal(ground=Ground.UNKNOWN, zh="没有这个账号", en="does not exist")
        if login in self.disabled:
            return Refusal(ground=Ground.DISABLED, zh="已停用", en="is disabled")
        if login in self.recused:
            return Refusal(ground=Ground.RECUSED, zh="已对本办件回避", en="is recused from this instance")
        if login in self.acted:
            return Refusal(
                ground=Ground.FOUR_EYES,
                zh=f"已办理「{self.acted[login]}」，本环节须由不同的人办理",
                en=f'acted at "{self.acted[login]}", and this step needs somebody else',
            )
        if login == self.initiator:
            return Refusal(
                ground=Ground.OWN_APPLICATION,
                zh="是发起人，本环节不得由发起人本人办理",
                en="is the initiator, who may not act here",
            )
        if login in self.taking_part:
            return own_instance()
        return None
