"""Going back in a process: where a token may return to, why not elsewhere, and what a return has done. Values and sentences."""

from enum import StrEnum

from engine.records import record


class Obstacle(StrEnum):
    """Why a node that has been executed cannot be returned to."""

    STILL_OPEN = "still-open"  # it has not been left yet
    OTHER_BRANCH = "other-branch"  # it lies in a parallel branch: nothing here descends from it
    JOINED = "joined"  # it lies in a branch that a join has closed: the whole fork must be reopened (P-3.4)
    INTERRUPTED = "interrupted"  # an event subprocess has ended other branches that nothing could bring back


_REASONS: dict[Obstacle, tuple[str, str]] = {
    Obstacle.STILL_OPEN: ("它还没有办结", "it is not finished itself"),
    Obstacle.OTHER_BRANCH: (
        "它在另一条并行分支上，不是当前环节的前序环节",
        "it lies in another parallel branch, not before this task",
    ),
    Obstacle.JOINED: (
        "它所在的并行分支已经汇聚，只能把整个并行部分退回到分支点重办",
        "its parallel branch has been joined; only the whole fork can be reopened, at the node where it begins",
    ),
    Obstacle.INTERRUPTED: (
        "事件子流程已中断当时的其他并行分支，无法恢复",
        "an event subprocess has ended the other parallel branches of that time, and they cannot be brought back",
    ),
}


@record
class ReturnTarget:
    """A node that was executed, as a place to return to. ``obstacle`` None: possible."""

    token_id: str  # its last execution from which the returning token descends
    element_id: str
    element_name: str
    element_type: str
    process_key: str
    obstacle: Obstacle | None = None
    fork: str | None = None  # with JOINED: the element to which the whole fork can be returned
    fork_name: str = ""
    reopens: bool = False  # it is a fork: to return there begins all its branches anew

    @property
    def label(self) -> str:
        """The name that people see."""
        return self.element_name or self.element_id

    @property
    def possible(self) -> bool:
        return self.obstacle is None

    def why(self) -> tuple[str, str]:
        """The reason why not, in Chinese and English; empty when possible."""
        if self.obstacle is None:
            return "", ""
        zh, en = _REASONS[self.obstacle]
        if self.fork is not None:
            return f"{zh}（「{self.fork_name or self.fork}」）", f'{en} ("{self.fork_name or self.fork}")'
        return zh, en


@record
class Returned:
    """What a return has done in the machine."""

    token_id: str  # the new token in the target
    renewed: str  # the token of the target's last execution, now undone
    element_id: str
    retired: tuple[str, ...]  # what was open and descended from it, the returner's token among them
    undone: frozenset[str]  # every token whose passage does not count any more, finished ones included
    kept: tuple[str, ...] = ()  # elements between, which the straight way back leaves out (P-3.6)
    opened: tuple[str, ...] = ()  # instances of a multi-instance that wait again beside this one, under their old ids
    decided_on: frozenset[str] = frozenset()  # the variables on which the ways between were decided
