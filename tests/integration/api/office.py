"""A small item with its process: intake at the window, withdrawal possible until the decision."""

from tests.integration.engine.house import bpmn, flows

CODE = "11430105MB0000000M400011234500001"

ITEM = f"""
code = "{CODE}"
name = "公共场所卫生许可"
department = "wsjk"
process = "hygiene"
infotype = "promised"
audience = ["person", "organisation"]

[limits]
statutory = {{ limit = "20wd", source = "《行政许可法》第四十二条" }}
promised = {{ limit = "10wd", source = "本局承诺" }}

[[materials]]
code = "M01"
name = "申请表"
class = "main"

[[materials]]
code = "M02"
name = "营业执照复印件"
class = "secondary"
form = "copy"

[[legal_basis]]
title = "公共场所卫生管理条例"
article = "第四条"

[guide]
conditions = "经营场所符合卫生标准"
""".encode()

PROCESS = bpmn(
    '<startEvent id="start"/><serviceTask id="receive" banjie:verb="case.receive"/>'
    '<userTask id="check" name="审核" banjie:candidateGroups="window" banjie:outcomes="accept:受理"/>'
    '<serviceTask id="accept" banjie:verb="case.accept"/><userTask id="review" name="审查" banjie:assignee="holder"/>'
    '<endEvent id="end"/>'
    '<boundaryEvent id="withdrawn" attachedToRef="check"><messageEventDefinition messageRef="withdraw"/></boundaryEvent>'
    '<serviceTask id="wind_up" banjie:verb="case.withdraw"/><endEvent id="gone"/>'
    + flows(
        "start-receive",
        "receive-check",
        "check-accept",
        "accept-review",
        "review-end",
        "withdrawn-wind_up",
        "wind_up-gone",
    ),
    key="hygiene",
    more='<message id="withdraw" name="撤回申请"/>',
)

APPLICANT = {"kind": "person", "name": "王小明", "id_number": "430105199001011234", "phone": "13800000000"}
NEW_CASE = {"item": CODE, "applicant": APPLICANT, "form": {"area": 120}, "offered": {"M01": {"form": "original"}}}
FILES = {"hygiene.bpmn": PROCESS, "item.toml": ITEM}
