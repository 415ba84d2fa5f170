"""Copies and comments over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from engine.access import Verb
from engine.commands.tasks.comments import AddComment, WithdrawComment
from engine.commands.tasks.copies import MAX_RECIPIENTS, ReadCopy, SendCopies
from web.api.acting import actor, created, execute, queries, visible_instance
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body
from web.api.shapes import Flag, Id, Listing, Login, Out, PageQuery, Remark
from web.frame.policy import asks_thing, signed_in

copies = Noun(blueprint, "copies")

Address = Annotated[str, StringConstraints(min_length=1, max_length=140)]


class Copy(Out):
    id: str
    instance_id: str
    definition_key: str
    business_key: str | None
    title: str
    element_id: str = Field(description="The step from which it was sent; empty for the instance as a whole.")
    element_name: str
    recipient: str
    sent_by: str = Field(description="`system` when the model says so.")
    note: str
    sent_at: datetime
    read_at: datetime | None


class CopyList(Listing):
    items: list[Copy]


class CopiesQuery(PageQuery):
    unread: Flag = Field(False, description="Only those that were not opened.")


class Sending(Body):
    recipients: list[Address] = Field(
        min_length=1,
        max_length=MAX_RECIPIENTS,
        description="Logins, `group:<key>`, `department:<code>`, `departments:<code>` (with those below it), `post:<key>` or "
        "`post:<key>@<department>`; each is resolved at once to the people in it.",
    )
    task_id: Id | None = Field(None, description="Of the step of this task instead of the whole instance.")
    note: Remark = ""


class Sent(Out):
    sent: list[str]
    already: list[str] = Field(description="Had a copy of this step before and got no second one.")
    nobody: list[str] = Field(description="Groups, departments and posts in which nobody is.")


class ReadMark(Out):
    id: str
    instance_id: str


class Comment(Out):
    id: str
    task_id: str | None
    author: str
    body: str
    said_at: datetime


class CommentList(Listing):
    items: list[Comment]


class NewComment(Body):
    body: Remark
    mentions: list[Login] = Field([], max_length=20, description="Beside those written as `@login` in the text.")
    task_id: Id | None = None


class CommentMade(Out):
    id: str
    mentions: list[str] = Field(description="Who was called by name and may see the instance from now on.")


@copies.get("/copies", signed_in, zh="抄送我的", query=CopiesQuery, answers={200: CopyList})
def list_copies(query: CopiesQuery) -> Any:
    """List the copies for the caller, newest first."""
    page = queries().inbox.copies(actor(), unread=query.unread, after=query.after, limit=query.limit)
    return {"items": page.rows, "next": page.next}


@copies.post("/copies/<copy_id>/read", signed_in, zh="已阅", answers={200: ReadMark}, errors=(404,))
def read_copy(copy_id: str) -> Any:
    """Mark a copy for the caller as read; the first time counts."""
    return execute(ReadCopy(copy_id=copy_id))


@copies.get(
    "/process-instances/<instance_id>/copies",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="一个流程实例的抄送",
    answers={200: CopyList},
    errors=(404,),
)
def copies_of(instance_id: str) -> Any:
    """List who got a copy of an instance and who has read it."""
    visible_instance(instance_id)
    return {"items": queries().inbox.copies_of(instance_id)}


@copies.post(
    "/process-instances/<instance_id>/copies",
    asks_thing(Verb.SEND_COPY),
    zh="抄送",
    body=Sending,
    answers={200: Sent},
    errors=(404, 409),
)
def send_copies(instance_id: str, body: Sending) -> Any:
    """Send copies of an instance to people, groups, departments and posts: one for each person and step, none for the caller."""
    command = SendCopies(
        instance_id=instance_id, recipients=tuple(body.recipients), task_id=body.task_id, note=body.note
    )
    return execute(command)


@copies.get(
    "/process-instances/<instance_id>/comments",
    asks_thing(Verb.VIEW_INSTANCE),
    zh="一个流程实例的讨论",
    answers={200: CommentList},
    errors=(404,),
)
def comments_of(instance_id: str) -> Any:
    """List what was said about an instance, oldest first."""
    visible_instance(instance_id)
    return {"items": queries().inbox.comments_of(instance_id)}


@copies.post(
    "/process-instances/<instance_id>/comments",
    asks_thing(Verb.COMMENT),
    zh="发表意见",
    body=NewComment,
    answers={201: CommentMade},
    errors=(404, 409),
)
def add_comment(instance_id: str, body: NewComment) -> Any:
    """Say something about an instance; whoever is called by name may see it from now on."""
    command = AddComment(instance_id=instance_id, body=body.body, mentions=tuple(body.mentions), task_id=body.task_id)
    return created(execute(command), f"/process-instances/{instance_id}/comments")


@copies.delete("/comments/<comment_id>", asks_thing(Verb.COMMENT), zh="收回意见", answers={204: None}, errors=(404,))
def withdraw_comment(comment_id: str) -> Any:
    """Take one's own comment back; the history keeps it."""
    execute(WithdrawComment(comment_id=comment_id))
    return Answer(status=204)
