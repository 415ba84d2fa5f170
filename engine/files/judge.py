"""One function for every kind of file: judge the content and return what may be stored."""

from engine.files.images import rewrite_image
from engine.files.kinds import Kind, check_beginning
from engine.files.ofd import check_ofd
from engine.files.office import check_office
from engine.files.pdf import check_pdf
from engine.files.text import check_csv, check_text


def judge(kind: Kind, data: bytes) -> bytes:
    """Return the bytes to store for an upload of ``kind``: images written anew, everything else as it came.

    Raises Refused. Runs in the examining process; nothing here may be trusted to end or to stay small.
    """
    check_beginning(kind, data)
    match kind.name:
        case "pdf":
            check_pdf(data)
        case "png" | "jpg":
            return rewrite_image(data, kind.name)
        case "docx" | "xlsx":
            check_office(data, kind.name)
        case "ofd":
            check_ofd(data)
        case "csv":
            check_csv(data)
        case "txt":
            check_text(data)
        case _:
            raise AssertionError(kind.name)
    return data
