"""Hostile and broken XML is refused by name and line; real encodings are read; lines stay exact."""

import pytest

from engine.bpmn.xml import BANJIE, BPMN, Limits, Node, XmlRefused, parse, serialise

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
OPEN = f'<definitions xmlns="{BPMN}"'


def refusal(data: bytes | str) -> XmlRefused:
    """Parse, and return the refusal that must come."""
    with pytest.raises(XmlRefused) as caught:
        parse(data.encode() if isinstance(data, str) else data)
    return caught.value


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

DOCTYPES = {
    "xxe-file": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
    "xxe-http": '<!DOCTYPE d [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><d>&x;</d>',
    "xxe-attribute": '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d a="&x;"/>',
    "parameter-entity": '<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><d/>',
    "external-dtd": '<!DOCTYPE d SYSTEM "file:///etc/hostname"><d/>',
    "public-dtd": '<!DOCTYPE d PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd"><d/>',
    "billion-laughs": f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]><d>&l9;</d>',
    "quadratic-text": f'<!DOCTYPE d [<!ENTITY a "{"A" * 50_000}">]><d>{"&a;" * 1_000}</d>',
    "quadratic-attribute": f'<!DOCTYPE d [<!ENTITY a "{"A" * 50_000}">]><d a="{"&a;" * 1_000}"/>',
    "internal-entity": '<!DOCTYPE d [<!ENTITY a "harmless">]><d>&a;</d>',
    "empty-doctype": "<!DOCTYPE d><d/>",
    "defaulted-attribute": '<!DOCTYPE d [<!ATTLIST d isExecutable CDATA "true">]><d/>',
}


@pytest.mark.parametrize("attack", DOCTYPES.values(), ids=DOCTYPES)
def test_a_doctype_is_refused_before_any_entity_exists(attack: str) -> None:
    assert refusal(HEAD + attack).code == "doctype-refused"


def test_a_doctype_in_utf_16_is_refused_too() -> None:
    attack = '<?xml version="1.0" encoding="UTF-16"?>' + DOCTYPES["xxe-file"]

    assert refusal(attack.encode("utf-16")).code == "doctype-refused"


def test_an_undeclared_entity_is_not_well_formed() -> None:
    assert refusal(f"{HEAD}\n<d>&passwd;</d>").code == "xml-broken"


def test_a_file_of_50_megabytes_is_refused_without_being_read() -> None:
    refused = refusal(b"<d>" + b"<a/>" * 12_500_000 + b"</d>")

    assert refused.code == "file-too-large"
    assert refused.words == {"limit": 2_000_000, "size": 50_000_007}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("<a>" * 100_000 + "</a>" * 100_000, "nested-too-deeply"),
        ("<a>" * 65 + "</a>" * 65, "nested-too-deeply"),
        ("<d " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>", "too-many-attributes"),
        ("<d>" + "<a/>" * 40_000 + "</d>", "too-many-elements"),
        (f'<d a="{"x" * 70_000}"/>', "text-too-long"),
        (f"<d>{'x' * 270_000}</d>", "text-too-long"),
        (f"<{'d' * 300}/>", "text-too-long"),
        ("<d>" + "".join(f'<a xmlns:n{n}="urn:{n}"/>' for n in range(80)) + "</d>", "too-many-namespaces"),
    ],
    ids=["deep", "just-too-deep", "attributes", "elements", "attribute", "text", "name", "namespaces"],
)
def test_every_quantity_has_a_limit(data: str, code: str) -> None:
    assert refusal(data).code == code


def test_what_is_just_within_the_limits_is_read() -> None:
    deep = "<a>" * 63 + "</a>" * 63
    wide = "<b/>" * 1_000

    root = parse(f"<d>{deep}{wide}</d>".encode()).root

    assert sum(1 for _ in root.iter()) == 1_064


def test_the_line_of_a_refusal_is_where_the_fault_stands() -> None:
    assert refusal(HEAD + "\n\n<d>\n<a>\n</d>").line == 6
    assert refusal(HEAD + "\n\n<!DOCTYPE d><d/>").line == 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n ",
        b"\x00\x01\x02",
        b"PK\x03\x04 not xml",
        b"plain text",
        b"{}",
        b"<d>",
        b"<d></e>",
        b"<d/><d/>",
        b"\xff\xfe",
    ],
)
def test_bytes_that_are_no_xml_are_refused_by_name(data: bytes) -> None:
    assert refusal(data).code in {"xml-broken", "file-empty", "encoding-wrong"}


