"""Judging PDF files: every object is walked, and whatever acts, embeds or points to other files is refused.

Source: ISO 32000-2, 12.6 (actions), 12.5.6 (annotations), 7.11 (file specifications), 12.7.8 (XFA).
"""

import io
import re
from collections.abc import Iterator

import pikepdf

from engine.files.kinds import MIB
from engine.files.refusal import Refused

MAX_OBJECTS = 500_000

_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
        "/GoTo3DView",
        "/Thread",
    }
)
_SUBTYPES = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/PS"})
_KEYS = frozenset({"/JavaScript", "/EmbeddedFiles", "/EF", "/RF", "/XFA", "/RichMediaContent"})
_END = re.compile(rb"startxref\s+\d+\s+%%EOF[\s\0]*\Z")
_PAGE = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|svg|iframe|\?php)\b", re.IGNORECASE)
_LOOKED_AT = 2048  # bytes at the beginning, where browsers guess what a file is, and at the end
_LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:", "#")


def check_pdf(data: bytes) -> None:
    """Raise Refused unless the PDF is whole, readable without a password, and inert.

    It is read strictly: a file that needs repair would be repaired in one way here and in another in the viewer.
    """
    _check_is_one_thing(data)
    # The real bound on memory is the examining process; this one only turns most bombs into a clean refusal.
    pikepdf.settings.set_qpdf_limits(flate_max_memory=200 * MIB)
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
            for found in _dictionaries(pdf):
                _judge(found)
            if not pdf.pages:
                raise Refused("broken", "PDF 没有页面。", "The PDF has no pages.")
            if pdf.get_warnings():
                raise _damaged()
    except pikepdf.PasswordError as error:
        raise Refused(
            "encrypted",
            "PDF 需要密码才能打开，请去掉密码后上传。",
            "The PDF needs a password; remove it and upload again.",
        ) from error
    except (pikepdf.PdfError, MemoryError, RuntimeError, ValueError, TypeError, RecursionError) as error:
        raise _damaged() from error


def _check_is_one_thing(data: bytes) -> None:
    """Raise Refused for a PDF with a web page at its beginning, or with anything behind its end (ISO 32000-2, 7.5.5).

    Readers that look for other signatures would take it for a page or an archive.
    """
    if _PAGE.search(data[:_LOOKED_AT]) or not _END.search(data[-_LOOKED_AT:]):
        raise _damaged()


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield each dictionary and stream of the file, the direct ones inside others too."""
    left = MAX_OBJECTS
    for top in (pdf.trailer, *pdf.objects):
        # pdf.objects lists indirect objects only; what stands directly inside them has to be walked.
        waiting: list[object] = [top]
        while waiting:
            left -= 1
            if left < 0:
                raise Refused(
                    "too-complex",
                    "PDF 过于复杂，请拆分后上传。",
                    "The PDF is too complex; split it and upload the parts.",
                )
            found = waiting.pop()
            if isinstance(found, pikepdf.Array):
                waiting += [child for child in found if _stands_inside(child)]
            elif isinstance(found, (pikepdf.Dictionary, pikepdf.Stream)):
                yield found
                waiting += [child for _, child in found.items() if _stands_inside(child)]


def _stands_inside(child: object) -> bool:
    return isinstance(child, (pikepdf.Array, pikepdf.Dictionary)) and not child.is_indirect


def _judge(found: pikepdf.Object) -> None:
    keys = set(found.keys())
    action, subtype = str(found.get("/S", "")), str(found.get("/Subtype", ""))
    bad = keys & _KEYS
    if action in _ACTIONS:
        bad.add(action)
    if subtype in _SUBTYPES:
        bad.add(subtype)
    if "/JS" in keys and _is_script(found["/JS"]):
        bad.add("/JS")
    if action == "/URI" and not str(found.get("/URI", "")).strip().lower().startswith(_LINK_SCHEMES):
        bad.add("/URI")
    if str(found.get("/Type", "")) in ("/Filespec", "/F", "/EmbeddedFile"):
        bad.add("/Filespec")
    if isinstance(found, pikepdf.Stream) and "/F" in keys:
        bad.add("/F")  # the bytes of the stream stand in another file
    if bad:
        shown = ", ".join(sorted(bad))
        raise Refused(
            "active-content",
            f"PDF 含有脚本、附件或指向其他文件的内容（{shown}），请「打印为 PDF」后重新上传。",
            f"The PDF holds active or embedded content ({shown}); print it to a new PDF and upload that.",
        )


def _is_script(value: object) -> bool:
    """Whether the value of /JS is a script; a font or a form may have that name in a resource dictionary."""
    if isinstance(value, pikepdf.Stream):
        return "/Subtype" not in value
    return isinstance(value, (pikepdf.String, str))


def _damaged() -> Refused:
    return Refused(
        "broken",
        "PDF 已损坏或不规范，请用阅读软件打开后「打印为 PDF」再上传。",
        "The PDF is damaged; open it in a viewer, print it to a new PDF and upload that.",
    )
