"""Words of the OpenAPI document for parameters whose name says the same everywhere, and one example for each body that
programs send most."""

import re
from typing import Any, Final

# Query parameters that carry no words of their own.
QUERY: Final = {
    "after": "The `next` of the page before.",
    "applicant_id": "Identity card number or unified social credit code of the applicant.",
    "business_key": "Exactly this business key, e.g. a case number.",
    "definition_key": "Of the process with this key.",
    "department": "Code of a department.",
    "department_id": "Id of a department.",
    "instance": "Of this process instance.",
    "item": "Code of an item 事项.",
    "key": "Key of a process: all its versions, with `latest=false`.",
    "lamp": "Only those whose deadline shows this lamp.",
    "level": "1 to 3: how serious.",
    "limit": "How many at most on one page.",
    "process": "Key of a process.",
    "reason": "Kept in the history.",
    "state": "Only those in this state.",
    "tab": "One list of the page of the same name; all if not given.",
}

# Path parameters, and those that mean something else below some address.
_PATH: Final = {
    "ballot_id": "Id of a ballot 会签, the `ballot_id` of a task.",
    "card_id": "Id of a card 红黄牌.",
    "code": "Code of the material in its item.",
    "comment_id": "Id of a comment.",
    "copy_id": "Id of a copy 抄送.",
    "credit_id": "Id of a credit event.",
    "day": "A date, e.g. 2026-10-01.",
    "definition_id": "Id of one version of a process.",
    "department_id": "Id of a department.",
    "deployment_id": "Id of a deployment.",
    "document_id": "Id of an issued document.",
    "file_id": "Id of a file.",
    "finding_id": "Id of a finding of a scan.",
    "incident_id": "Id of an incident.",
    "instance_id": "Id of a process instance.",
    "job_id": "Id of a job.",
    "key": "Key of a group or post, as models name it.",
    "login": "Login of a person.",
    "no": "Number of the case 办件编号, 23 digits.",
    "notice_id": "Id of a notice.",
    "order_id": "Id of a supervision order.",
    "phrase_id": "Id of a phrase.",
    "recusal_id": "Id of a recusal 回避.",
    "rule_id": "Id of a proxy 代理.",
    "run_id": "Id of a scan.",
    "signer_id": "What `signers` named: the id of the signer's task, or the login of who was added beside.",
    "suspension_id": "Id of a suspension.",
    "tab": "Which list: assigned, offered or done.",
    "task_id": "Id of a task.",
    "token_id": "Id of a token: the middle part of `bj_<id>_<secret>`.",
    "version": "Number of a version of the calendar.",
    "view_id": "Id of a saved view.",
    "year": "Four digits.",
}

# By operation: what an ordinary request holds. A test reads each as the operation itself would.
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "cases_file_case": {
        "item": "000131010000",
        "applicant": {"kind": "person", "name": "张三", "id_number": "110101199003070011", "phone": "13800000000"},
        "form": {"shop_name": "晨光早点铺"},
        "offered": {"M01": {"form": "original"}},
    },
    "cases_withdraw": {"reason": "申请人要求撤回"},
    "copies_add_comment": {"body": "@li 请看第二页"},
    "copies_send_copies": {"recipients": ["li", "group:deciders"], "note": "请知悉"},
    "messages_broadcast_signal": {"name": "rates-changed", "variables": {"rate": 3}},
    "messages_send_message": {
        "name": "payment",
        "correlation": {"order": "L-1"},
        "variables": {"paid": True},
        "keep_seconds": 3600,
    },
    "process_instances_start": {"key": "leave", "business_key": "L-1", "variables": {"days": 3}},
    "proxies_grant": {
        "proxy": "li",
        "start": "2026-12-01T00:00:00+08:00",
        "end": "2026-12-15T00:00:00+08:00",
        "reason": "年休假",
    },
    "supervision_urge_task": {"text": "请尽快办理"},
    "tasks_add_signers": {"people": ["li", "wang"], "position": "before", "reason": "请先核对面积"},
    "tasks_assign": {"assignee": "li", "reason": "本周出差"},
    "tasks_complete": {"outcome": "agree", "comment": "同意", "variables": {"amount": 1200}},
    "tasks_delegate": {"to": "li", "question": "面积是否相符？"},
    "tasks_return_task": {"target": "examine_materials", "reason": "材料不全", "resubmit": "straight"},
    "tasks_withdraw_task": {"reason": "意见填错"},
    "tasks_work": {"action": "approve", "task_ids": ["01a20782-0674-7d49-bf1f-4dd7f23ff028"], "comment": "同意"},
}


def of_path(path: str, name: str) -> str:
    """What the parameter ``name`` of ``path`` stands for. Raises KeyError for one that nobody described."""
    if re.match(r"/items/", path):
        return QUERY["item"]
    return _PATH[name]
