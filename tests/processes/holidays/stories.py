"""What is begun before each holiday of 2026, and what has to happen after it: dates worked out by hand, with the reason.

Working days from Friday 2026-02-13 (not counted): Sat 02-14 is worked = 1, 02-15…23 are off, 02-24 = 2, 25 = 3, 26 = 4, 27 = 5,
Sat 02-28 is worked = 6, 03-02…06 = 7…11, 03-09…13 = 12…16, 03-16…20 = 17…21, 03-23…27 = 22…26, 03-30…04-03 = 27…31, 04-04…06 are
off, 04-07…10 = 32…35, 04-13…17 = 36…40, 04-20…24 = 41…45, 04-27…30 = 46…49, 05-01…05 are off, 05-06…08 = 50…52, Sat 05-09 is
worked = 53, 05-11…15 = 54…58, 05-18 = 59, 05-19 = 60.

Working days from Wednesday 2026-09-30: 10-01…07 are off, 10-08 = 1, 09 = 2, Sat 10-10 is worked = 3, 10-12…16 = 4…8, 10-19…23 =
9…13, 10-26…30 = 14…18, 11-02…06 = 19…23, 11-09…13 = 24…28, 11-16…20 = 29…33, 11-23…27 = 34…38, 11-30…12-04 = 39…43, 12-07 = 44,
12-08 = 45, 12-09…11 = 46…48, 12-14…18 = 49…53, 12-21…25 = 54…58, 12-28 = 59, 12-29 = 60.
"""

from __future__ import annotations

from typing import Final

from engine.commands.administration.deployments import DeployResources
from engine.commands.cases.extensions import RequestExtension
from engine.commands.returning.cancelling import ApplyForWithdrawal
from engine.commands.running.instances import StartInstance
from engine.commands.supervision.appeals import AppealCard
from tests.integration.cases.filing import filed as food_filed
from tests.integration.supervision.watching import card, scan
from tests.processes.bureau import Bureau
from tests.processes.construction_permit import building as construction
from tests.processes.food_permit_tolerance import test_force_majeure as force_majeure
from tests.processes.food_permit_tolerance import test_tolerance as food
from tests.processes.holidays.story import Beat, Story
from tests.processes.hotline_12345 import test_hotline as hotline
from tests.processes.hygiene_permit_commitment import paths as hygiene
from tests.processes.information_disclosure import test_disclosure as disclosure
from tests.processes.rating_rectification import test_rating as rating
from tests.processes.simplified_deregistration import test_deregistration as deregistration
from tests.processes.withdrawal_application.test_withdrawal import PLAN, task_of

SPRING, GOLDEN = "2026-02-13 10:00", "2026-09-30 10:00"


# ---------------------------------------------------------------- 施工许可：部门意见，逾期默认


def _construction(name: str, eve: str, five: str, seven: str, promised: str, statutory: str) -> Story:
    return Story(
        name=f"construction_permit-{name}",
        eve=eve,
        begin=construction.accepted,
        due={"promised": (promised, "15 working days"), "statutory": (statutory, "45 of joint handling, art. 42")},
        tasks={"give_opinion": (five, "5 working days of 人防 and 质量安全, the first to end; 消防 has 7")},
        beats=(
            Beat(at=f"{five} 17:30", why="the fifth day is theirs to its end", open="give_opinion " * 3),
            Beat(
                at=f"{five} 17:31", why="two were silent: a card each", open="give_opinion", cards="red:escalated " * 2
            ),
            Beat(at=f"{seven} 17:30", why="the seventh day is 消防's to its end", open="give_opinion"),
            Beat(
                at=f"{seven} 17:31", why="silence is consent: the lead drafts", open="draft", cards="red:escalated " * 3
            ),
        ),
    )


# ---------------------------------------------------------------- 食品经营许可：容缺承诺；无人审查的发牌


