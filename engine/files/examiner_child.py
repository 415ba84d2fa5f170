"""The child of engine.files.examiner: limits itself, reads the upload from stdin, and answers on stdout."""

import json
import resource
import sys

from engine.files.examiner import MAX_CPU_SECONDS, MAX_MEMORY_BYTES
from engine.files.kinds import KINDS
from engine.files.refusal import Refused


def main(kind: str) -> None:
    """Judge the bytes on stdin as ``kind`` and write the verdict."""
    _limit_myself()
    from engine.files.judge import judge  # after the limits: the native parsers are loaded under them

    data = sys.stdin.buffer.read()
    try:
        stored = judge(KINDS[kind], data)
    except Refused as refused:
        _answer(json.dumps({"code": refused.code, "zh": refused.zh, "en": refused.en}), b"")
    else:
        _answer("null", b"" if stored is data else stored)


def _limit_myself() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def _answer(verdict: str, rewritten: bytes) -> None:
    sys.stdout.buffer.write(verdict.encode() + b"\n" + rewritten)
    sys.stdout.buffer.flush()
