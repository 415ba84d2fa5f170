"""What stands on the page of a task, an instance or a case beside the decisions: copies with their read marks, and talk."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from engine.access import InstanceFacts, Verb, may
from web.frame.auth import current_actor, services
from web.frame.filters import prefetch_names
from web.parts import colleagues


def about(instance_id: str) -> Mapping[str, Any]:
    """Everything that ``inbox/talk.html`` shows of an instance to the present person."""
    actor, queries = current_actor(), services().queries
    facts = queries.instances.facts(instance_id) or InstanceFacts(instance_id=instance_id)
    copies, comments = queries.inbox.copies_of(instance_id), queries.inbox.comments_of(instance_id)
    files = queries.inbox.files_of(instance_id)
    prefetch_names([row["added_by"] for row in files])
    prefetch_names([row["recipient"] for row in copies] + [row["author"] for row in comments])
    may_send, may_talk = (may(actor, verb, facts).allowed for verb in (Verb.SEND_COPY, Verb.COMMENT))
    people = colleagues.listed(actor.login) if may_send or may_talk else []
    return {
        "instance_id": instance_id,
        "copies": copies,
        "comments": comments,
        "files": files,
        "may_send": may_send,
        "may_talk": may_talk,
        "people": people,
        "addresses": services().queries.people.addresses() if may_send else [],
        "me": actor.login,
    }


def back(instance_id: str) -> str:
    """The page from which the form came: the task's or the instance's."""
    task = request.form.get("task", "")
    if task and task.replace("-", "").isalnum():
        return url_for("tasks.show", task_id=task) + "#talk"
    return url_for("instances.show", instance_id=instance_id)
