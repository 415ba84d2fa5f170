"""From the settings of a node to the people who get its task: find, leave out, replace, pick. Pure; used to decide and to predict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine.records import record
from engine.runtime.who.facts import Bar, Course, Directory
from engine.runtime.who.language import Who
from engine.runtime.who.picking import pick
from engine.runtime.who.policies import Auto, Fallback, OnRepeat, OnSelf, Pick, Policies, Rule, approving, rejecting
from engine.runtime.who.resolution import Automatic, Candidate, Note, Resolution
from engine.runtime.who.standing import Ground, Refusal
from engine.runtime.who.strategies import Finder


@record
class Question:
    """For which task people are looked for. Without ``who`` the plain attributes say it."""

    token_id: str
    who: Who | None = None
    assignee: str | None = None
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    round: int = 1  # 2 and more: the case came back here, and nothing is skipped or approved by itself (P-3.7)
    is_ballot: bool = False  # its members are frozen when it opens
    policies: Policies = field(default_factory=Policies)


def resolve(question: Question, directory: Directory, course: Course, bar: Bar) -> Resolution:
    """Find who gets the task. Nobody who is disabled, recused or excluded is ever in the answer."""
    return _Resolving(question, directory, course, bar).run()


@dataclass(slots=True)
class _Resolving:
    question: Question
    directory: Directory
    course: Course
    bar: Bar
    finder: Finder = field(init=False)
    skipped: list[Note] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.finder = Finder(self.directory, self.course, self.bar)

    @property
    def policies(self) -> Policies:
        return self.question.policies

    def run(self) -> Resolution:
        by_itself = self._by_itself()
        if by_itself is not None:
            return Resolution(text=self._text(), automatic=by_itself)
        found = self._found()
        kept = self._kept(found)
        answer = Resolution(found=tuple(found), text=self._text())
        if kept:
            answer = self._given(answer, kept)
        else:
            answer = self._nobody(answer)
        return replace(answer, skipped=tuple(self.skipped), notes=tuple(self.finder.notes))

    def _by_itself(self) -> Automatic | None:
        """``auto``: the model decides this node and nobody is looked for (B9). It never passes a case that came back (P-3.7)."""
        policies, round = self.policies, self.question.round
        if policies.auto is Auto.NONE or self.question.is_ballot:
            return None
        zh, en = "按模型规定自动办理", "the model decides this step"
        if policies.auto_basis:
            zh, en = f"{zh}，依据：{policies.auto_basis}", f"{en}: {policies.auto_basis}"
        if policies.auto is Auto.PASS:
            return self._passes("auto=pass", zh, en) if round <= 1 else None
        return self._fails("auto=fail", zh, en)

    # ---- who was found

    def _text(self) -> str:
        return self.question.who.text if self.question.who is not None else ""

    def _found(self) -> list[Candidate]:
        question = self.question
        if question.who is not None:
            return self.finder.find(question.who)
        if question.assignee is not None:
            named = [Candidate(login=question.assignee, by="assignee")]
            return [*named, *self._pool()] if self._is_gone(question.assignee) else named
        return self._pool()

    def _is_gone(self, login: str) -> bool:
        """Whether the one who is named left the house: those to whom he could have put it back get it then."""
        refusal = self.bar.against(login)
        return refusal is not None and refusal.ground in (Ground.DISABLED, Ground.UNKNOWN)

    def _pool(self) -> list[Candidate]:
        question = self.question
        found = {login: Candidate(login=login, by="candidateUsers") for login in question.users}
        for key in question.groups:
            for login in self.directory.group_members(key) or ():
                found.setdefault(login, Candidate(login=login, by=f"groups({key})", group=key))
        return list(found.values())

    def _kept(self, found: Iterable[Candidate]) -> list[Candidate]:
        """Those who may act, with those who stand in for the others by the policies."""
        kept: dict[str, Candidate] = {}
        for candidate in found:
            refusal = self.bar.against(candidate.login)
            if refusal is None:
                kept.setdefault(candidate.login, candidate)
                continue
            self.refused[candidate.login] = refusal
            for login in self._stand_ins(candidate.login, refusal):
                kept.setdefault(login, Candidate(login=login, by=candidate.by))
        return list(kept.values())

    def _stand_ins(self, login: str, refusal: Refusal) -> tuple[str, ...]:
        rule = self._rule_for(refusal)
        stand_ins = self._people_of(rule, login)
        self._skip(login, refusal, rule, stand_ins)
        return stand_ins

    def _rule_for(self, refusal: Refusal) -> Rule:
        if refusal.ground is Ground.OWN_APPLICATION:
            return Rule(Fallback.LEADER if self.policies.on_self is OnSelf.LEADER else Fallback.DROP)
        if refusal.ground in (Ground.RECUSED, Ground.FOUR_EYES):
            return self.policies.on_excluded
        return Rule(Fallback.DROP)  # whoever left or never was has no leader to stand in for him

    def _people_of(self, rule: Rule, login: str) -> tuple[str, ...]:
        if rule.kind is Fallback.LEADER:
            person = self.directory.person(login)
            department = self.directory.department(person.department_id) if person and person.department_id else None
            above = self.finder.leaders_above(department, login, 20)
            return next(((each,) for each in above if self.bar.against(each) is None), ())
        if rule.kind is Fallback.USERS:
            return self._allowed(rule.users)
        if rule.kind is Fallback.ADMIN:
            return self._allowed(self.directory.role_holders("admin") or ())
        return ()

    def _allowed(self, logins: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(login for login in logins if self.bar.against(login) is None))

    def _skip(self, login: str, refusal: Refusal, rule: Rule, stand_ins: tuple[str, ...]) -> None:
        instead = "、".join(stand_ins)
        zh = refusal.zh + (f"，由 {instead} 代为办理" if stand_ins else "")
        en = refusal.en + (f"; {', '.join(stand_ins)} acts instead" if stand_ins else "")
        self.skipped.append(Note(code=refusal.ground.value, zh=zh, en=en, login=login))

    # ---- somebody is there

    def _given(self, answer: Resolution, kept: list[Candidate]) -> Resolution:
        fails = self._excluded_fails()
        if fails is not None:
            return replace(answer, automatic=fails)
        logins = tuple(candidate.login for candidate in kept)
        if self.policies.pick is not Pick.ALL and not self.question.is_ballot:
            one, how = pick(self.policies.pick, logins, self.directory, self.question.token_id)
            return self._for_one(replace(answer, picked={**how, "taken": one}), one)
        if self.question.is_ballot:
            return replace(answer, users=logins, carried=self._carried(logins))
        return self._for_several(answer, kept, logins)

    def _for_several(self, answer: Resolution, kept: list[Candidate], logins: tuple[str, ...]) -> Resolution:
        groups = tuple(dict.fromkeys(each.group for each in kept if each.group is not None))
        if groups and not self.refused:
            # The pool as the model names it, also a group that is empty today; whoever joins a group later sees the task.
            if self.question.who is None:
                return replace(answer, users=self.question.users, groups=self.question.groups)
            return replace(answer, users=tuple(each.login for each in kept if each.group is None), groups=groups)
        if len(logins) == 1 and (self.question.who is not None or self.question.assignee is not None):
            return self._for_one(answer, logins[0])
        return replace(answer, users=logins)

    def _for_one(self, answer: Resolution, login: str) -> Resolution:
        earlier = self._repeats((login,)).get(login)
        if earlier is not None:
            rule = f"onRepeat={self.policies.on_repeat.value}"
            automatic = Automatic(outcome=approving(self.question.outcomes), rule=rule, zh=earlier.zh, en=earlier.en)
            self.skipped.append(earlier)
            return replace(answer, automatic=automatic)
        return replace(answer, assignee=login)

    def _carried(self, logins: tuple[str, ...]) -> dict[str, Note]:
        return self._repeats(logins)

    def _repeats(self, logins: tuple[str, ...]) -> dict[str, Note]:
        """Those who have approved before, where the node lets that count again."""
        if self.policies.on_repeat is OnRepeat.NONE or self.question.round > 1:
            return {}
        approved = self.course.approved(self.policies.on_repeat)
        return {
            login: Note(
                code="repeat",
                zh=f"{login} 已在「{approved[login]}」同意，不再重复审批",
                en=f'{login} has approved at "{approved[login]}" and is not asked again',
                login=login,
            )
            for login in logins
            if login in approved
        }

    # ---- nobody is there

    def _excluded_fails(self) -> Automatic | None:
        """``onExcluded="fail"``: that somebody is excluded ends the node, whoever else is there."""
        grounds = (Ground.RECUSED, Ground.FOUR_EYES)
        excluded = next((login for login, refusal in self.refused.items() if refusal.ground in grounds), None)
        if excluded is None or self.policies.on_excluded.kind is not Fallback.FAIL:
            return None
        return self._fails("onExcluded=fail", f"{excluded} 须回避", f"{excluded} is excluded")

    def _nobody(self, answer: Resolution) -> Resolution:
        fails = self._excluded_fails()
        if fails is not None:
            return replace(answer, automatic=fails)
        own = any(refusal.ground is Ground.OWN_APPLICATION for refusal in self.refused.values())
        if own and self.policies.on_self is OnSelf.SKIP and self.question.round <= 1:
            zh, en = "只有发起人本人，按规则跳过", "only the initiator is there, who is skipped"
            return replace(answer, automatic=self._passes("onSelf=skip", zh, en))
        rule = self.policies.on_empty
        if rule.kind is Fallback.PASS and self.question.round <= 1:
            zh, en = "没有能办理的人，按规则通过", "nobody may act, so the node passes"
            return replace(answer, automatic=self._passes("onEmpty=pass", zh, en))
        if rule.kind is Fallback.FAIL:
            fails = self._fails("onEmpty=fail", "没有能办理的人", "nobody may act")
            if fails is not None:
                return replace(answer, automatic=fails)
        return self._fallen_back(answer, rule)

    def _fallen_back(self, answer: Resolution, rule: Rule) -> Resolution:
        people = self._allowed(rule.users)
        if not people:
            people = self._allowed(self.directory.role_holders("admin") or ())
            rule = Rule(Fallback.ADMIN)
        if not people:
            note = "没有能办理的人，也没有能代为办理的管理员", "nobody may act, no administrator either"
            self.finder.notes.append(Note(code="nobody", zh=note[0], en=note[1]))
            return answer
        zh, en = (
            f"没有能办理的人，按规则（{rule}）交给 {'、'.join(people)}",
            f"nobody may act; {rule}: {', '.join(people)}",
        )
        self.finder.notes.append(Note(code="empty", zh=zh, en=en))
        one = people[0] if len(people) == 1 and not self.question.is_ballot else None
        return replace(answer, assignee=one, users=() if one else people)

    def _passes(self, rule: str, zh: str, en: str) -> Automatic:
        return Automatic(outcome=approving(self.question.outcomes), rule=rule, zh=zh, en=en)

    def _fails(self, rule: str, zh: str, en: str) -> Automatic | None:
        """The negative outcome of the node; None for a node that has none (the upload has said so)."""
        outcome = rejecting(self.question.outcomes)
        if outcome is None:
            return None
        return Automatic(outcome=outcome, rule=rule, zh=f"{zh}，按规则不通过", en=f"{en}, so the node is refused")
