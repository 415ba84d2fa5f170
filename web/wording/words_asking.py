"""Words for asking others: seats, powers, states of signers, proxies, hand-over. Keys are codes, values Chinese."""

from collections.abc import Mapping

from engine.runtime.handover import Kind
from engine.runtime.proxy import ProxyMode
from engine.runtime.signers import SignerState
from engine.runtime.task import Power, Seat, TaskState

SEATS: Mapping[str, str] = {
    Seat.HOLDER: "办理",
    Seat.MEMBER: "会签",
    Seat.ADVISER: "会商",
    Seat.BEFORE: "前加签",
    Seat.AFTER: "后加签",
    Seat.DELEGATE: "受委派",
}

POWERS: Mapping[str, str] = {Power.DECIDE: "可作决定", Power.ADVISE: "提供意见"}

# The state of a task that somebody was asked for, or of a signer who has none.
ASKED: Mapping[str, str] = {
    TaskState.OFFERED: "待答复",
    TaskState.ASSIGNED: "待答复",
    TaskState.WAITING: "正在征询他人",
    TaskState.COMPLETED: "已答复",
    TaskState.CANCELLED: "已撤回",
    TaskState.SUPERSEDED: "不再需要",
    SignerState.PLANNED: "还没轮到",
    SignerState.REMOVED: "已减签",
}

PROXY_MODES: Mapping[str, str] = {ProxyMode.MOVE: "任务转给代理人", ProxyMode.SHARE: "代理人可以代办"}

PROXIES: Mapping[str, str] = {
    "planned": "未开始",
    "running": "代理中",
    "asleep": "未启用",
    "revoked": "已撤销",
    "over": "已期满",
}

HANDED_OVER: Mapping[str, str] = {
    Kind.TASK: "任务",
    Kind.RETURNED: "代他人办理的任务，退回本人",
    Kind.SIGNER: "还没轮到的加签",
    Kind.MEMBER: "还没轮到的会签席位",
    Kind.PROXY: "代理他人",
    Kind.PRINCIPAL: "请他人代理，已撤销",
    Kind.GROUP: "办理组",
    Kind.CHOICE: "已被选定的后续环节",
    Kind.POST: "岗位",
    Kind.LEADER: "部门负责人",
    Kind.DEPUTY: "部门副职",
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "seat": SEATS,
    "power": POWERS,
    "asked": ASKED,
    "proxy_mode": PROXY_MODES,
    "proxy": PROXIES,
    "handover": HANDED_OVER,
}
