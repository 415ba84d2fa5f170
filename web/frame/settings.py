"""What an installation may set about its pages."""

import secrets
from dataclasses import field

from engine.records import record


@record
class WebSettings:
    """``secret`` signs the short-lived cookie of messages and of the login form (sign-ins themselves are rows in the database).

    ``https`` says that people reach the server by https: cookies are then ``__Host-`` and Secure. ``proxies`` is the number
    of proxies in front that are trusted to say who the client is. ``max_body`` is in bytes.
    """

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    https: bool = False
    proxies: int = 0
    max_body: int = 48 << 20
    organisation: str = "行政审批服务平台"
    organisation_en: str = "Administrative Approval Service"
