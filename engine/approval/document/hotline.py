"""Documents of the hotline: what goes to the unit, and what the caller is told."""

from dataclasses import replace

from engine.approval.document.decisions import resumes_on, resumption
from engine.approval.document.value import Document, DocumentKind
from engine.approval.document.writer import Desk, until
from engine.approval.hotline import Order
from engine.approval.suspension import Suspension
from engine.calendar import Due


def order_transfer(desk: Desk, serial: int, order: Order, *, request: str, due: Due, note: str = "") -> Document:
    """热线工单交办单 to the unit: what is asked, until when."""
    lines = [f"诉求内容：{request}", f"请于{until(due)}前办结并答复诉求人，结果反馈热线中心。"]
    if order.designated:
        lines.append("本工单系指定承办，不得退单。")
    if note:
        lines.append(f"说明：{note}")
    written = desk.write(DocumentKind.ORDER_TRANSFER, serial, lines, fields={"承办单位": order.unit_name})
    return replace(written, addressee=order.unit_name)


def order_refused(desk: Desk, serial: int, *, ground: str, note: str) -> Document:
    """诉求不予受理告知书: the ground, and where to turn to."""
    lines = [f"你（单位）反映的诉求，经研究，热线不予受理。理由：{ground}。"]
    return desk.write(DocumentKind.ORDER_REFUSED, serial, [*lines, *([note] if note else [])], legal_basis=desk.basis)


def order_extension(desk: Desk, serial: int, *, due: Due, reason: str) -> Document:
    """诉求延期办理告知书."""
    return desk.write(
        DocumentKind.ORDER_EXTENSION,
        serial,
        [f"你（单位）反映的诉求因情况复杂，经批准延期至{until(due)}前办结。", f"理由：{reason}"],
        fields={"延期后的期限": until(due)},
    )


def order_held(desk: Desk, serial: int, suspension: Suspension, *, planned_end: Due | None = None) -> Document:
    """诉求挂起告知书: the caller is told why nothing can be done now, how long that is planned to take, and when it goes on."""
    planned = "另行告知" if suspension.planned is None else suspension.planned.text()
    return desk.write(
        DocumentKind.ORDER_HELD,
        serial,
        [
            f"你（单位）反映的诉求因受客观条件限制暂时不能办理，经批准挂起{planned}，挂起期间暂停计算办理期限。",
            *resumption(planned_end),
            f"理由：{suspension.reason}",
            "条件具备后立即恢复办理；不同意挂起的，可以拨打12345说明。",
        ],
        fields={"计划时间": planned, **resumes_on(planned_end)},
    )


def order_reply(desk: Desk, serial: int, order: Order, *, reply: str, signer: str) -> Document:
    """诉求办理答复书, signed by the unit's head."""
    return desk.write(
        DocumentKind.ORDER_REPLY,
        serial,
        [reply, "如对办理结果不满意，请在回访时说明，或者拨打12345。"],
        fields={"承办单位": order.unit_name, "签发人": signer},
    )


def order_redo(desk: Desk, serial: int, order: Order, *, reason: str, due: Due) -> Document:
    """工单重办通知书 to the unit."""
    written = desk.write(
        DocumentKind.ORDER_REDO,
        serial,
        [f"本工单经回访，诉求人不满意，现退回重办（第{order.redos}次），请于{until(due)}前办结。", f"理由：{reason}"],
        fields={"承办单位": order.unit_name},
    )
    return replace(written, addressee=order.unit_name)
