"""Notices: told once, on the ways a person likes; mail through a real SMTP server, webhook to a real receiver."""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.calendar import SHANGHAI
from engine.commands.administration.views import SetPreference
from engine.commands.delegating.delegations import DelegateTask, RecallDelegation
from engine.commands.delegating.signers import AddSigners
from engine.commands.notices.notifications import AnnounceTasks, ReadNotice
from engine.commands.returning.returns import ReturnTask
from engine.commands.returning.withdrawals import WithdrawTask
from engine.commands.tasks.comments import AddComment
from engine.commands.tasks.copies import SendCopies
from engine.commands.tasks.handling import AssignTask, CompleteTask
from engine.commands.tasks.opening import OpenTask
from engine.errors import NotFound
from engine.job_executor import JobExecutor
from engine.notifying import Mailer, MailSettings
from engine.outgoing import OutgoingCaller, OutgoingPolicy
from engine.runtime.notice import Announcing
from engine.store import tables
from tests.integration.engine.house import MONDAY, House, bpmn, flows

NODE = bpmn(
    '<startEvent id="s"/><userTask id="t" name="审批" banjie:assignee="li" banjie:limit="2wd"/><endEvent id="e"/>'
    + flows("s-t", "t-e"),
    key="p",
)


THREE = bpmn(
    '<startEvent id="s"/><userTask id="draft" banjie:assignee="li"/><userTask id="check" banjie:assignee="wang"/>'
    '<userTask id="sign" banjie:assignee="sun"/><endEvent id="e"/>'
    + flows("s-draft", "draft-check", "check-sign", "sign-e"),
    key="three",
)

VOTE = bpmn(
    '<startEvent id="s"/><userTask id="v" banjie:candidateUsers="li,wang" banjie:ballot="any"/>'
    '<userTask id="t" banjie:assignee="admin"/><endEvent id="e"/>' + flows("s-v", "v-t", "t-e"),
    key="vote",
)