def _tolerance(name: str, eve: str, early: str, late: str, end: str, promised: str, statutory: str) -> Story:
    waiting = "complete_materials review"
    return Story(
        name=f"food_permit_tolerance-{name}",
        eve=eve,
        begin=food.promised,
        due={
            "promised": (promised, "10 working days"),
            "statutory": (statutory, "20 working days"),
            "tolerance": (end, "8 working days: two before the promised end, at most 20"),
        },
        beats=(
            Beat(
                at=f"{early} 08:59", why="three working days before the end have not begun", open=waiting, reminders=0
            ),
            Beat(at=f"{early} 09:00", why="three working days before the end", open=waiting, reminders=1),
            Beat(at=f"{late} 08:59", why="the last but one has not begun", open=waiting, reminders=1),
            Beat(at=f"{late} 09:00", why="one working day before the end", open=waiting, reminders=2),
            Beat(at=f"{end} 17:30", why="the promise may be kept until the office closes", open=waiting),
            Beat(at=f"{end} 17:31", why="broken: acceptance is revoked", state="acceptance_revoked"),
        ),
    )


def _later_deadline(name: str, eve: str, old: str, early: str, late: str, end: str) -> Story:
    """Moved for force majeure before the holiday: counted over it, reminded of by the new day, broken only after that."""
    waiting = "complete_materials review"

    def begin(bureau: Bureau, at: str) -> str:
        no = food.promised(bureau, at)
        force_majeure.asked(bureau, no, end)
        force_majeure.answered(bureau, no)
        return no

    return Story(
        name=f"food_permit_tolerance-force-majeure-{name}",
        eve=eve,
        begin=begin,
        due={"tolerance": (end, "8 working days, and 5 more that the lead gave")},
        beats=(
            Beat(at=f"{old} 17:31", why="the old deadline is over, and nothing is broken", open=waiting),
            Beat(at=f"{early} 09:00", why="three working days before the new end", open=waiting, reminders=1),
            Beat(at=f"{late} 09:00", why="one working day before it", open=waiting, reminders=2),
            Beat(at=f"{end} 17:30", why="until the office closes", open=waiting),
            Beat(at=f"{end} 17:31", why="broken now: acceptance is revoked", state="acceptance_revoked"),
        ),
    )


def _rated(name: str, eve: str, contact: str, rectified: str) -> Story:
    """A poor rating on the eve: called back about on the next working day, rectified in five."""

    def begin(bureau: Bureau, at: str) -> str:
        return rating.poor(bureau, at)

    def then(bureau: Bureau, no: str) -> None:
        rating.step(bureau, "contact", "rectify", **rating.RECORD)
        (task,) = rating.waiting(bureau)
        assert bureau.local_day(task["due_at"]).isoformat() == rectified, "five working days"

    return Story(
        name=f"rating_rectification-{name}",
        eve=eve,
        begin=begin,
        tasks={"contact": (contact, "1 working day")},
        beats=(Beat(at=f"{contact} 09:00", why="the office is open again", open="contact", state="finished"),),
        then=then,
    )


def _unreviewed(name: str, filed: str, before: str, near: str, promised: str, statutory: str) -> Story:
    def begin(bureau: Bureau, at: str) -> str:
        bureau.at(at)
        no = food_filed(bureau)
        bureau.do("chuangkou", no, "examine_materials")
        return no

    return Story(
        name=f"cards-{name}",
        eve=filed,
        begin=begin,
        due={"promised": (promised, "10 working days"), "statutory": (statutory, "20 working days")},
        beats=(
            Beat(at=f"{before} 18:00", why="three working days are left", open="review", cards=""),
            Beat(at=f"{near} 00:01", why="today and two working days more", open="review", cards="warn:issued"),
            Beat(at=f"{promised} 17:30", why="the last moment of the promise", cards="warn:issued"),
            Beat(at=f"{promised} 17:31", why="over the promised limit", cards="warn:superseded yellow:issued"),
            Beat(at=f"{statutory} 17:30", why="the law's last moment", cards="warn:superseded yellow:issued"),
            Beat(
                at=f"{statutory} 17:31",
                why="over the statutory limit",
                cards="warn:superseded yellow:superseded red:escalated",
            ),
        ),
    )


# ---------------------------------------------------------------- 公共场所卫生许可：当日决定，核查，整改


def _granted(name: str, eve: str, delivery: str, verification: str) -> Story:
    return Story(
        name=f"hygiene_permit_commitment-{name}",
        eve=eve,
        begin=hygiene.granted,
        due={"delivery": (delivery, "10 working days, art. 44")},
        tasks={"deliver": (delivery, "10 working days, art. 44")},
        of_child={"verification": (verification, "60 working days")},
        beats=(
            Beat(
                at=f"{delivery} 17:30",
                why="nothing is decided for anybody",
                open="bring_later deliver",
                state="decided_ok",
            ),
        ),
    )


