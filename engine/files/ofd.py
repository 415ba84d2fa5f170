"""Judging OFD documents (GB/T 33190-2016): pages, fonts, images and seals only, and links to the web at most."""

from engine.files.archive import Archive
from engine.files.markup import Attributes, Budget, Visitor, read_xml
from engine.files.refusal import Refused

# xml stands for pages and for the data file that electronic invoices carry as an attachment; dat, esl: signature, seal
_IMAGES = frozenset({"png", "jpg", "jpeg", "bmp", "tif", "tiff", "gif", "jb2", "jbig2", "gbig2"})
_PARTS = _IMAGES | {"xml", "ttf", "otf", "ttc", "cff", "icc", "dat", "esl"}


def check_ofd(data: bytes) -> None:
    """Raise Refused unless ``data`` is an inert OFD document."""
    budget = Budget()
    root = _Root()
    for name, content in Archive(data):
        extension = name.lower().rpartition(".")[2]
        if extension not in _PARTS:
            raise Refused(
                "active-content",
                f"OFD 内含有附件「{name}」，请去掉后重新上传。",
                f"The OFD holds the attachment {name}.",
            )
        if extension == "xml":
            read_xml(content, root if name == "OFD.xml" else _Links(), budget)
    if root.name != "OFD":
        raise Refused("content-differs", "内容不是 OFD 文档。", "The content is not an OFD document.")


class _Links(Visitor):
    """Actions of pages and outlines: a URI may only lead to the web or a mailbox (GB/T 33190-2016, 14)."""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "URI":
            target = attributes.get("URI", "").strip().lower()
            if not target.startswith(("http://", "https://", "mailto:", "#")):
                raise Refused(
                    "active-content", f"OFD 内含有链接「{target[:80]}」。", f"The OFD links to {target[:80]}."
                )


class _Root(_Links):
    """OFD.xml, the entry point."""

    def __init__(self) -> None:
        self.name = ""

    def start(self, name: str, attributes: Attributes) -> None:
        self.name = self.name or name
        super().start(name, attributes)
