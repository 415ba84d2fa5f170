"""Cases 办件: filing, changing the form, withdrawing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from engine.access import Verb, require
from engine.approval.applicant import Applicant, ApplicantKind
from engine.approval.case import Case
from engine.approval.case_number import CaseNumber, query_password
from engine.approval.case_state import CaseState
from engine.approval.filing import CaseFormChanged, CasePartKept, CaseRegistered
from engine.approval.item.terms import Identification
from engine.commands.cases import attachments, issuers, materials, sealing
from engine.commands.cases.case_files import CaseFile
from engine.commands.running import choosing, forms, instances, moving
from engine.commands.running.variables import RESERVED, check_variables
from engine.context import Command
from engine.errors import Conflict, InvalidInput, gathered
from engine.records import record
from engine.runtime.instance import InstanceRetitled, MessageReceived
from engine.runtime.step import SubscriptionKind
from engine.store import tables
from engine.store.rows import cases, definitions

if TYPE_CHECKING:
    from engine.approval.item import Item
    from engine.context import CommandContext
    from engine.events import Event
    from engine.store.base.unit_of_work import Values

CHANNELS = frozenset({"window", "phone", "online", "mail", "terminal", "meeting"})
URGENCIES = range(3)  # 普通, 加急, 特急
WITHDRAW_APPLICATION = "撤回申请"  # the messages for which the models wait
WITHDRAW_COMMITMENT = "撤回承诺"
CORRELATION = "correlationKey"

# What gateways read before any verb has said otherwise: an unknown name would be an incident.
ROUTING: Mapping[str, Any] = {
    "accepted": False,
    "result": "",
    "route": "",
    "correction_rounds": 0,
    "tolerant": False,
    "tolerance_gate": "",
    "tolerance_checked": False,
    "decided_on_commitment": False,
}


@record
class FileCase(Command):
    """申请/接件: file a case for an item and start the item's process; answers {id, no, instance_id, query_code}.

    ``applicant`` is an Applicant as JSON; ``form`` is checked by the item's start form. ``offered`` names the materials that
    were handed in on paper: {code: {"form": "original", "note": ""}}. ``attachments`` are stored files (see AddAttachment),
    each with its ``material_code``. ``chosen`` names who acts at the steps that are chosen at the start: {element: [login]}.
    The query code is told once, to be handed to the applicant.
    """

    told_once = frozenset({"query_code"})

    item_code: str
    applicant: Mapping[str, Any]
    form: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    channel: str = "window"
    urgency: int = 0
    offered: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attachments: tuple[Mapping[str, Any], ...] = ()
    chosen: Mapping[str, list[str]] = field(default_factory=dict)

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.FILE_CASE)
        item_row = cases.item_row(context.uow, self.item_code)
        if item_row["disabled"]:
            raise Conflict(f"事项“{item_row['name']}”已停办。", f"Item {self.item_code} is no longer handled.")
        definition = definitions.latest(context.uow, item_row["process_key"])
        item = cases.item(context.uow, item_row["id"])
        compiled = definitions.compiled(context.uow, context.machine, definition["id"])
        applicant, form, channel, urgency, _ = gathered(
            lambda: read_applicant(self.applicant, item),
            lambda: check_application(context, definition, item, self.form),
            lambda: _one_of("channel", self.channel, CHANNELS),
            lambda: _one_of("urgency", self.urgency, URGENCIES),
            lambda: choosing.check(compiled, self.chosen, "start"),
        )
        sealed = applicant if sealing.is_sealed(item, form, context.local_now) else None
        filing = Filing(
            context=context,
            item_row=item_row,
            item=item,
            applicant=applicant if sealed is None else sealing.masked(applicant),
            form=form,
            sealed=sealed,
            title=self.title.strip()[:200],
            channel=channel,
            urgency=urgency,
        )
        no = filing.take_number()

        def hand_in(file: CaseFile) -> None:
            self._choose(file, definition, form)
            self._hand_in(file)

        return filing.start(definition, no, hand_in) | {"query_code": filing.query_code}

    def retell(self, context: CommandContext, answer: Mapping[str, Any]) -> dict[str, Any]:
        return {"query_code": query_password(context.environment.secret, answer["id"])}

    @classmethod
    def kept_for_retry(cls, context: CommandContext, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Who asked for confidentiality stands in no incident either: the application is filed again by whoever took it."""
        row = cases.item_row(context.uow, fields["item_code"])
        sealed = sealing.is_sealed(cases.item(context.uow, row["id"]), fields["form"], context.local_now)
        return None if sealed else fields

    def _choose(self, file: CaseFile, definition: Values, form: Mapping[str, Any]) -> None:
        context = file.context
        compiled = definitions.compiled(context.uow, context.machine, definition["id"])
        row = context.uow.get(tables.process_instance, (file.stream,))
        assert row is not None  # the case has just been registered in its history
        choosing.keep(context, row, compiled, self.chosen, "start", variables=form)

    def _hand_in(self, file: CaseFile) -> None:
        attachments.add_all(file, self.attachments)
        materials.offer(file, self.offered)