def _inspection(bureau: Bureau, at: str) -> str:
    child = f"{hygiene.granted(bureau, at)}-01"
    bureau.do("jiandu", child, "assign", inspector_1="hecha1", inspector_2="韩梅")
    return child


def _rectified(name: str, inspected: str, until: str) -> Story:
    def begin(bureau: Bureau, at: str) -> str:
        child = _inspection(bureau, at)
        hygiene.inspected(bureau, child, "nonconform", "消毒设施不全", inspection_items="配齐消毒柜")
        return child

    return Story(
        name=f"hygiene_verification-rectification-{name}",
        eve=inspected,
        begin=begin,
        due={
            "rectification": (until, "the thirtieth natural day is in the holiday: the first working day, 民法典 203")
        },
        beats=(
            Beat(at=f"{until} 17:30", why="time to rectify until the office closes", open="rectify"),
            Beat(at=f"{until} 17:31", why="it is checked again", open="inspect"),
        ),
    )


def _heard(name: str, eve: str, until: str) -> Story:
    def begin(bureau: Bureau, at: str) -> str:
        child = _inspection(bureau, at)
        hygiene.inspected(bureau, child, "false_promise", "承诺的检测报告不存在")
        return child

    return Story(
        name=f"hygiene_verification-statement-{name}",
        eve=eve,
        begin=begin,
        due={"statement": (until, "3 working days")},
        beats=(
            Beat(at=f"{until} 17:30", why="he may be heard until the office closes", open="hear_statement"),
            Beat(at=f"{until} 17:31", why="he has waived it", open="decide_revocation"),
        ),
    )


# ---------------------------------------------------------------- 12345热线


def _unsigned(name: str, eve: str, reminded: str, latest: str, due: str) -> Story:
    return Story(
        name=f"hotline_12345-sign_in-{name}",
        eve=eve,
        begin=hotline.dispatched,
        due={
            "sign_in": (reminded, "2 office hours from 16:30"),
            "sign_in_latest": (latest, "1 working day"),
            "return": (latest, "1 working day"),
            "promised": (due, "5 working days from the dispatch"),
        },
        beats=(
            Beat(
                at=f"{reminded} 10:00",
                why="one hour on the eve until 17:30, one from 09:00 on",
                open="sign_in",
                reminders=0,
            ),
            Beat(at=f"{reminded} 10:01", why="two office hours are over", open="sign_in", reminders=1, alerts=""),
            Beat(at=f"{latest} 17:30", why="the working day is not over", alerts=""),
            Beat(
                at=f"{latest} 17:31", why="the supervisor hears of it", open="sign_in", alerts="order-sign-in-overdue"
            ),
        ),
    )


def _handled(name: str, eve: str, warned: str, due: str) -> Story:
    return Story(
        name=f"hotline_12345-handling-{name}",
        eve=eve,
        begin=hotline.signed,
        due={"promised": (due, "5 working days from the dispatch")},
        tasks={"handle": (due, "what is left of the order's own limit")},
        beats=(
            Beat(at=f"{warned} 08:59", why="more than two working days are left", open="handle", reminders=0),
            Beat(at=f"{warned} 09:00", why="two working days are left", open="handle", reminders=1, alerts=""),
            Beat(at=f"{due} 17:30", why="the fifth day is the unit's to its end", alerts=""),
            Beat(at=f"{due} 17:31", why="over", open="handle", alerts="order-handling-overdue"),
        ),
    )


# ---------------------------------------------------------------- 政府信息公开


def _unexamined(name: str, eve: str, seven: str, promised: str, statutory: str) -> Story:
    return Story(
        name=f"information_disclosure-{name}",
        eve=eve,
        begin=disclosure.filed,
        due={
            "statutory": (statutory, "20 working days, 条例 33"),
            "promised": (promised, "15 working days"),
            "clarification": (seven, "7 working days, 条例 30"),
        },
        beats=(
            Beat(at=f"{seven} 17:30", why="a correction may still be asked for", open="examine", alerts=""),
            Beat(
                at=f"{seven} 17:31",
                why="it has to be answered as it stands",
                open="examine",
                alerts="correction-lapsed",
            ),
        ),
    )


