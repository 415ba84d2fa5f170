"""证照并销: the permits of a subject that has been deregistered, and what their departments said."""

from engine.approval.events import publicity as events
from engine.approval.stored import Stored
from engine.events import Event
from engine.records import record


@record
class Permit(Stored):
    """One permit of the list; ``numbers`` are the certificates that this system made, none where it was made elsewhere."""

    code: str
    name: str
    numbers: tuple[str, ...] = ()
    cancelled: bool = False
    reason: str = ""  # why it stays

    @property
    def words(self) -> str:
        """As documents write it."""
        return f"{self.name}（{'、'.join(self.numbers)}）" if self.numbers else self.name


@record
class Permits(Stored):
    """What was decided on each of them (行政许可法 70: whose subject has ended is cancelled)."""

    decided: tuple[Permit, ...] = ()
    collected: str = ""

    @property
    def gone(self) -> tuple[Permit, ...]:
        """Those that were cancelled."""
        return tuple(each for each in self.decided if each.cancelled)

    @property
    def kept(self) -> tuple[Permit, ...]:
        """Those whose department did not agree: taxes of its own, a case under investigation, obligations not met."""
        return tuple(each for each in self.decided if not each.cancelled)

    @property
    def result(self) -> str:
        """全部注销 all, 部分 part, 终止 none."""
        return ("part" if self.kept else "all") if self.gone else "none"

    def told(self, case_id: str) -> list[Event]:
        """What the history tells of the decisions."""
        return [
            events.PermitsCancelled(
                case_id=case_id,
                result=self.result,
                cancelled=tuple(each.words for each in self.gone),
                kept=tuple(f"{each.words}：{each.reason}" for each in self.kept),
            )
        ]
