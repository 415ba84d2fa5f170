"""Builders of small documents, good and hostile; no binary file stands in the repository."""

import io
import zipfile
import zlib
from collections.abc import Mapping

import pikepdf
from PIL import Image

WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

Parts = Mapping[str, str | bytes]


def pdf(change=None, **save) -> bytes:
    """A PDF of one page; ``change`` gets the open document."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def pdf_bomb(megabytes: int) -> bytes:
    """A PDF whose catalog stands in an object stream that inflates to ``megabytes``."""
    packed = _deflated_spaces(b"9 0 \n<< /Type /Catalog /Pages 8 0 R >>", megabytes)
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n")
    places = {8: out.tell()}
    out.write(b"8 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n")
    places[7] = out.tell()
    head = b"<< /Type /ObjStm /N 1 /First 5 /Filter /FlateDecode /Length %d >>" % len(packed)
    out.write(b"7 0 obj\n" + head + b"\nstream\n" + packed + b"\nendstream\nendobj\n")
    places[10] = out.tell()
    rows = b""
    for number in range(11):
        kind, place = (2, 7) if number == 9 else (1, places[number]) if number in places else (0, 0)
        rows += bytes([kind]) + place.to_bytes(4, "big") + b"\0"
    head = b"<< /Type /XRef /Size 11 /W [1 4 1] /Root 9 0 R /Length %d >>" % len(rows)
    out.write(b"10 0 obj\n" + head + b"\nstream\n" + rows + b"\nendstream\nendobj\n")
    out.write(b"startxref\n%d\n%%%%EOF\n" % places[10])
    return out.getvalue()


def image(form: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (40, 20), **save) -> bytes:
    """A picture whose left half is dark and right half is light."""
    picture = Image.new(mode, size)
    picture.paste(
        Image.new(mode, (size[0] // 2, size[1]), 200 if mode in "LP" else (200,) * len(mode)), (size[0] // 2, 0)
    )
    out = io.BytesIO()
    picture.save(out, form, **save)
    return out.getvalue()


def container(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with the given parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx_parts(body: str = "<w:p/>", more: Parts | None = None, main: str = WORD_MAIN) -> dict[str, str | bytes]:
    return {
        "[Content_Types].xml": _types("/word/document.xml", main),
        "_rels/.rels": relations(
            f'<Relationship Id="r1" Type="{RELATION}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/document.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:document {W}><w:body>{body}</w:body></w:document>',
        **(more or {}),
    }


def docx(body: str = "<w:p/>", more: Parts | None = None, main: str = WORD_MAIN) -> bytes:
    return container(docx_parts(body, more, main))


def xlsx(cells: str = "<c><v>1</v></c>", more: Parts | None = None) -> bytes:
    sheet = f"<worksheet {S}><sheetData><row>{cells}</row></sheetData></worksheet>"
    return container(
        {
            "[Content_Types].xml": _types("/xl/workbook.xml", SHEET_MAIN),
            "_rels/.rels": relations(
                f'<Relationship Id="r1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/>'
            ),
            "xl/workbook.xml": f"<workbook {S}/>",
            "xl/worksheets/sheet1.xml": sheet,
            **(more or {}),
        }
    )


def ofd(more: Parts | None = None, page: str = "") -> bytes:
    namespace = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    return container(
        {
            "OFD.xml": f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {namespace} Version="1.1"/>',
            "Doc_0/Document.xml": f"<ofd:Document {namespace}/>",
            "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {namespace}>{page}</ofd:Page>",
            **(more or {}),
        }
    )


def relations(inner: str) -> str:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def outside(kind: str, target: str, quote: str = '"') -> str:
    return relations(
        f'<Relationship Id="r9" Type="{RELATION}/{kind}" Target="{target}" TargetMode={quote}External{quote}/>'
    )


def field(*pieces: str) -> str:
    """A Word field whose instruction is split over several runs."""
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{runs}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'


def _types(part: str, kind: str) -> str:
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="{part}" ContentType="{kind}"/></Types>'
    )


def _deflated_spaces(start: bytes, megabytes: int) -> bytes:
    """The zlib stream of ``start`` and so many megabytes of spaces, without ever holding them."""
    packer, spaces = zlib.compressobj(9), b" " * (1 << 20)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same input gives the same bytes: one megabyte is packed once and repeated.
    block = packer.compress(spaces) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.adler32(start)
    for _ in range(megabytes):
        checksum = zlib.adler32(spaces, checksum)
    return head + block * megabytes + b"\x03\x00" + checksum.to_bytes(4, "big")
