"""Messages and signals over HTTP: how other systems speak to processes."""

from typing import Any

from pydantic import Field

from engine.access import Verb
from engine.commands.running.messages import BroadcastSignal, CorrelateMessage
from web.api.acting import execute
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Name, Out, Variables
from web.frame.policy import asks

messages = Noun(blueprint, "messages")


class Message(Body):
    name: Name = Field(min_length=1)
    correlation: Variables = Field({}, description="What the waiting element's correlation keys must equal.")
    variables: Variables = Field({})
    keep_seconds: int = Field(
        0, ge=0, le=30 * 86_400, description="With nobody there, wait so long for somebody instead of 404."
    )


class Delivery(Out):
    delivered: bool
    instance_id: str | None
    started: bool = Field(description="The message started this instance.")
    kept: bool = Field(description="Nobody was there; the message waits.")


class Signal(Body):
    name: Name = Field(min_length=1)
    variables: Variables = Field({})


class Broadcast(Out):
    receivers: int


@messages.post(
    "/messages",
    asks(Verb.SEND_MESSAGE),
    zh="发送消息",
    body=Message,
    answers={200: Delivery, 202: Delivery},
    errors=(404, 409),
)
def send_message(body: Message) -> Answer:
    """Send a message to the one instance that waits for it, or to the process that it starts.

    202: nobody was there and the message is kept. 404: nobody was there. 409: more than one waits; narrow `correlation`.
    """
    result = execute(
        CorrelateMessage(
            name=body.name, correlation=body.correlation, variables=body.variables, keep_seconds=body.keep_seconds
        )
    )
    return Answer(result, 202 if result["kept"] else 200)


@messages.post("/signals", asks(Verb.SEND_SIGNAL), zh="广播信号", body=Signal, answers={202: Broadcast}, errors=(409,))
def broadcast_signal(body: Signal) -> Any:
    """Broadcast a signal to everybody who waits for it; each instance hears it a moment later."""
    return execute(BroadcastSignal(name=body.name, variables=body.variables))
