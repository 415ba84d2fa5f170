"""Opening the ZIP container of docx, xlsx and ofd: nothing before, between or behind the entries, bounded inflation."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from engine.files.kinds import MIB
from engine.files.refusal import Refused

MAX_ENTRIES = 5_000
MAX_ENTRY_BYTES = 100 * MIB
MAX_TOTAL_BYTES = 200 * MIB
MAX_RATIO = 200  # only asked beyond the first 5 MiB of an entry: small parts of spaces compress better than that

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_END_RECORD = 22
_STREAMED = 0x08  # flag: the sizes follow the data, in a descriptor of 12 to 24 bytes
_DESCRIPTOR = 24
_ENCRYPTED = 0x01 | 0x40


class Archive:
    """A checked container. Iterating gives (name, bytes) in the order of the file; the budget covers all of it."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise _broken(error) from error
        self.entries = self._zip.infolist()
        self.names = [entry.filename for entry in self.entries]
        self._left = MAX_TOTAL_BYTES
        _check_entries(self.entries)
        _check_tiling(data, self.entries, self._zip)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        for entry in self.entries:
            if not entry.is_dir():
                yield entry.filename, self._inflate(entry)

    def _inflate(self, entry: zipfile.ZipInfo) -> bytes:
        """Read one entry; its claimed size is not believed."""
        content = bytearray()
        try:
            with self._zip.open(entry) as stream:
                while piece := stream.read(MIB):
                    content += piece
                    self._left -= len(piece)
                    far = len(content) > 5 * MIB and len(content) > MAX_RATIO * max(entry.compress_size, 1)
                    if far or len(content) > MAX_ENTRY_BYTES or self._left < 0:
                        raise Refused("inflates-too-far", "文件解压后过大，不能接受。", "The file inflates too far.")
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error) as error:
            raise _broken(error) from error
        return bytes(content)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refused("too-complex", "文件内部条目过多。", f"The file holds more than {MAX_ENTRIES} entries.")
    if len({entry.filename.lower() for entry in entries}) != len(entries):
        raise Refused("ambiguous", "文件内部有重名条目。", "Two entries of the file share one name.")
    for entry in entries:
        # orig_filename: zipfile cuts a name at NUL, other readers do not.
        parts = entry.orig_filename.split("/")
        if ".." in parts or parts[0] == "" or any(bad in entry.orig_filename for bad in ("\\", "\0", ":")):
            raise Refused("bad-entry-name", "文件内部条目名称不合法。", "An entry of the file has an unsafe name.")
        if entry.flag_bits & _ENCRYPTED:
            raise Refused("encrypted", "文件已加密，请去掉密码后上传。", "The file is encrypted; remove the password.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or stat.S_ISLNK(
            entry.external_attr >> 16
        ):
            raise Refused(
                "unusual-container",
                "文件内部结构不常见，请用原软件重新保存。",
                "The container is unusual; save the file again.",
            )


def _check_tiling(data: bytes, entries: list[zipfile.ZipInfo], archive: zipfile.ZipFile) -> None:
    """Raise Refused unless the entries fill the file from byte 0 to the directory, and the directory ends it.

    A gap or an overlap means that another reader may find other entries in the same bytes.
    """
    position, slack = 0, 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if not 0 <= entry.header_offset - position <= slack:
            raise _ambiguous()
        header = data[entry.header_offset : entry.header_offset + _LOCAL_HEADER.size]
        if len(header) < _LOCAL_HEADER.size:
            raise _ambiguous()
        name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)[9:11]
        position = entry.header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes + entry.compress_size
        slack = _DESCRIPTOR if entry.flag_bits & _STREAMED else 0
    end = len(data) - _END_RECORD - len(archive.comment)
    if not 0 <= archive.start_dir - position <= slack or end < 0 or data[end : end + 4] != b"PK\x05\x06":
        raise _ambiguous()


def _ambiguous() -> Refused:
    return Refused(
        "ambiguous",
        "文件内部有隐藏或重叠的数据，请用原软件重新保存。",
        "The container hides or overlaps data; save the file again.",
    )


def _broken(error: Exception) -> Refused:
    return Refused("broken", "文件已损坏，请重新生成后上传。", f"The file is damaged ({type(error).__name__}).")
