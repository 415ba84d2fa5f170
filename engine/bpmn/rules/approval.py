"""Rules of ballots and refusals: settings that can be read, that fit each other and the people, and name what exists."""

from collections.abc import Iterator
from typing import Final

from engine.bpmn.graph import FlowNode, ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, WARNING, Code, Notebook, clip
from engine.bpmn.rules.tasks import banjie, listed
from engine.bpmn.words import Words
from engine.feel import is_expression
from engine.runtime import refusal
from engine.runtime.ballot_settings import NAMES, faults_of_voters, parse
from engine.runtime.refusal import OnReject
from engine.runtime.who.policies import rejecting

_ZH: Final = "{it}的表决：{problem}"
_EN: Final = "{it}, as a ballot: {problem}."


def _fault(code: str, about: str) -> Code:
    return Code(code, ERROR, _ZH, _EN, about)


CATALOGUE.add(
    _fault("ballot-mode-invalid", "banjie:ballot says how many approvals are needed, as an exact fraction or number."),
    _fault("ballot-setting-invalid", "Every setting of a ballot is read at upload; see docs/approval-verbs.md."),
    _fault("ballot-votes-invalid", "banjie:votes says which outcome is which vote: approve, reject or abstain."),
    _fault(
        "ballot-outcome-without-vote",
        "A vote is never guessed from an outcome whose meaning is not one of the usual words.",
    ),
    _fault(
        "ballot-one-sided", "A ballot without an outcome to reject could never fail, one without approval never pass."
    ),
    _fault("ballot-abstain-without-outcome", "Who may abstain needs a button for it."),
    _fault("ballot-tie-without-half", "Approvals and rejections are equal only at one half of the votes cast."),
    _fault("ballot-chair-missing", "tie=chair lets the vote of one named voter decide an equal vote."),
    _fault("ballot-chair-not-voter", "The chair decides an equal vote by the vote that he has cast as a voter."),
    _fault("ballot-names-stranger", "Vetoes and weights belong to voters."),
    _fault("ballot-cannot-pass", "Such a ballot would refuse every case."),
    _fault("ballot-weights-unused", "Weights count in a weighted ballot only."),
    Code(
        "ballot-flow-invalid",
        ERROR,
        "{it}的 onReject=flow:{flow} 不成立：{problem}",
        "{it}: onReject=flow:{flow} cannot be: {problem}.",
        "The flow of a refusal leaves the task itself, without condition, beside at least one other: it is taken when the "
        "task is refused, and then alone.",
    ),
    Code(
        "ballot-return-unknown",
        ERROR,
        "{it}的 onReject=return:{target} 找不到可退回的环节；请写同一流程中在它之前的人工环节的 id",
        "{it}: onReject=return:{target} names no task to return to; write the id of a user or manual task of the same "
        "process that comes before it.",
        "A task that is refused can return the case to an earlier one.",
    ),
    Code(
        "ballot-refusal-in-loop",
        ERROR,
        "{it}是多实例或循环，onReject 只能是 continue；请改用结果变量和网关",
        "{it} is a multi-instance or loop, where onReject can only be continue; route by its result behind it.",
        "One instance among several cannot end the case or choose the way of all.",
    ),
    Code(
        "refusal-unreadable",
        ERROR,
        "{it}的 onReject=「{value}」不认识；可用：{usage}",
        "{it}: onReject=“{value}” is none of {usage}.",
        "What a negative outcome leads to: the process goes on, ends, returns to a task, or takes a flow of its own.",
    ),
    Code(
        "refusal-without-outcome",
        ERROR,
        "{it}写了 onReject，但没有不同意的结果选项，永远不会起作用；请补上 outcomes，例：agree:同意,refuse:不同意",
        "{it} has onReject but no outcome that refuses, so it would never act; add outcomes, such as agree,refuse.",
        "The negative outcome of a task of one person is one of the usual words (refuse, reject, disagree …), else the last "
        "of several.",
    ),
    Code(
        "ballot-settings-without-ballot",
        WARNING,
        "{it}写了 {names}，但没有 banjie:ballot，这些设置不起作用；请补上 ballot 或删去它们",
        "{it} has {names} but no banjie:ballot, so they have no effect; add the ballot or remove them.",
        "A task becomes a ballot by banjie:ballot alone.",
    ),
)

