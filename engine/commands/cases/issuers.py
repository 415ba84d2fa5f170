"""Who writes the documents: name, word of the document numbers 机关代字, remedies; and the two digits in case numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.approval.document import Issuer, Remedies
from engine.approval.filing import IssuerChanged
from engine.context import Command
from engine.errors import InvalidInput, NotFound
from engine.people import check_name
from engine.records import record
from engine.store.rows import cases
from engine.store.rows.people import department_name

if TYPE_CHECKING:
    from engine.context import CommandContext

ISSUERS_KEY = "office.issuers"  # {department code: Issuer as JSON}
DIGITS_KEY = "office.department_digits"  # {department code: two digits}
LAST_DEPARTMENT = 99


@record
class ChangeIssuer(Command):
    """Say under which name and word a department writes its documents, and where its decisions are appealed."""

    department: str
    name: str
    word: str
    review_organ: str
    court: str
    address: str = ""
    phone: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_PEOPLE)
        if department_name(context.uow, self.department) is None:
            raise NotFound(f"没有代码为 {self.department} 的部门。", f"There is no department {self.department}.")
        issuer = Issuer(
            name=check_name(self.name),
            word=check_name(self.word, "word"),
            remedies=Remedies(
                review_organ=check_name(self.review_organ, "review_organ"), court=check_name(self.court, "court")
            ),
            address=self.address.strip(),
            phone=self.phone.strip(),
        )
        known = cases.setting(context.uow, ISSUERS_KEY, {}, to_change=True)
        cases.change_setting(context.uow, ISSUERS_KEY, known | {self.department: issuer.to_json()})
        context.record_admin(IssuerChanged(department=self.department, value=issuer.to_json()))
        return {"department": self.department, **issuer.to_json()}


def of_department(context: CommandContext, department: str) -> Issuer:
    """The organ that writes for a department; without a setting its plain name and the ordinary remedies."""
    known = cases.setting(context.uow, ISSUERS_KEY, {}).get(department)
    if known is not None:
        return Issuer.from_json(known)
    name = department_name(context.uow, department) or department
    return Issuer(name=name, word=name, remedies=Remedies(review_organ="本级人民政府", court="有管辖权的人民法院"))


def digits_of(context: CommandContext, department: str) -> str:
    """The two digits of a department in case numbers; a department that has none takes the next free ones for ever."""
    known = cases.setting(context.uow, DIGITS_KEY, {})
    if department not in known:
        known = cases.setting(context.uow, DIGITS_KEY, {}, to_change=True)
    if department not in known:
        number = len(known) + 1
        if number > LAST_DEPARTMENT:
            raise InvalidInput(
                "办件编号只有两位部门号，已用完 99 个。",
                "A case number holds two digits for the department; all 99 are taken.",
            )
        known[department] = f"{number:02d}"
        cases.change_setting(context.uow, DIGITS_KEY, known)
    digits: str = known[department]
    return digits
