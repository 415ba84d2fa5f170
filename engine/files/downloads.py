"""The headers under which a stored file is handed out, so that a browser never runs it as a page of this house."""

import re
from urllib.parse import quote

_SHOWN_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})


def download_headers(name: str, media_type: str, *, inline: bool = False) -> dict[str, str]:
    """Return headers for a file called ``name``.

    ``inline`` shows PDF and images in the browser; everything else is always a download of anonymous bytes.
    """
    shown = inline and media_type in _SHOWN_INLINE
    ascii_name = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return {
        "Content-Type": media_type if shown else "application/octet-stream",
        "Content-Disposition": (
            f"{'inline' if shown else 'attachment'}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "SAMEORIGIN" if shown else "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }
