"""Files that people bring."""

import io

import pikepdf


def pdf() -> bytes:
    """A page of nothing."""
    out = io.BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(out)
    return out.getvalue()