class SmtpDesk(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one mail needs; a server that is told to be busy refuses with 451."""

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].split()[0].upper()
            if word == "DATA":
                if self.server.busy:  # type: ignore[attr-defined]
                    self._say("451 busy")
                    continue
                self._say("354 go on")
                lines = []
                while (each := self.rfile.readline()) != b".\r\n":
                    lines.append(each)
                self.server.mails.append(b"".join(lines))  # type: ignore[attr-defined]
            elif word == "QUIT":
                self._say("221 bye")
                return
            self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes webhooks and keeps them."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Tests print nothing."""


@contextmanager
def serving(handler: type, **state: Any) -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        for name, value in state.items():
            setattr(server, name, value)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


SECRET = b"a shared secret of the house"


@contextmanager
def hook_at(house: House, *, status: int) -> Iterator[tuple[Any, JobExecutor]]:
    """A receiver of webhooks that answers ``status``, and the executor that calls it."""
    with serving(Receiver, calls=[], status=status) as server:
        port = server.server_address[1]
        house.engine.environment.announcing = Announcing(
            hook_url=f"http://127.0.0.1:{port}/notices", hook_secret=SECRET
        )
        caller = OutgoingCaller(OutgoingPolicy.parse(f"127.0.0.1 127.0.0.1/32 {port}"))
        yield server, JobExecutor(house.engine, caller=caller, threads=1)


@pytest.fixture
def house(house: House) -> House:
    for login in ("li", "wang"):
        house.person(login)
    house.deploy(NODE)
    with house.database.write() as connection:
        connection.execute(tables.person.update().values(email=tables.person.c.login + "@bureau.example"))
    return house


def announce(house: House) -> int:
    return int(house.engine.execute(AnnounceTasks(), actor=SYSTEM)["told"])


def told(house: House, login: str) -> list[str]:
    return [row["kind"] for row in house.queries.inbox.notices(house.actors[login]).rows]


def jobs(house: House) -> list[tuple[str, str]]:
    with house.database.read() as connection:
        return [(row.kind, row.state) for row in connection.execute(select(tables.job.c.kind, tables.job.c.state))]


# ---------------------------------------------------------------- what is told


def test_a_task_is_told_once_to_whoever_has_it_and_again_to_the_next_holder(house: House) -> None:
    instance = house.start("p")

    assert (announce(house), announce(house)) == (1, 0)
    house.engine.execute(AssignTask(task_id=house.task(instance)["id"], assignee="wang"), actor=house.actors["li"])
    assert (announce(house), announce(house)) == (1, 0)

    assert told(house, "li") == ["task"] and told(house, "wang") == ["task"]


def test_p_3_7_only_who_gets_it_by_a_return_is_told_that_it_came_back(house: House) -> None:
    house.deploy(THREE)
    for login in ("sun", "zhou"):
        house.person(login)
    instance = house.start("three")

    def go_on(element_id: str, by: str) -> None:
        house.now += timedelta(minutes=5)
        house.complete(house.task(instance, element_id), house.actors[by])
        announce(house)

    announce(house)
    go_on("draft", "li")
    go_on("check", "wang")
    house.now += timedelta(minutes=5)
    task = house.task(instance, "sign")["id"]
    house.engine.execute(ReturnTask(task_id=task, target="draft", reason="缺图纸"), actor=house.actors["sun"])
    announce(house)
    assert told(house, "li") == ["returned", "task"]
    go_on("draft", "li")
    go_on("check", "wang")
    assert told(house, "wang") == ["task", "task"] and told(house, "sun") == ["task", "task"]

    task = house.task(instance, "sign")["id"]
    house.engine.execute(DelegateTask(task_id=task, to="zhou"), actor=house.actors["sun"])
    announce(house)
    assert told(house, "zhou") == ["task"]


def test_p_5_2_p_4_1_whoever_waited_for_others_is_told_when_they_have_answered(house: House) -> None:
    instance = house.start("p")
    announce(house)
    task, li, wang = house.task(instance)["id"], house.actors["li"], house.actors["wang"]

    asked = house.engine.execute(DelegateTask(task_id=task, to="wang"), actor=li)["delegate_task_id"]
    house.now += timedelta(minutes=5)
    house.engine.execute(CompleteTask(task_id=asked, comment="可以"), actor=wang)
    assert told(house, "li") == ["asked", "task"]

    (signer,) = house.engine.execute(AddSigners(task_id=task, people=("wang",), position="before"), actor=li)["signers"]
    house.now += timedelta(minutes=5)
    house.engine.execute(CompleteTask(task_id=signer, comment="已核"), actor=wang)
    assert told(house, "li") == ["asked", "asked", "task"]

    house.engine.execute(DelegateTask(task_id=task, to="wang"), actor=li)
    house.engine.execute(RecallDelegation(task_id=task), actor=li)  # nobody is told what he did himself
    assert told(house, "li") == ["asked", "asked", "task"]


def test_p_6_2_whose_vote_is_wanted_again_after_a_withdrawal_is_told(house: House) -> None:
    house.deploy(VOTE)
    instance = house.start("vote")
    announce(house)
    house.now += timedelta(minutes=5)
    seat = next(row for row in house.open_tasks(instance) if row["assignee"] == "li")
    house.complete(seat, house.actors["li"], "approve")  # wang is not needed any more
    house.now += timedelta(minutes=5)
    house.engine.execute(WithdrawTask(task_id=seat["id"], reason="看错了"), actor=house.actors["li"])
    announce(house)

    assert told(house, "wang") == ["task", "task"] and told(house, "li") == ["task"]


def test_who_has_opened_the_task_or_took_it_himself_is_not_told(house: House) -> None:
    opened = house.start("p")
    house.engine.execute(OpenTask(task_id=house.task(opened)["id"]), actor=house.actors["li"])
    house.start("p", by=house.actors["li"])  # li starts it and gets its first task

    assert announce(house) == 0


def test_a_copy_and_a_mention_are_told_at_once_but_never_to_oneself(house: House) -> None:
    instance = house.start("p")
    li = house.actors["li"]

    house.engine.execute(SendCopies(instance_id=instance, recipients=("wang", "li")), actor=li)
    house.engine.execute(AddComment(instance_id=instance, body="@wang @wang 请看"), actor=li)

    assert sorted(told(house, "wang")) == ["copied", "mentioned"]
    assert told(house, "li") == []


def test_a_task_that_ends_within_a_working_day_is_told_once(house: House) -> None:
    house.start("p")
    announce(house)
    assert told(house, "li") == ["task"]

    house.now += timedelta(days=1, hours=7)
    assert (announce(house), announce(house)) == (1, 0)

    assert sorted(told(house, "li")) == ["due-soon", "task"]


def test_p_9_2_a_reminder_two_days_before_one_day_before_and_at_the_end(house: House) -> None:
    house.deploy(NODE.replace(b'banjie:limit="2wd"', b'banjie:limit="3wd"'))
    house.start("p")  # on Monday; it ends on Thursday
    announce(house)
    reminders = []
    for hour in range(24, 24 * 5, 6):
        house.now = MONDAY + timedelta(hours=hour)
        if announce(house):
            reminders.append(house.now.astimezone(SHANGHAI).strftime("%a"))

    assert reminders == ["Tue", "Wed", "Thu"]
    assert told(house, "li").count("due-soon") == 3


def test_the_digest_comes_once_a_day_at_its_time_on_working_days_to_those_who_want_it(house: House) -> None:
    house.start("p")
    for login, wanted in (("li", {"digest": ["mail"]}), ("wang", {"digest": []})):
        house.engine.execute(SetPreference(key="notices", value=wanted), actor=house.actors[login])
    house.now -= timedelta(hours=1)  # 08:00
    announce(house)
    assert "digest" not in told(house, "li")

    house.now += timedelta(hours=1)
    announce(house), announce(house)

    digest = next(row for row in house.queries.inbox.notices(house.actors["li"]).rows if row["kind"] == "digest")
    assert told(house, "li").count("digest") == 1 and told(house, "wang") == []
    assert digest["facts"] == {"assigned": 1, "overdue": 0, "soon": 0, "offered": 0}
    house.now += timedelta(days=5)  # Saturday
    announce(house)
    assert told(house, "li").count("digest") == 1


def test_notices_are_read_one_by_one_or_all_by_their_owner_only(house: House) -> None:
    instance = house.start("p")
    for body in ("@wang 一", "@wang 二", "@wang 三"):
        house.engine.execute(AddComment(instance_id=instance, body=body), actor=house.actors["li"])
    wang = house.actors["wang"]
    first = house.queries.inbox.notices(wang).rows[0]["id"]
    with pytest.raises(NotFound):
        house.engine.execute(ReadNotice(notice_id=first), actor=house.actors["li"])

    house.engine.execute(ReadNotice(notice_id=first), actor=wang)
    assert house.queries.inbox.unread_notices(wang) == 2
    house.engine.execute(ReadNotice(), actor=wang)
    assert house.queries.inbox.unread_notices(wang) == 0


# ---------------------------------------------------------------- out of the house


def mention(house: House, body: str = "@wang 请看附件") -> None:
    house.engine.execute(AddComment(instance_id=house.start("p"), body=body), actor=house.actors["li"])


def test_a_mail_goes_through_a_job_and_is_tried_again_until_the_server_takes_it(house: House) -> None:
    house.engine.environment.announcing = Announcing(has_mail=True, base_url="https://bureau.example")
    with serving(SmtpDesk, mails=[], busy=True) as server:
        settings = MailSettings.parse(f"smtp+plain://127.0.0.1:{server.server_address[1]}?from=banjie@bureau.example")
        executor = JobExecutor(house.engine, mailer=Mailer(settings), threads=1)
        mention(house)
        assert jobs(house) == [("mail", "waiting")] and server.mails == []

        executor.run_until_idle()
        assert jobs(house) == [("mail", "waiting")]  # refused: later again
        server.busy = False
        house.now += timedelta(hours=1)
        executor.run_until_idle()
        executor.run_until_idle()

    assert jobs(house) == []
    assert len(server.mails) == 1
    mail = email.message_from_bytes(server.mails[0], policy=email.policy.default)
    notice = house.queries.inbox.notices(house.actors["wang"]).rows[0]
    assert mail["To"] == "wang@bureau.example" and mail["Subject"] == "Li 在讨论中提到您：p"
    assert mail["Message-ID"] == f"<{notice['id']}@bureau.example>"
    text = mail.get_body().get_content()  # type: ignore[union-attr]
    assert "@wang 请看附件" in text and f"https://bureau.example/notices/{notice['id']}" in text


def test_a_webhook_is_signed_over_the_bytes_that_arrive(house: House) -> None:
    with hook_at(house, status=204) as (server, executor):
        mention(house)
        executor.run_until_idle()

    (headers, body), *more = server.calls
    moment, _, mac = headers["X-Banjie-Signature"].partition(",v1=")
    expected = hmac.new(SECRET, moment.removeprefix("t=").encode() + b"." + body, hashlib.sha256).hexdigest()
    assert more == [] and jobs(house) == []
    assert hmac.compare_digest(mac, expected)
    told_body = json.loads(body)
    assert told_body["kind"] == "mentioned" and told_body["to"]["login"] == "wang"
    assert headers["Idempotency-Key"]


def test_a_webhook_that_failed_is_signed_anew_when_it_is_sent_again(house: House) -> None:
    with hook_at(house, status=503) as (server, executor):
        mention(house)
        executor.run_until_idle()
        house.now += timedelta(hours=3)
        executor.run_until_idle()
        house.now += timedelta(hours=3)
        server.status = 204
        executor.run_until_idle()

    moments = [headers["X-Banjie-Signature"].partition(",")[0] for headers, _ in server.calls]
    sent = [MONDAY + timedelta(hours=hours) for hours in (0, 3, 6)]
    assert moments == [f"t={int(moment.timestamp())}" for moment in sent]  # so that no receiver takes it for an old one
    assert len({headers["Idempotency-Key"] for headers, _ in server.calls}) == 1
    assert len({body for _, body in server.calls}) == 1 and jobs(house) == []


def test_a_webhook_that_is_refused_is_not_lost_but_dead_after_five_attempts(house: House) -> None:
    with hook_at(house, status=403) as (server, executor):
        mention(house)
        for _ in range(7):
            executor.run_until_idle()
            house.now += timedelta(hours=2)

    assert len(server.calls) == 5 and jobs(house) == [("hook", "dead")]


def test_everybody_chooses_the_ways_on_which_he_is_told(house: House) -> None:
    house.engine.environment.announcing = Announcing(has_mail=True)
    house.engine.execute(SetPreference(key="notices", value={"mentioned": []}), actor=house.actors["wang"])
    mention(house)
    assert jobs(house) == [] and told(house, "wang") == ["mentioned"]  # the page always

    house.engine.execute(SetPreference(key="notices", value={"task": ["mail"]}), actor=house.actors["li"])
    announce(house)
    assert jobs(house) == [("mail", "waiting")]


def test_nothing_goes_out_when_the_command_fails(house: House) -> None:
    house.engine.environment.announcing = Announcing(has_mail=True)
    with pytest.raises(Exception, match="Unknown"):
        house.engine.execute(
            AddComment(instance_id=house.start("p"), body="@wang", mentions=("nobody",)), actor=house.actors["li"]
        )
    assert jobs(house) == [] and told(house, "wang") == []