def _consulted(name: str, eve: str, answer: str, statutory: str) -> Story:
    def begin(bureau: Bureau, at: str) -> str:
        no = disclosure.clear(bureau, at)
        bureau.do("danganshi", no, "search", "consult", third_party="星河建工集团有限公司")
        return no

    return Story(
        name=f"information_disclosure-third_party-{name}",
        eve=eve,
        begin=begin,
        due={"special": (answer, "15 working days, 条例 32")},
        beats=(
            Beat(at=f"{answer} 17:30", why="he may answer until the office closes", open="third_party_opinion"),
            Beat(at=f"{answer} 17:31", why="silence: the organ decides; the clock runs again", open="search"),
        ),
        afterwards={"statutory": (statutory, "20 working days and the 15 that were not counted")},
    )


# ---------------------------------------------------------------- 企业简易注销


def _published(name: str, filed: str, until: str, submission: str) -> Story:
    def verified(bureau: Bureau, no: str) -> None:
        bureau.do("dengji", no, "verify", "complete")

    return Story(
        name=f"simplified_deregistration-{name}",
        eve=filed,
        begin=deregistration.filed,
        due={"publicity": (until, "the twentieth natural day is in the holiday: the first working day, 民法典 203")},
        beats=(
            Beat(at=f"{until} 17:30", why="objections are taken until the office closes", open=""),
            Beat(at=f"{until} 17:31", why="the publicity is over", open="verify"),
        ),
        then=verified,
        afterwards={"submission": (submission, "20 natural days from the end of the publicity")},
    )


# ---------------------------------------------------------------- 延长期限、撤回申请、监察牌申诉


def _extended(name: str, filed: str, eve: str, approve_by: str, due: str, extended: str) -> Story:
    def begin(bureau: Bureau, at: str) -> str:
        bureau.at(at)
        no = food_filed(bureau)
        bureau.do("chuangkou", no, "examine_materials")
        bureau.at(eve)
        bureau.execute(RequestExtension(no=no, reason="案情复杂，需补充核查"), "shipin")
        return no

    return Story(
        name=f"limit_extension-{name}",
        eve=filed,
        begin=begin,
        due={"promised": (due, "10 working days from the acceptance")},
        tasks={"approve": (approve_by, "1 working day")},
        beats=(Beat(at=f"{due} 09:00", why="the head is back from the holiday", open="approve review"),),
        then=lambda bureau, no: bureau.do("juzhang", no, "approve", "approve", "同意"),
        afterwards={"promised": (extended, "10 working days more")},
    )


def _withdrawn(name: str, eve: str, due: str) -> Story:
    def begin(bureau: Bureau, at: str) -> str:
        bureau.at(at)
        bureau.execute(DeployResources(name="plan", files={"plan.bpmn": PLAN}), "admin")
        plan = str(bureau.execute(StartInstance(key="plan", title="年度计划"), "shipin")["id"])
        bureau.complete("shipin", str(task_of(bureau, "shipin", plan)["id"]), None)  # type: ignore[arg-type]
        return str(bureau.execute(ApplyForWithdrawal(instance_id=plan, reason="计划有变"), "shipin")["application_id"])

    return Story(
        name=f"withdrawal_application-{name}",
        eve=eve,
        begin=begin,
        tasks={"approve": (due, "2 working days")},
        beats=(Beat(at=f"{due} 17:31", why="nobody is withdrawn by silence", open="approve"),),
    )


def _appealed(name: str, filed: str, eve: str, review: str, feedback: str) -> Story:
    def begin(bureau: Bureau, at: str) -> str:
        bureau.at(at)
        no = food_filed(bureau)
        bureau.do("chuangkou", no, "examine_materials")
        bureau.at(eve)
        scan(bureau)
        found = card(bureau, no)
        assert (found["level"], bureau.local_day(found["feedback_due"]).isoformat()) == ("yellow", feedback), "30 wd"
        answer = bureau.execute(AppealCard(card_id=found["id"], text="系统停机两天，有运维记录"), "shipin")
        return str(answer["instance_id"])

    return Story(
        name=f"card_appeal-{name}",
        eve=filed,
        begin=begin,
        tasks={"review": (review, "5 working days")},
        beats=(Beat(at=f"{review} 17:31", why="no silence withdraws a card", open="review"),),
    )


