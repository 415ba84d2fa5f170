"""Credit records from outside, and under whose name documents are written."""

import pytest

from engine.cli.composition import OPERATOR
from engine.commands.administration.deployments import DeployResources
from engine.commands.cases.issuers import ChangeIssuer
from engine.commands.procedures.credit import RecordCredit, RepairCredit
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.integration.cases.filing import SHOP, filed
from tests.processes.bureau import Bureau

RECORD = {"applicant_name": "某公司", "applicant_id": "91510100MA00000099", "reason": "列入严重失信主体名单"}


def test_a_record_is_repaired_once_and_with_a_reason(bureau: Bureau) -> None:
    credit_id = bureau.execute(RecordCredit(**RECORD), "ducha")["id"]

    with pytest.raises(InvalidInput):
        bureau.execute(RepairCredit(credit_id=credit_id, reason=" "), "ducha")
    bureau.execute(RepairCredit(credit_id=credit_id, reason="已移出名单"), "ducha")

    row = bureau.credit(RECORD["applicant_id"])[0]
    assert row["repaired_by"] == "ducha" and row["repaired_at"] is not None
    with pytest.raises(Conflict):
        bureau.execute(RepairCredit(credit_id=credit_id, reason="再修复"), "ducha")
    with pytest.raises(NotFound):
        bureau.execute(RepairCredit(credit_id="nobody", reason="无"), "ducha")


def test_credit_is_kept_by_supervisors_and_administrators(bureau: Bureau) -> None:
    for login in ("chuangkou", "juzhang", "shenji", "sheji"):
        with pytest.raises(Forbidden):
            bureau.execute(RecordCredit(**RECORD), login)
    with pytest.raises(InvalidInput):
        bureau.execute(RecordCredit(**RECORD, kind="gossip"), "ducha")


def test_a_process_may_record_a_breach_itself(bureau: Bureau) -> None:
    process = """<?xml version="1.0" encoding="UTF-8"?>
    <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:banjie="urn:banjie:bpmn:1.0"
        id="d" targetNamespace="test">
      <process id="breach" name="记失信" isExecutable="true">
        <startEvent id="start"/>
        <serviceTask id="record" name="记入信用" banjie:verb="credit.record">
          <extensionElements>
            <banjie:input name="kind">commitment_broken</banjie:input>
            <banjie:input name="reason">未按约定整改</banjie:input>
          </extensionElements>
        </serviceTask>
        <endEvent id="end"/>
        <sequenceFlow id="f1" sourceRef="start" targetRef="record"/>
        <sequenceFlow id="f2" sourceRef="record" targetRef="end"/>
      </process>
    </definitions>"""
    item = """code = "000131980000"
    name = "测试"
    department = "scjg"
    process = "breach"
    infotype = "promised"
    materials = [{ code = "M01", name = "申请表", class = "main" }]
    limits = { statutory = "20wd", promised = "10wd" }
    """
    files = {"item.toml": item.encode(), "breach.bpmn": process.encode()}
    bureau.engine.execute(DeployResources(name="breach", files=files), actor=OPERATOR)

    no = bureau.file("000131980000", applicant=SHOP)

    record = bureau.credit(SHOP["id_number"])[0]
    assert (record["kind"], record["reason"], record["case_id"]) == (
        "commitment_broken",
        "未按约定整改",
        bureau.case(no)["id"],
    )


def test_documents_carry_the_name_the_word_and_the_numbers_of_their_organ(bureau: Bureau) -> None:
    change = ChangeIssuer(
        department="scjg", name="星河市场局", word="星场", review_organ="星河市政府", court="星河法院"
    )
    bureau.execute(change, "admin")

    first, second = filed(bureau), filed(bureau)

    assert bureau.document(first, "receipt").startswith("星河市场局\n收件凭证\n星场收〔2026〕1号")
    assert "星场收〔2026〕2号" in bureau.document(second, "receipt")
    with pytest.raises(Forbidden):
        bureau.execute(change, "juzhang")
    with pytest.raises(NotFound):
        bureau.execute(ChangeIssuer(department="nobody", name="甲", word="甲", review_organ="乙", court="丙"), "admin")


def test_document_numbers_begin_again_every_year(bureau: Bureau) -> None:
    bureau.at("2026-12-31 10:00")
    old = filed(bureau)
    bureau.at("2027-01-04 10:00")
    new = filed(bureau)

    assert "〔2026〕1号" in bureau.document(old, "receipt") and "〔2027〕1号" in bureau.document(new, "receipt")
