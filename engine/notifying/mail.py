"""Sending one mail by SMTP: encrypted unless the server stands in the house, everything bounded in time."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from engine.errors import BanjieError
from engine.records import record

SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class MailFailed(BanjieError):
    """The mail server could not be reached or did not take the mail; the job tries again later."""

    status = 502
    code = "mail-failed"


@record
class MailSettings:
    """One mail server: ``smtp`` (STARTTLS), ``smtps`` (TLS from the start) or ``smtp+plain`` (inside the house only)."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""

    @classmethod
    def parse(cls, url: str) -> MailSettings:
        """Read ``smtp://user:password@mail.example:587?from=banjie@example``. Raises ValueError that says what is wrong."""
        parts = urlsplit(url)
        sender = parse_qs(parts.query).get("from", [""])[0]
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"write one of {', '.join(_PORTS)}, then ://, then the host")
        if "@" not in parseaddr(sender)[1] or not sender.isprintable():
            raise ValueError("the sender is missing: ?from=banjie@example")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            sender=sender,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class Mailer:
    """Sends mail through one server; one object serves all threads. ``ca_file`` adds an intranet's own authority."""

    def __init__(self, settings: MailSettings, *, ca_file: str | None = None, seconds: float = SECONDS) -> None:
        self.settings = settings
        self.seconds = seconds
        self._tls = ssl.create_default_context()
        if ca_file is not None:
            self._tls.load_verify_locations(ca_file)

    def send(self, to: str, subject: str, text: str, *, message_id: str) -> None:
        """Hand one mail over to the server. Raises MailFailed.

        ``message_id`` stays the same when a mail is sent again after a failure, so that a mailbox can tell.
        """
        message = EmailMessage()
        message["From"] = self.settings.sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = f"<{message_id}@{parseaddr(self.settings.sender)[1].rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            self._hand_over(message)
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(
                f"邮件服务器 {self.settings.host}:{self.settings.port} 没有接收邮件：{error}。",
                f"The mail server {self.settings.host}:{self.settings.port} did not take the mail: {error}.",
            ) from error

    def _hand_over(self, message: EmailMessage) -> None:
        where = self.settings
        if where.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(where.host, where.port, timeout=self.seconds, context=self._tls)
        else:
            client = smtplib.SMTP(where.host, where.port, timeout=self.seconds)
        with client:
            if where.scheme == "smtp":
                client.starttls(context=self._tls)
            if where.user:
                client.login(where.user, where.password)
            client.send_message(message)
