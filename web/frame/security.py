"""Headers of every answer, and what a web address may lead to.

The policy allows no inline script, no inline style, no frame and no request to another machine. Diagrams and uploaded
pictures are shown as ``<img>``, so nothing inside them can run.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers before frame-ancestors
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register(app: Flask, *, https: bool) -> None:
    """Put the headers on every answer of ``app``."""

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static" or response.status_code >= 400:
            # Pages show personal data: neither a shared proxy nor the back button after logout may keep them. A page that
            # says that an asset is missing is one too: it carries the cookie and the token of whoever asked.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def safe_next(target: str | None, default: str = "/") -> str:
    """Return ``target`` when it is a plain path on this server, else ``default``.

    Refused: other hosts, ``//host``, backslashes (browsers read them as slashes), control characters and white space,
    encoded slashes and dots, and everything that is not a path.
    """
    if not target or len(target) > 2000 or not target.startswith("/"):
        return default
    if any(ord(character) <= 0x20 or ord(character) == 0x7F for character in target) or "\\" in target:
        return default
    parts = urlsplit(target)
    path = parts.path.lower()
    if parts.scheme or parts.netloc or target.startswith("//") or "//" in path:
        return default
    if any(code in path for code in ("%2f", "%5c", "%2e", "%00")) or ".." in path.split("/"):
        return default
    return target