_HUMAN: Final = ("userTask", "manualTask")
_ONLY_BALLOTS: Final = tuple(name for name in NAMES if name not in ("ballot", refusal.SETTING))


def check(model: ModelFile, book: Notebook) -> None:
    """Check the ballots of one file."""
    for process in model.executable:
        for node in process.walk():
            if node.kind not in _HUMAN:
                continue
            if banjie(node, "ballot"):
                _ballot(node, book)
            else:
                _without_ballot(node, book)


def is_ballot(node: FlowNode) -> bool:
    """Whether a user or manual task is a ballot."""
    return node.kind in _HUMAN and bool(banjie(node, "ballot"))


def _without_ballot(node: FlowNode, book: Notebook) -> None:
    names = [name for name in _ONLY_BALLOTS if banjie(node, name)]
    if names:
        book.report("ballot-settings-without-ballot", node, names=", ".join(f"banjie:{name}" for name in names))
    text = banjie(node, refusal.SETTING)
    if not text or _is_open(text):
        return
    way = refusal.read(text)
    if way is None:
        book.report("refusal-unreadable", node, value=clip(text, 60), usage=", ".join(refusal.USAGE))
        return
    if rejecting(_outcomes(node)) is None:
        book.report("refusal-without-outcome", node)
    _refusal(node, way, book)


def _ballot(node: FlowNode, book: Notebook) -> None:
    settings = {name: banjie(node, name) for name in NAMES if banjie(node, name)}
    ballot, faults = parse(settings, _outcomes(node), is_open=_is_open)
    voters = _fixed_voters(node)
    if not faults and voters is not None and not any(map(_is_open, settings.values())):
        faults = faults_of_voters(ballot, voters)
    for fault in faults:
        book.report(fault.code, node, problem=Words(clip(fault.zh, 300), clip(fault.en, 300)))
    _refusal(node, ballot.on_reject, book)


def _outcomes(node: FlowNode) -> tuple[str, ...]:
    codes = (part.partition(":")[0].strip() for part in banjie(node, "outcomes").split(","))
    return tuple(code for code in codes if code)


def _fixed_voters(node: FlowNode) -> list[str] | None:
    """The people who vote, where the model names them all; None where they are found in the organisation or by data."""
    if banjie(node, "who") or listed(node, "candidateGroups"):
        return None
    logins = [*([banjie(node, "assignee")] if banjie(node, "assignee") else []), *listed(node, "candidateUsers")]
    if not logins or any(map(_is_open, logins)):
        return None
    return list(dict.fromkeys(logins))


def _is_open(text: str) -> bool:
    """Whether a value is known only when the ballot opens."""
    return is_expression(text) or "${" in text or "#{" in text


def _refusal(node: FlowNode, way: OnReject, book: Notebook) -> None:
    kind, argument = way.kind, way.argument
    if node.loop is not None and kind != "continue":
        book.report("ballot-refusal-in-loop", node)
    elif kind == "flow":
        problem = _problem_of_flow(node, argument)
        if problem is not None:
            book.report("ballot-flow-invalid", node, flow=clip(argument, 60), problem=problem)
    elif kind == "return" and argument not in {each.id for each in _before(node) if each.kind in _HUMAN}:
        book.report("ballot-return-unknown", node, target=clip(argument, 60))


def _problem_of_flow(node: FlowNode, flow_id: str) -> Words | None:
    flow = next((each for each in node.outgoing if each.id == flow_id), None)
    if flow is None:
        leaving = ", ".join(each.id for each in node.outgoing)
        return Words(f"它不是该环节的出线（出线：{leaving}）", f"it does not leave the task (these do: {leaving})")
    if len(node.outgoing) == 1:
        return Words("没有另一条出线供通过时走", "there is no other flow for when it passes")
    if flow.condition is not None or flow.is_default:
        return Words(
            "它带条件或是默认流；未通过时它总是被走，请去掉", "it has a condition or is the default; it needs neither"
        )
    return None


def _before(node: FlowNode) -> Iterator[FlowNode]:
    """Every node of the same scope or of one around it from which ``node`` can be reached."""
    seen: set[FlowNode] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        sources = [flow.source for flow in current.incoming]
        sources += [node for node in current.scope.nodes if current in node.links]
        if current.host is not None:
            sources.append(current.host)
        if not sources and current.scope.parent is not None:
            sources.append(current.scope.parent)
        for source in sources:
            if source not in seen:
                seen.add(source)
                yield source
                waiting.append(source)
