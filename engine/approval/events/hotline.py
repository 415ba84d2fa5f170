"""What happens to an order of the hotline 热线工单."""

from engine.approval.events.base import CaseEvent
from engine.records import record


@record
class OrderDispatched(CaseEvent):
    """派单, again after a return 改派, or to a unit that was designated 指定承办."""

    unit: str
    unit_name: str
    co_units: tuple[str, ...] = ()
    designated: bool = False


@record
class OrderSigned(CaseEvent):
    """签收."""

    unit: str
    late: bool = False


@record
class OrderReturnRequested(CaseEvent):
    """申请退单: the unit asks to return the order."""

    unit: str
    reason: str
    text: str


@record
class OrderReturnSettled(CaseEvent):
    """The centre's answer: approved 同意退单, refused 驳回, designated 指定承办, or the units meet first 会商."""

    decision: str
    text: str = ""


@record
class OrderConsulted(CaseEvent):
    """会商: what the units said, and which of them were silent until the limit ended."""

    text: str
    silent: tuple[str, ...] = ()


@record
class OrderRecalled(CaseEvent):
    """改派: the centre takes the order back while the unit works on it."""

    unit: str
    reason: str


@record
class OrderExtensionRequested(CaseEvent):
    """申请延期."""

    days: int
    reason: str


@record
class OrderUrged(CaseEvent):
    """催办: the caller rang again."""

    text: str
    number: int


@record
class OrderCalledBack(CaseEvent):
    """回访."""

    satisfaction: str
    fault: str = ""
    text: str = ""


@record
class OrderRedoOrdered(CaseEvent):
    """重办."""

    number: int
    reason: str


@record
class OrderMerged(CaseEvent):
    """并单: a duplicate, handled with another order."""

    into: str


@record
class OrderCopyLinked(CaseEvent):
    """Another order about the same thing was merged into this one."""

    number: str