STORIES: Final = (
    _construction("spring", SPRING, "2026-02-27", "2026-03-02", "2026-03-12", "2026-04-24"),
    _construction("golden", GOLDEN, "2026-10-13", "2026-10-15", "2026-10-27", "2026-12-08"),
    _tolerance("spring", SPRING, "2026-02-27", "2026-03-02", "2026-03-03", "2026-03-05", "2026-03-19"),
    _tolerance("golden", GOLDEN, "2026-10-13", "2026-10-15", "2026-10-16", "2026-10-20", "2026-11-03"),
    # from the day of the call-back, which is not counted: Feb 24 -> 25, 26, 27, Sat 28, Mar 2; Oct 8 -> 9, Sat 10, 12, 13, 14
    _rated("spring", "2026-02-14 10:00", "2026-02-24", "2026-03-02"),
    _rated("golden", GOLDEN, "2026-10-08", "2026-10-14"),
    _later_deadline("spring", SPRING, "2026-03-03", "2026-03-05", "2026-03-09", "2026-03-10"),
    _later_deadline("golden", GOLDEN, "2026-10-16", "2026-10-20", "2026-10-22", "2026-10-23"),
    # from Feb 5: 6, 9…13 and Sat 14 are 7, 24…26 are 8…10, 27 and Sat 28 are 12, Mar 2…6 are 17, 9…11 are 20
    _unreviewed("spring", "2026-02-05 10:00", "2026-02-23", "2026-02-24", "2026-02-26", "2026-03-11"),
    # from Sunday Sep 20 (worked): 21…24 are 4, 25…27 off, 28…30 are 7, Oct 8…10 are 10, 12…16 are 15, 19…23 are 20
    _unreviewed("golden", "2026-09-20 10:00", "2026-10-07", "2026-10-08", "2026-10-10", "2026-10-23"),
    _granted("spring", SPRING, "2026-03-05", "2026-05-19"),
    _granted("golden", GOLDEN, "2026-10-20", "2026-12-29"),
    _rectified("spring", "2026-01-21 10:00", "2026-02-24"),  # Jan 21 and 30 days: Feb 20
    _rectified("golden", "2026-09-01 10:00", "2026-10-08"),  # Sep 1 and 30 days: Oct 1
    _heard("spring", SPRING, "2026-02-25"),
    _heard("golden", GOLDEN, "2026-10-10"),
    _unsigned("spring", "2026-02-13 16:30", "2026-02-14", "2026-02-14", "2026-02-27"),
    _unsigned("golden", "2026-09-30 16:30", "2026-10-08", "2026-10-08", "2026-10-13"),
    _handled("spring", SPRING, "2026-02-25", "2026-02-27"),
    _handled("golden", GOLDEN, "2026-10-10", "2026-10-13"),
    _unexamined("spring", SPRING, "2026-03-02", "2026-03-12", "2026-03-19"),
    _unexamined("golden", GOLDEN, "2026-10-15", "2026-10-27", "2026-11-03"),
    _consulted("spring", SPRING, "2026-03-12", "2026-04-10"),  # the thirty-fifth working day
    _consulted("golden", GOLDEN, "2026-10-27", "2026-11-24"),
    _published("spring", "2026-01-28 10:00", "2026-02-24", "2026-03-16"),  # Jan 28 and 20 days: Feb 17
    _published("golden", "2026-09-15 10:00", "2026-10-08", "2026-10-28"),  # Sep 15 and 20 days: Oct 5
    # from Feb 3: 4…6, 9…13 and Sat 14 are 9, Feb 24 is 10; then 25…28 are 4, Mar 2…6 are 9, Mar 9 is 10
    _extended("spring", "2026-02-03 10:00", SPRING, "2026-02-14", "2026-02-24", "2026-03-09"),
    # from Sep 17: 18 and Sun 20…24 are 6, 28…30 are 9, Oct 8 is 10; then 9, 10 are 2, 12…16 are 7, 19…21 are 10
    _extended("golden", "2026-09-17 10:00", GOLDEN, "2026-10-08", "2026-10-08", "2026-10-21"),
    _withdrawn("spring", SPRING, "2026-02-24"),
    _withdrawn("golden", GOLDEN, "2026-10-09"),
    # accepted Jan 29, promised until Feb 12: yellow on the 13th; its answer is due 30 working days later
    _appealed("spring", "2026-01-29 10:00", SPRING, "2026-02-27", "2026-04-02"),
    # accepted Sep 15, promised until Sep 29 (Sun 20 worked, 25…27 off): yellow on the 30th
    _appealed("golden", "2026-09-15 10:00", GOLDEN, "2026-10-13", "2026-11-17"),
)
