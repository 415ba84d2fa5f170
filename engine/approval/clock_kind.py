"""What a clock measures: the limits of a case, of its steps, and of what is asked of the applicant."""

from enum import StrEnum
from typing import Final


class ClockKind(StrEnum):
    """What a clock measures."""

    STATUTORY = "statutory"
    PROMISED = "promised"
    STEP = "step"  # one task
    TIMER = "timer"  # a timer of the process that was set to so many working days
    BRANCH = "branch"  # one co-department
    PRE_ACCEPT = "pre_accept"
    NOTICE = "notice"  # the office's five days for the correction notice
    CORRECTION = "correction"  # the applicant's time to correct
    TOLERANCE = "tolerance"
    DECISION = "decision"  # the same day, on a commitment
    SUPPLEMENT = "supplement"
    VERIFICATION = "verification"
    RECTIFICATION = "rectification"
    STATEMENT = "statement"
    SPECIAL = "special"  # the planned time of a special procedure
    DELIVERY = "delivery"
    SIGN_IN = "sign_in"  # 12345: the unit signs for the order
    SIGN_IN_LATEST = "sign_in_latest"  # and when it must have done so, whatever happens
    RETURN = "return"  # 12345: until when the unit may ask to return it
    SETTLEMENT = "settlement"  # 12345: the centre answers such a request
    CALL_BACK = "call_back"
    REDO = "redo"
    CLARIFICATION = "clarification"  # disclosure: until when a correction may be asked for; silence accepts nothing
    REASONS = "reasons"  # the applicant explains an unusual number of requests
    PAYMENT = "payment"
    REMEDY = "remedy"  # until when the answer may be contested
    PUBLICITY = "publicity"
    SUBMISSION = "submission"  # after the publicity: the applicant applies for the registration itself

    @property
    def zh(self) -> str:
        return {
            "statutory": "法定时限",
            "promised": "承诺时限",
            "step": "环节时限",
            "timer": "流程定时",
            "branch": "并联分支时限",
            "pre_accept": "预受理时限",
            "notice": "补正告知时限",
            "correction": "补正期限",
            "tolerance": "容缺补正期限",
            "decision": "当场决定时限",
            "supplement": "补交材料期限",
            "verification": "核查期限",
            "rectification": "整改期限",
            "statement": "陈述申辩期限",
            "special": "特别程序时限",
            "delivery": "送达时限",
            "sign_in": "签收时限",
            "sign_in_latest": "最迟签收时限",
            "return": "申请退单时限",
            "settlement": "退单审核时限",
            "call_back": "回访时限",
            "redo": "重办时限",
            "clarification": "要求补正的期限",
            "reasons": "说明理由期限",
            "payment": "缴费期限",
            "remedy": "救济期限",
            "publicity": "公示期",
            "submission": "提出登记申请期限",
        }[self.value]


# Clocks of the process itself: they begin and end with a task or a timer, not with what happens to the case.
OF_STEPS: Final = frozenset({ClockKind.STEP, ClockKind.TIMER})
