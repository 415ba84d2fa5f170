"""The words of BPMN in Chinese and English, for sentences and pictures."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Words(NamedTuple):
    """One thing in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Return the text in ``language`` ("zh" or "en")."""
        return self.zh if language.startswith("zh") else self.en


KINDS: Final[Mapping[str, Words]] = {
    "process": Words("流程", "process"),
    "participant": Words("泳池", "pool"),
    "lane": Words("泳道", "lane"),
    "task": Words("任务", "task"),
    "userTask": Words("用户任务", "user task"),
    "manualTask": Words("人工任务", "manual task"),
    "scriptTask": Words("脚本任务", "script task"),
    "serviceTask": Words("服务任务", "service task"),
    "sendTask": Words("发送任务", "send task"),
    "receiveTask": Words("接收任务", "receive task"),
    "businessRuleTask": Words("业务规则任务", "business rule task"),
    "subProcess": Words("子流程", "subprocess"),
    "eventSubProcess": Words("事件子流程", "event subprocess"),
    "transaction": Words("事务子流程", "transaction"),
    "adHocSubProcess": Words("即席子流程", "ad-hoc subprocess"),
    "callActivity": Words("调用活动", "call activity"),
    "exclusiveGateway": Words("排他网关", "exclusive gateway"),
    "parallelGateway": Words("并行网关", "parallel gateway"),
    "inclusiveGateway": Words("包容网关", "inclusive gateway"),
    "eventBasedGateway": Words("事件网关", "event-based gateway"),
    "complexGateway": Words("复杂网关", "complex gateway"),
    "startEvent": Words("开始事件", "start event"),
    "endEvent": Words("结束事件", "end event"),
    "intermediateCatchEvent": Words("中间捕获事件", "intermediate catch event"),
    "intermediateThrowEvent": Words("中间抛出事件", "intermediate throw event"),
    "boundaryEvent": Words("边界事件", "boundary event"),
    "sequenceFlow": Words("顺序流", "sequence flow"),
    "messageFlow": Words("消息流", "message flow"),
    "association": Words("关联", "association"),
    "dataInputAssociation": Words("数据输入关联", "data input association"),
    "dataOutputAssociation": Words("数据输出关联", "data output association"),
    "ioSpecification": Words("输入输出规格", "input/output specification"),
    "dataObject": Words("数据对象", "data object"),
    "dataObjectReference": Words("数据对象", "data object"),
    "dataStore": Words("数据存储", "data store"),
    "dataStoreReference": Words("数据存储", "data store"),
    "textAnnotation": Words("文本注释", "text annotation"),
    "group": Words("分组", "group"),
    "message": Words("消息", "message"),
    "signal": Words("信号", "signal"),
    "error": Words("错误", "error"),
    "escalation": Words("升级", "escalation"),
    "correlationKey": Words("关联键", "correlation key"),
    "correlationProperty": Words("关联属性", "correlation property"),
    "correlationPropertyBinding": Words("关联取值", "correlation binding"),
    "correlationPropertyRetrievalExpression": Words("消息取值", "retrieval expression"),
}

EVENTS: Final[Mapping[str, Words]] = {
    "none": Words("空", "none"),
    "message": Words("消息", "message"),
    "timer": Words("定时", "timer"),
    "signal": Words("信号", "signal"),
    "error": Words("错误", "error"),
    "escalation": Words("升级", "escalation"),
    "conditional": Words("条件", "conditional"),
    "compensate": Words("补偿", "compensation"),
    "link": Words("链接", "link"),
    "terminate": Words("终止", "terminate"),
    "cancel": Words("取消", "cancel"),
    "multiple": Words("多重", "multiple"),
    "parallelMultiple": Words("并行多重", "parallel multiple"),
}


def kind_words(kind: str, event: str = "") -> Words:
    """Return the name of a BPMN element kind, with its event kind: ``("startEvent", "timer")`` -> timer start event."""
    words = KINDS.get(kind, Words(kind, kind))
    if event and event != "none":
        trigger = EVENTS.get(event, Words(event, event))
        return Words(trigger.zh + words.zh, f"{trigger.en} {words.en}")
    return words
