"""The way of an upload into the store and out of it."""

import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import InvalidInput, NotFound, TooLarge
from engine.files import FileStore, clean_name, download_headers
from engine.files.refusal import Refused
from tests.unit.files.builders import image, pdf, pdf_bomb

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path) -> FileStore:
    return FileStore(tmp_path / "files")


def lying_in(store: FileStore) -> list[str]:
    return sorted(path.name for path in store.root.rglob("*") if path.is_file())


def test_an_accepted_file_can_be_read_back_and_is_described_by_what_is_stored(store):
    data = pdf()

    stored = store.accept("C:\\资料\\营业执照.PDF", data)

    assert (stored.name, stored.media_type, stored.size) == ("营业执照.pdf", "application/pdf", len(data))
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    with store.open(stored.key) as stream:
        assert stream.read() == data


def test_the_digest_of_a_picture_is_that_of_the_rewritten_one(store):
    stored = store.accept("a.jpg", image("JPEG") + b"trailing")

    with store.open(stored.key) as stream:
        content = stream.read()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (stored.size, stored.sha256)
    assert b"trailing" not in content


def test_only_the_service_may_read_the_files(store):
    key = store.accept("a.txt", b"x").key

    path = store.root / key[:2] / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700


def test_the_same_file_twice_gets_two_keys(store):
    assert store.accept("a.txt", b"x").key != store.accept("a.txt", b"x").key


def test_a_refused_file_leaves_nothing_and_says_which_and_why(store):
    with pytest.raises(InvalidInput) as caught:
        store.accept("路径/病毒.exe", b"MZ")

    assert caught.value.facts == {"reason": "type-not-accepted", "file": "病毒.exe"}
    assert "病毒.exe" in caught.value.zh
    assert "病毒.exe" in caught.value.en
    assert lying_in(store) == []


def test_an_empty_file_is_refused(store):
    with pytest.raises(InvalidInput, match="empty"):
        store.accept("a.txt", b"")


def test_a_file_beyond_the_limit_of_its_type_is_too_large(store):
    with pytest.raises(TooLarge) as caught:
        store.accept("a.txt", b"x" * ((1 << 20) + 1))

    assert caught.value.facts["limit"] == 1 << 20


def test_a_small_file_that_wants_gigabytes_is_refused_by_the_limits_of_the_examining_process(store):
    with pytest.raises(InvalidInput) as caught:
        store.accept("a.pdf", pdf_bomb(megabytes=1500))

    assert caught.value.facts["reason"] in ("broken", "unexaminable")
    assert lying_in(store) == []


def test_a_deleted_file_is_gone_and_deleting_it_again_is_no_error(store):
    key = store.accept("a.txt", b"x").key

    store.delete(key)
    store.delete(key)

    with pytest.raises(NotFound):
        store.open(key)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 32 + "\n", "0" * 30 + "/x"])
def test_what_is_not_a_key_is_never_made_into_a_path(store, key):
    with pytest.raises(NotFound):
        store.open(key)
    with pytest.raises(NotFound):
        store.delete(key)


def test_a_link_in_place_of_a_file_is_not_followed(store, tmp_path):
    key = store.accept("a.txt", b"x").key
    path = store.root / key[:2] / key
    path.unlink()
    (tmp_path / "secret").write_bytes(b"secret")
    path.symlink_to(tmp_path / "secret")

    with pytest.raises(NotFound):
        store.open(key)


def test_old_files_without_a_row_are_orphans_and_young_ones_are_left_alone(store):
    kept, orphan, young = (store.accept("a.txt", b"x").key for _ in range(3))
    unfinished = store.root / "ab" / ("ab" + "0" * 30 + ".part")
    unfinished.parent.mkdir(exist_ok=True)
    unfinished.write_bytes(b"")
    old = (NOW - timedelta(hours=25)).timestamp()
    for path in (store.root / kept[:2] / kept, store.root / orphan[:2] / orphan, unfinished):
        os.utime(path, (old, old))
    now = NOW.timestamp()
    os.utime(store.root / young[:2] / young, (now, now))

    assert list(store.orphans({kept}, before=NOW - timedelta(hours=24))) == [orphan]
    assert not unfinished.exists()


@pytest.mark.parametrize(
    ("sent", "cleaned"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("身份证\u202egpj.pdf", "身份证gpj.pdf"),
        ("a\x00b\r\n.PDF", "ab.pdf"),
        ("<b>.pdf", "_b_.pdf"),
        ("con.pdf", "_con.pdf"),
        ("COM\u00b9.pdf", "_COM\u00b9.pdf"),
        ("nul .txt.pdf", "_nul .txt.pdf"),
        ("conin$.pdf", "_conin$.pdf"),
        ("--help.pdf", "_help.pdf"),
        ("$(id).pdf", "$(id).pdf"),
        (".hidden.pdf", "hidden.pdf"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("报告.最终.docx ", "报告.最终.docx"),
    ],
)
def test_a_name_is_cleaned(sent, cleaned):
    assert clean_name(sent) == (cleaned, cleaned.rpartition(".")[2])


def test_a_long_name_is_cut_between_characters():
    name, _ = clean_name("证" * 300 + ".pdf")

    assert len(name.encode()) <= 200
    assert name == "证" * 65 + ".pdf"


@pytest.mark.parametrize("sent", ["", "noextension", ".pdf", "a.", "a.p/f", "a.图"])
def test_a_name_without_an_extension_is_refused(sent):
    with pytest.raises(Refused):
        clean_name(sent)


def test_a_download_is_never_a_page_of_this_house():
    headers = download_headers('证"明\r\n.pdf', "application/pdf")

    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment; ")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert not any(mark in value for value in headers.values() for mark in "\r\n")


def test_only_pdf_and_pictures_are_ever_shown_inline():
    assert download_headers("a.pdf", "application/pdf", inline=True)["Content-Type"] == "application/pdf"
    assert download_headers("a.txt", "text/plain", inline=True)["Content-Type"] == "application/octet-stream"
