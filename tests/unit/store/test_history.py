"""The chain of the history: its hash is HMAC-SHA-256 over one JSON text, byte for byte, whoever writes that text."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from engine.store.base.history import chained

AT = datetime(2026, 12, 1, 1, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(secret=st.binary(max_size=100), actor=TEXT, acts_for=st.none() | TEXT, payload=TEXT)
def test_a_row_can_be_verified_with_nothing_but_json_and_hmac(
    secret: bytes, actor: str, acts_for: str | None, payload: str
) -> None:
    row = ["before", "stream", 7, AT.isoformat(), actor, acts_for, "TaskCompleted", payload]
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    expected = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    assert chained(secret, "before", "stream", 7, AT, actor, acts_for, "TaskCompleted", payload) == expected
