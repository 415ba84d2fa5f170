"""What events refer to: timers, messages with their correlation, signals, errors and escalations of one file."""

from typing import Final

from engine import feel
from engine.bpmn import graph
from engine.bpmn.specs.triggers import (
    CodeTrigger,
    CorrelationProperty,
    Kind,
    MessageTrigger,
    SignalTrigger,
    TimerTrigger,
)
from engine.bpmn.timers import TimerExpression, TimerKind
from engine.bpmn.xml import BANJIE
from engine.bpmn.xml import Node as XmlNode
from engine.errors import ModelRefused

_PREFIX: Final = f"{{{BANJIE}}}"
_DATA: Final = ("dataInput", "dataOutput", "dataObject", "dataObjectReference", "property")


def banjie(node: XmlNode) -> dict[str, str]:
    """Return the banjie: attributes by local name."""
    return {key.removeprefix(_PREFIX): value for key, value in node.attributes.items() if key.startswith(_PREFIX)}


class Definitions:
    """Reads the definitions for the elements of one process, and remembers the names that it met."""

    def __init__(self, model: graph.ModelFile, process_key: str) -> None:
        self.model = model
        self.process_key = process_key
        self.messages: set[str] = set()
        self.signals: set[str] = set()
        self.bindings = self._bindings()

    def variable(self, reference: XmlNode | None) -> str:
        """Return the variable of a ``loopDataInputRef`` or ``loopDataOutputRef``: the name of the data element of that id,
        or the text itself."""
        text = reference.text.strip() if reference is not None else ""
        element = self.model.elements.get(text)
        if element is not None and element.is_bpmn(*_DATA):
            return (element.get("name") or text).strip()
        return text

    def timer(self, node: graph.FlowNode) -> TimerTrigger:
        """Read a timer event definition."""
        definition = node.event_definitions[0]
        for kind in TimerKind:
            text = definition.find(kind.value)
            if text is not None and text.text.strip():
                return TimerTrigger(TimerExpression.compile(kind, text.text))
        raise ModelRefused(
            f"定时事件「{node.name or node.id}」没有写时间",
            f'The timer event "{node.name or node.id}" says no time',
            element_id=node.id,
        )

    def message(self, node: graph.FlowNode) -> MessageTrigger:
        """Read the message of an event, a receive or a send task; what has no message is named like the element."""
        definition = node.event_definitions[0] if node.event_definitions else node.node
        message = self.model.definition("message", definition.get("messageRef"))
        name = (message.name or message.id) if message is not None else (node.name or node.id)
        self.messages.add(name)
        key = banjie(node.node).get("correlationKey") or (
            banjie(message.node).get("correlationKey") if message is not None else None
        )
        return MessageTrigger(
            name,
            self._properties(message.id) if message is not None else (),
            feel.compile(key) if key else None,
        )

    def signal(self, node: graph.FlowNode) -> SignalTrigger:
        """Read the signal of an event."""
        signal = self.model.definition("signal", node.event_definitions[0].get("signalRef"))
        name = (signal.name or signal.id) if signal is not None else (node.name or node.id)
        self.signals.add(name)
        return SignalTrigger(name)

    def code(self, node: graph.FlowNode, kind: Kind) -> CodeTrigger:
        """Read the error or escalation of an event: its code, else its name, else its id; None catches every one."""
        definition = self.model.definition(kind.value, node.event_definitions[0].get(f"{kind.value}Ref"))
        if definition is None:
            return CodeTrigger(kind, None)
        return CodeTrigger(kind, definition.node.get(f"{kind.value}Code") or definition.name or definition.id)

    def _properties(self, message_id: str) -> tuple[CorrelationProperty, ...]:
        """The correlation properties that can be read from a message, with the keys to which they belong."""
        keys: dict[str, list[str]] = {}
        for key in (n for n in self.model.root.iter() if n.is_bpmn("correlationKey")):
            for reference in key.find_all("correlationPropertyRef"):
                keys.setdefault(reference.text.strip(), []).append(key.get("name") or key.get("id") or "")
        found = []
        for item in self.model.root.find_all("correlationProperty"):
            for retrieval in item.find_all("correlationPropertyRetrievalExpression"):
                # bpmn-js writes formalExpression where the schema has messagePath.
                path = retrieval.find("messagePath") or retrieval.find("formalExpression")
                if retrieval.get("messageRef") == message_id and path is not None and path.text.strip():
                    identifier = item.get("id") or ""
                    found.append(
                        CorrelationProperty(
                            item.get("name") or identifier,
                            tuple(keys.get(identifier, ())),
                            feel.compile(path.text.strip()),
                            self.bindings.get(identifier),
                        )
                    )
        return tuple(found)

    def _bindings(self) -> dict[str, feel.Expression]:
        """What the process expects of a correlation property (its correlation subscriptions)."""
        process = next((scope.node for scope in self.model.processes if scope.id == self.process_key), None)
        found = {}
        for subscription in process.find_all("correlationSubscription") if process is not None else ():
            for binding in subscription.find_all("correlationPropertyBinding"):
                path = binding.find("dataPath")
                if path is not None and path.text.strip():
                    found[binding.get("correlationPropertyRef") or ""] = feel.compile(path.text.strip())
        return found
