"""Small models for the pages: a process with a form and rights, an item with materials, a process that fails."""

import json

from tests.integration.engine.house import bpmn, flows

REVIEW_FORM = json.dumps(
    {
        "id": "review",
        "components": [
            {"type": "text", "text": "# 采购情况\n请核对。"},
            {
                "type": "textfield",
                "key": "project",
                "label": "项目名称",
                "validate": {"required": True, "maxLength": 20},
            },
            {"type": "number", "key": "amount", "label": "金额", "validate": {"min": 0}},
            {
                "type": "select",
                "key": "risk",
                "label": "风险",
                "values": [{"value": "low", "label": "低"}, {"value": "high", "label": "高"}],
            },
            {
                "type": "textarea",
                "key": "why",
                "label": "高风险说明",
                "conditional": {"hide": '=risk != "high"'},
                "validate": {"required": True},
            },
            {"type": "textfield", "key": "reason", "label": "事由"},
            {"type": "textfield", "key": "secret", "label": "内部底价"},
            {
                "type": "dynamiclist",
                "path": "goods",
                "label": "清单",
                "components": [{"type": "textfield", "key": "name", "label": "名称"}],
            },
            {"type": "checkbox", "key": "urgent", "label": "是否紧急"},
        ],
    }
).encode()

APPLY_FORM = json.dumps(
    {
        "id": "apply",
        "components": [
            {"type": "textfield", "key": "project", "label": "项目名称", "validate": {"required": True}},
            {"type": "number", "key": "amount", "label": "金额"},
        ],
    }
).encode()

PURCHASE = bpmn(
    '<startEvent id="start" name="申请" banjie:formKey="apply"/>'
    '<userTask id="review" name="业务审查" banjie:formKey="review" banjie:candidateGroups="reviewers" banjie:limit="3wd" '
    'banjie:outcomes="approve:批准,reject:驳回" banjie:fields="secret:hidden,amount:read" banjie:requireComment="reject"/>'
    '<userTask id="chief" name="领导审批" banjie:assignee="boss"/><endEvent id="end"/>'
    + flows("start-review", "review-chief", "chief-end"),
    key="purchase",
).replace(b'name="purchase"', 'name="采购申请"'.encode())

STUCK = bpmn(
    '<startEvent id="start"/><userTask id="a" name="填数" banjie:assignee="zhang"/><exclusiveGateway id="g" name="金额？"/>'
    '<endEvent id="x"/><endEvent id="y"/>' + flows("start-a", "a-g", "g-x?n = 1", "g-y?n = 2"),
    key="stuck",
)

ITEM = """
code = "000131010001"
name = "食品摊贩备案"
department = "spj"
process = "stall"
infotype = "promised"
audience = ["person", "organisation"]

[limits]
statutory = { limit = "20wd", source = "《行政许可法》第四十二条" }
promised = "5wd"

[[materials]]
code = "M01"
name = "申请书"
class = "main"
requirement = "签字"

[[materials]]
code = "M02"
name = "健康证明"
class = "secondary"

[guide]
title_field = "no_field_of_the_form"
fee = "不收费"

[[legal_basis]]
title = "食品安全法"
article = "第三十六条"

[forms]
start = "stall.form"
""".encode()

STALL_FORM = json.dumps(
    {
        "id": "stall",
        "components": [{"type": "textfield", "key": "stall", "label": "摊位", "validate": {"required": True}}],
    }
).encode()

STALL = bpmn(
    '<startEvent id="start" banjie:formKey="stall"/>'
    '<userTask id="accept" name="窗口受理" banjie:candidateGroups="window" banjie:outcomes="accept:受理,correct:补正"/>'
    '<userTask id="decide" name="作出决定" banjie:candidateGroups="deciders"/><endEvent id="end"/>'
    + flows("start-accept", "accept-decide", "decide-end"),
    key="stall",
)
