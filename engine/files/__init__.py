"""Uploaded files: judged by their content in a process of their own, kept outside the web root, handed out inertly.

The room of pikepdf and Pillow. ``FileStore.accept`` is the only way in: it recognises the type by content, refuses
whatever could act when it is opened (scripts, macros, links to other files, embedded documents), writes images anew,
and stores the bytes under a random key.
"""

from engine.files.downloads import download_headers
from engine.files.kinds import KINDS, Kind
from engine.files.names import clean_name
from engine.files.store import FileStore, StoredFile

__all__ = ["KINDS", "FileStore", "Kind", "StoredFile", "clean_name", "download_headers"]