def test_xinclude_and_schema_locations_are_only_names() -> None:
    data = """<d xmlns:xi="http://www.w3.org/2001/XInclude" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
      xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"><xi:include href="file:///etc/passwd" parse="text"/></d>"""

    root = parse(data.encode()).root

    assert root.children[0].name == "include"
    assert "root:" not in root.all_text()


def test_comments_and_processing_instructions_are_dropped_and_lines_stay() -> None:
    data = (
        f'{HEAD}<?xml-stylesheet href="x.xsl"?>\n<!-- two\nlines -->\n{OPEN}>\n'
        "<?camunda-platform?>\n<task\n  id='a'\n  name='b'/><!-- c --><task id='c'/></definitions>"
    )

    root = parse(data.encode()).root

    assert [(node.get("id"), node.line) for node in root.children] == [("a", 7), ("c", 9)]


def test_a_comment_inside_a_condition_does_not_cut_it() -> None:
    root = parse(b"<d>a &gt; <!-- x -->1<![CDATA[ and b < 2]]></d>").root

    assert root.text == "a > 1 and b < 2"


def test_lines_beyond_65535_are_exact() -> None:
    root = parse(b"<d>" + b"\n" * 100_000 + b"<a/></d>").root

    assert root.children[0].line == 100_001


TEXT = "<d name='审批「甲」'/>"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8-sig"),
        ("GBK", "gbk"),
        ("gb2312", "gbk"),
        ("GB18030", "gb18030"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("utf-16", "utf-8"),  # .NET writes this name over UTF-8 bytes
    ],
)
def test_the_encodings_of_real_tools_are_read(declared: str, codec: str) -> None:
    data = f'<?xml version="1.0" encoding="{declared}"?>\n{TEXT}'.encode(codec)

    root = parse(data).root

    assert root.get("name") == "审批「甲」"
    assert root.line == 2


def test_latin_1_is_read() -> None:
    data = '<?xml version="1.0" encoding="ISO-8859-1"?><d name="Prüfung"/>'.encode("latin-1")

    assert parse(data).root.get("name") == "Prüfung"


def test_bytes_in_another_encoding_than_declared_are_refused_not_guessed() -> None:
    refused = refusal(f"{HEAD}\n{TEXT}".encode("gbk"))

    assert (refused.code, refused.line, refused.words) == ("encoding-wrong", 3, {"encoding": "UTF-8"})


@pytest.mark.parametrize("name", ["EBCDIC-CP-US", "utf-7", "rot13", "x-unknown"])
def test_an_unknown_encoding_is_refused_by_name(name: str) -> None:
    assert refusal(f'<?xml version="1.0" encoding="{name}"?><d/>').code == "encoding-unknown"


def test_utf_32_is_refused() -> None:
    assert refusal(TEXT.encode("utf-32")).code == "encoding-unknown"


def test_namespaces_keep_elements_and_attributes_apart() -> None:
    root = parse(
        f'{OPEN} xmlns:b="{BANJIE}"><b:input name="x"/><task b:verb="v" verb="w"/></definitions>'.encode()
    ).root

    assert (root.children[0].space, root.children[0].name) == (BANJIE, "input")
    assert root.children[1].attributes == {f"{{{BANJIE}}}verb": "v", "verb": "w"}


def test_what_is_written_is_read_back_the_same() -> None:
    root = Node(BPMN, "definitions", {"id": "d"})
    task = root.append(Node(BPMN, "task", {"id": "a", "name": "<审批 & \"x\">\n'y'\t", f"{{{BANJIE}}}limit": "5wd"}))
    task.append(Node(BPMN, "documentation", text="a < b\n  && c"))
    task.append(Node("urn:other", "thing", {"{urn:other}key": "1"}))

    again = parse(serialise(root)).root

    assert [(n.space, n.name, n.attributes, n.text) for n in again.iter() if n.name != "task"] == [
        (n.space, n.name, n.attributes, n.text)
        if n.name != "definitions"
        else (BPMN, "definitions", {"id": "d"}, again.text)
        for n in root.iter()
        if n.name != "task"
    ]
    assert again.children[0].attributes == task.attributes


def test_limits_can_be_tightened() -> None:
    with pytest.raises(XmlRefused, match="too-many-elements"):
        parse(b"<d><a/><a/></d>", Limits(elements=2))
