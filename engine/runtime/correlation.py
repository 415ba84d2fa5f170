"""Which waiting token a message is meant for: the keys that it waits for are among the keys that the message brings.

BPMN 2.0 chapter 8.4.2 (key-based correlation). Thousands of cases wait for the same message at the same time, so a token
that waits is found by a digest of its keys: a message asks for the digests of all that it could be meant for.
"""

import hashlib
import json
from collections.abc import Mapping
from itertools import combinations
from typing import Any

MOST_NAMES = 6  # of one message, of which all subsets are asked for: 64 digests
DIGEST_LENGTH = 32  # hexadecimal digits


def correlates(awaited: Mapping[str, Any], offered: Mapping[str, Any]) -> bool:
    """Whether a message with ``offered`` keys is meant for a token that waits for ``awaited`` ones."""
    return all(name in offered and _text(offered[name]) == _text(value) for name, value in awaited.items())


def digest(awaited: Mapping[str, Any]) -> str:
    """The same for the same keys and values, in whatever order; 1 and 1.0 are one value, 1 and true are two."""
    text = _text({name: awaited[name] for name in sorted(awaited)})
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH]


def digests(offered: Mapping[str, Any]) -> list[str] | None:
    """The digests of all that a message with these keys can be meant for; None if they are too many to list."""
    if len(offered) > MOST_NAMES:
        return None
    names = sorted(offered)
    subsets = (subset for size in range(len(names) + 1) for subset in combinations(names, size))
    return [digest({name: offered[name] for name in subset}) for subset in subsets]


def _text(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
