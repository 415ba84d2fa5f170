"""Settings of how people are told: what is wrong is said at the start, with an example."""

from datetime import time

import pytest

from engine.cli import announcing
from engine.cli.console import Stop
from engine.notifying import MailSettings

SECRET = "a secret of the house"


def test_nothing_set_is_the_page_alone() -> None:
    setup, mailer = announcing.read({})

    assert setup.channels == frozenset() and mailer is None
    assert setup.digest_at == time(8, 30)


def test_everything_set() -> None:
    setup, mailer = announcing.read(
        {
            "BANJIE_SMTP": "smtp://bureau:p%40ss@mail.example?from=banjie@bureau.example",
            "BANJIE_URL": "https://bureau.example/",
            "BANJIE_NOTICE_HOOK": "https://gateway.example/notices",
            "BANJIE_NOTICE_SECRET": SECRET,
            "BANJIE_DIGEST_AT": "07:45",
        }
    )

    assert {channel.value for channel in setup.channels} == {"mail", "hook"}
    assert (setup.base_url, setup.digest_at) == ("https://bureau.example", time(7, 45))
    assert mailer is not None and mailer.settings == MailSettings(
        scheme="smtp", host="mail.example", port=587, sender="banjie@bureau.example", user="bureau", password="p@ss"
    )


@pytest.mark.parametrize(
    "environment",
    [
        {"BANJIE_SMTP": "mail.example"},
        {"BANJIE_SMTP": "smtp://mail.example"},
        {"BANJIE_URL": "bureau.example"},
        {"BANJIE_NOTICE_HOOK": "ftp://gateway.example", "BANJIE_NOTICE_SECRET": SECRET},
        {"BANJIE_NOTICE_HOOK": "https://gateway.example"},
        {"BANJIE_NOTICE_HOOK": "https://gateway.example", "BANJIE_NOTICE_SECRET": "short"},
        {"BANJIE_DIGEST_AT": "half past eight"},
    ],
)
def test_what_is_wrong_stops_the_start(environment: dict[str, str]) -> None:
    with pytest.raises(Stop, match="BANJIE_"):
        announcing.read(environment)