@dataclass(slots=True)
class Filing:
    """A case on its way into the house: its number, its row, its materials, then its process."""

    context: CommandContext
    item_row: Values
    item: Item
    applicant: Applicant
    form: Mapping[str, Any]
    title: str = ""
    channel: str = "window"
    urgency: int = 0
    sealed: Applicant | None = None  # who the applicant really is, where that is kept from the case
    parent_id: str | None = None
    with_materials: bool = True
    query_code: str = ""

    def take_number(self) -> str:
        """Take the next case number of the day, the kind of handling and the department."""
        context = self.context
        first = CaseNumber(
            region=context.environment.region,
            day=context.calendar.local_date(context.now),
            infotype=self.item.infotype,
            department=issuers.digits_of(context, self.item.department),
            serial=1,
        )
        return str(replace(first, serial=cases.next_serial(context.uow, tables.case_number, first.prefix)))

    def start(
        self,
        definition: Values,
        no: str,
        hand_in: Callable[[CaseFile], None],
        variables: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Register the case in the history of a new instance, hand in its materials, and let the process run."""
        case_id = self.context.new_id()
        case, events = Case.file(id=case_id, number=no, item=self.item, applicant=self.applicant)
        title = self.title or self._usual_title()

        def prepare(instance_id: str) -> None:
            registered = self._registered(case, title)
            retitled = InstanceRetitled(title=title, applicant=self.applicant.name, urgency=self.urgency)
            self.context.record(instance_id, registered, *events, retitled)
            row = self.context.uow.get(tables.case_file, (case_id,))
            assert row is not None  # just registered
            file = CaseFile(self.context, row)
            self._name_keepers(file)
            if self.sealed is not None:
                sealing.seal(file, self.sealed)
            if self.with_materials:
                materials.open_slots(file)
            hand_in(file)

        started = instances.start(
            self.context,
            definition,
            {**self.form, **ROUTING, **self._names(case), **(variables or {})},
            business_key=no,
            title=title,
            prepare=prepare,
        )
        return {"id": case_id, "no": no, "instance_id": started.id}

    def _name_keepers(self, file: CaseFile) -> None:
        """The item may name a group that answers for the case as a whole, whoever has its tasks."""
        keeper = self.item.roles.get("keeper")
        if keeper:
            file.tell(CasePartKept(case_id=file.id, part="keepers", value={"groups": [keeper]}))

    def _usual_title(self) -> str:
        """What lists show: the matter by the form field that the guide names, else the applicant; then the item."""
        subject = self.form.get(self.item.guide.get("title_field", "")) or self.applicant.name
        return f"{subject} · {self.item.name}"[:200]

    def _names(self, case: Case) -> dict[str, Any]:
        return {
            "case_no": case.number,
            "case_id": case.id,
            "item_code": self.item.code,
            "item_name": self.item.name,
            "applicant_name": self.applicant.name,
        }

    def _registered(self, case: Case, title: str) -> Event:
        self.query_code = query_password(self.context.environment.secret, case.id)
        return CaseRegistered(
            case_id=case.id,
            number=case.number,
            item_id=self.item_row["id"],
            item_code=self.item.code,
            item_name=self.item.name,
            infotype=self.item.infotype.value,
            title=title,
            applicant_kind=self.applicant.kind.value,
            applicant_name=self.applicant.name,
            applicant_id=self.applicant.id_number,
            applicant=self.applicant.to_json(),
            channel=self.channel,
            urgency=self.urgency,
            form=self.form,
            query_code_hash=query_code_hash(self.context.environment.secret, case.number, self.query_code),
            parent_id=self.parent_id,
        )


def query_code_hash(secret: bytes, no: str, code: str) -> str:
    """What is stored of a query code: six digits need the installation's secret beside them."""
    return hmac.new(secret, f"query:{no}:{code}".encode(), hashlib.sha256).hexdigest()


def read_applicant(value: Mapping[str, Any], item: Item) -> Applicant:
    """Build the applicant from JSON; raises InvalidInput that names every missing or bad field."""
    given = check_variables({"applicant": dict(value)})["applicant"]
    kinds = [kind.value for kind in ApplicantKind]
    errors: dict[str, tuple[str, str]] = {}
    if given.get("kind") not in kinds:
        errors["kind"] = f"应为 {'、'.join(kinds)} 之一", f"must be one of {', '.join(kinds)}"
    elif item.audience and given["kind"] not in item.audience:
        errors["kind"] = "本事项不面向此类申请人", "this item is not for such applicants"
    named = item.identification is Identification.REQUIRED
    given.setdefault("id_number", "" if not named else None)
    for name, limit, needed in (("name", 200, True), ("id_number", 40, named), ("phone", 200, not named)):
        text = given.get(name, "")
        if not isinstance(text, str) or (needed and not text.strip()) or len(text.strip()) > limit:
            zh, en = ("必填", "is required") if needed else ("应为文字", "must be a text")
            errors[name] = f"{zh}，最多 {limit} 字", f"{en}, at most {limit} characters"
    for name in ("legal_representative", "address"):
        if not isinstance(given.get(name, ""), str) or len(given.get(name, "")) > 200:
            errors[name] = "应为文字，最多 200 字", "must be a text, at most 200 characters"
    agent = given.get("agent")
    if agent is not None and (not isinstance(agent, dict) or not str(agent.get("name") or "").strip()):
        errors["agent"] = "请填写代办人姓名", "the name of the agent is required"
    if errors:
        raise InvalidInput(
            "申请人信息有误：" + "；".join(f"{name} {zh}" for name, (zh, _) in errors.items()) + "。",
            "The applicant has errors: " + "; ".join(f"{name} {en}" for name, (_, en) in errors.items()) + ".",
            fields={f"applicant.{name}": zh for name, (zh, _) in errors.items()},
            fields_en={f"applicant.{name}": en for name, (_, en) in errors.items()},
        )
    stripped = {name: text.strip() if isinstance(text, str) else text for name, text in given.items()}
    return Applicant.from_json(stripped)


def check_application(
    context: CommandContext, definition: Values, item: Item, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the application form's values, checked by the item's start form, else by that of its process; without either
    any variables are taken."""
    checked = check_variables(given)
    start_form = item.forms.get("start")
    if start_form is None:
        compiled = definitions.compiled(context.uow, context.machine, definition["id"])
        return forms.check_start_form(context, definition, compiled, checked, held=True)
    form = forms.form_of(context.uow, definition["id"], PurePosixPath(start_form).stem)
    result = form.check(checked, now=context.local_now)
    forms.refuse(result.errors, form)
    return forms.blank(form, {}) | {name: value for name, value in result.values.items() if name not in RESERVED}


def _one_of(name: str, value: Any, allowed: Any) -> Any:
    if value in allowed:
        return value
    listed = "、".join(str(each) for each in sorted(allowed))
    fields, english = {name: f"应为 {listed} 之一"}, {name: f"must be one of {listed}"}
    raise InvalidInput(
        f"{name} 应为 {listed} 之一。", f"{name} must be one of {listed}.", fields=fields, fields_en=english
    )


@record
class ChangeCaseForm(Command):
    """Correct the application form before acceptance; the process sees the new values. Answers {no, changed}."""

    no: str
    form: Mapping[str, Any]

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.CHANGE_CASE)
        state = file.case.state
        if state.is_accepted or state.is_ended or state in (CaseState.DECIDED_OK, CaseState.DECIDED_NO):
            raise Conflict(
                f"办件{file.number}现为“{state.label()}”，受理后不能修改申请表。",
                f"Case {file.number} is {state.label('en')!r}; the application cannot be changed after acceptance.",
                state=state.value,
            )
        running = moving.load(context, file.stream)
        definition = definitions.by_id(context.uow, running.row["definition_id"])
        form = check_application(context, definition, file.item, {**file.row["form"], **self.form})
        changed = {name: value for name, value in form.items() if file.row["form"].get(name) != value}
        if changed:
            file.tell(CaseFormChanged(case_id=file.id, form=form, changed=tuple(changed)))
            materials.apply_conditions(file)
            running.move(lambda execution: execution.set_variables(changed))
        return {"no": file.number, "changed": sorted(changed)}


@record
class WithdrawCase(Command):
    """撤回申请 for the applicant, before the decision: the process catches the message and winds up. Answers {no, state}."""

    no: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.WITHDRAW_CASE)
        # The table of moves decides whether it is too late; what it says goes to the person, not into an incident.
        file.case.withdraw(file.now, self.reason)
        return send_to_case(file, WITHDRAW_APPLICATION, {"withdraw_reason": self.reason})


@record
class WithdrawCommitment(Command):
    """撤回承诺 for the applicant, before the decision: the case goes back to the ordinary procedure. Answers {no, state}."""

    no: str
    reason: str = ""

    def execute(self, context: CommandContext) -> dict[str, Any]:
        file = CaseFile.open(context, self.no, Verb.WITHDRAW_CASE)
        return send_to_case(file, WITHDRAW_COMMITMENT, {"withdraw_reason": self.reason})


def check_withdrawable(context: CommandContext, no: str) -> None:
    """Raise what ``WithdrawCase`` would refuse now; for ``ProcessEngine.ask``."""
    file = CaseFile.open(context, no, Verb.WITHDRAW_CASE)
    file.case.withdraw(file.now)
    _waiting_for(file, WITHDRAW_APPLICATION)


def _waiting_for(file: CaseFile, name: str) -> moving.Moving:
    """Load the process of a case. Raises Conflict when nothing in it waits for this message."""
    running = moving.load(file.context, file.stream)
    if not any(w.kind is SubscriptionKind.MESSAGE and w.name == name for w in running.before.subscriptions):
        raise Conflict(
            f"办件{file.number}当前环节不能办理“{name}”。",
            f"Case {file.number} does not take {name!r} at this point.",
            case=file.number,
        )
    return running


def send_to_case(file: CaseFile, name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Deliver a message with these texts as variables to the case's own process; answers {no, state}. Raises Conflict when
    nothing waits for it now."""
    variables = {key: text.strip()[:2000] for key, text in check_variables(texts).items()}
    running = _waiting_for(file, name)
    correlation = {CORRELATION: file.number}
    file.tell(MessageReceived(name=name, correlation=correlation, variables=variables))
    running.move(lambda execution: execution.deliver_message(name, correlation, variables))
    return {"no": file.number, "state": file.row["state"]}
