"""How this installation tells people outside of the pages: mail server, webhook, digest. Reads the environment."""

import os
from collections.abc import Mapping
from datetime import time
from urllib.parse import urlsplit

from engine.cli.console import Stop
from engine.errors import InvalidInput
from engine.notifying import Mailer, MailSettings
from engine.outgoing.request import OutgoingRequest
from engine.runtime.notice import Announcing

MIN_SECRET = 16  # characters


def read(environment: Mapping[str, str] | None = None) -> tuple[Announcing, Mailer | None]:
    """Read BANJIE_SMTP, BANJIE_URL, BANJIE_NOTICE_HOOK, BANJIE_NOTICE_SECRET and BANJIE_DIGEST_AT. Raises Stop."""
    given = os.environ if environment is None else environment
    mailer = _mailer(given.get("BANJIE_SMTP", ""))
    hook, secret = given.get("BANJIE_NOTICE_HOOK", ""), given.get("BANJIE_NOTICE_SECRET", "")
    if hook:
        _check_hook(hook, secret)
    announcing = Announcing(
        base_url=_base_url(given.get("BANJIE_URL", "")),
        has_mail=mailer is not None,
        hook_url=hook,
        hook_secret=secret.encode(),
        digest_at=_time(given.get("BANJIE_DIGEST_AT") or "08:30"),
    )
    return announcing, mailer


def _mailer(url: str) -> Mailer | None:
    if not url:
        return None
    try:
        return Mailer(MailSettings.parse(url))
    except ValueError as error:
        raise Stop(
            f"BANJIE_SMTP 有误：{error}。例：smtp://user:password@mail.example:587?from=banjie@example",
            f"BANJIE_SMTP is wrong: {error}. Example: smtp://user:password@mail.example:587?from=banjie@example",
        ) from error


def _check_hook(url: str, secret: str) -> None:
    try:
        OutgoingRequest.from_inputs({"url": url, "body": {}})
    except InvalidInput as error:
        raise Stop(f"BANJIE_NOTICE_HOOK 有误：{error.zh}", f"BANJIE_NOTICE_HOOK is wrong: {error.en}") from error
    if len(secret) < MIN_SECRET:
        raise Stop(
            f"设置 BANJIE_NOTICE_HOOK 时必须同时设置 BANJIE_NOTICE_SECRET（至少 {MIN_SECRET} 个字符），用于签名。",
            f"BANJIE_NOTICE_HOOK needs BANJIE_NOTICE_SECRET ({MIN_SECRET} characters at least), which signs what is sent.",
        )


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise Stop(
            f"BANJIE_URL={url} 不是网址。例：https://banjie.example", f"BANJIE_URL={url} is no address of a site."
        )
    return url.rstrip("/")


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise Stop(
            f"BANJIE_DIGEST_AT={text} 不是时刻。例：08:30", f"BANJIE_DIGEST_AT={text} is no time of day, such as 08:30."
        ) from None
