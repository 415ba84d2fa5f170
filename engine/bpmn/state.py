"""The state of an instance as text: what lives, without the specs. Compact, versioned, and nothing is loaded by name.

``{"v":1, "p":key, "s":variables, "t":[token...], "k":correlations, "e":[kind, code]}``, each token a list
``[id, element, state, parent, data?, scope?, inside?]``: ``parent`` is the place in the list of the token that holds it,
-1 for the root; ``data`` what its element remembers; ``scope`` the variables of its own with the declared names;
``inside`` what its subprocess or called process adds: ``[variables or null, correlations or null, [token...]]``. Objects are read
by key, so the order of keys may be lost on the way; the order of lists is kept by every JSON store.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from engine.bpmn.scopes import Scope
from engine.bpmn.tokens import Instance, SubInstance, Token
from engine.errors import StepFailed
from engine.runtime.step import EndKind

VERSION: Final = 1


def dump(instance: Instance) -> str:
    """Return the instance as text. Only what rests can be stored: what has happened must first be advanced and told."""
    if instance.agenda or instance.trace or instance.calls or instance.thrown:
        raise RuntimeError("advance the instance before it is stored")
    data: dict[str, Any] = {
        "v": VERSION,
        "p": instance.compiled.process_key,
        "s": instance.scope.local,
        "t": _dump_tokens(instance),
    }
    if instance.correlations:
        data["k"] = instance.correlations
    if instance.ended is not None:
        data["e"] = [instance.ended.value, instance.end_code]
    return orjson.dumps(data).decode()


def _dump_tokens(container: Instance | SubInstance) -> list[list[Any]]:
    rows: list[list[Any]] = []
    pending = [(child, -1) for child in reversed(container.task_tree.children)]
    while pending:
        token, parent = pending.pop()
        rows.append(_dump_token(token, parent))
        here = len(rows) - 1
        pending.extend((child, here) for child in reversed(token.children))
    return rows


def _dump_token(token: Token, parent: int) -> list[Any]:
    row: list[Any] = [token.id, token.task_spec.name, token.state, parent]
    inner = token.workflow.top_workflow.subprocesses.get(token.id)
    own = token.has_own_scope
    if token.internal_data or own or inner is not None:
        row.append(token.internal_data)
    if own or inner is not None:
        row.append([token.scope.local, sorted(token.scope.declared)] if own else None)
    if inner is not None:
        variables = None if inner.scope is token.scope else inner.scope.local
        correlations = None if inner.is_embedded else inner.correlations
        row.append([variables, correlations, _dump_tokens(inner)])
    return row


def restore(text: str, instance: Instance) -> None:
    """Fill a new instance with the state. Raises StepFailed when the text is not a state of this definition."""
    try:
        data = orjson.loads(text)
    except ValueError:
        raise _broken("不是 JSON", "it is not JSON") from None
    version = data.get("v") if isinstance(data, dict) else None
    if version != VERSION:
        raise StepFailed(
            f"流程实例状态的版本是 {version}，本程序只认识版本 {VERSION}；请用写入它的版本打开或先迁移",
            f"The stored state has version {version}, this program knows version {VERSION}; "
            "open it with the version that wrote it, or migrate it first",
            reason="state-version",
            version=version,
        )
    try:
        _restore(data, instance)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise _broken(f"内容已损坏（{error!r}）", f"it is damaged ({error!r})") from error


def _restore(data: dict[str, Any], instance: Instance) -> None:
    if data["p"] != instance.compiled.process_key:
        raise _broken(f"它属于流程「{data['p']}」", f'it belongs to the process "{data["p"]}"')
    instance.scope.local = data["s"]
    instance.correlations = data.get("k", {})
    _restore_tokens(data["t"], instance)
    if "e" in data:
        kind, instance.end_code = data["e"]
        instance.ended = EndKind(kind)
        instance.completed = True


def _restore_tokens(rows: Sequence[Sequence[Any]], container: Instance | SubInstance) -> None:
    instance = container.top_workflow
    tokens: list[Token] = []
    for token_id, name, state, parent_index, *rest in rows:
        spec = container.spec.task_specs.get(name)
        if spec is None:
            raise _broken(f"流程中没有元素「{name}」", f'the process has no element "{name}"')
        parent = container.task_tree if parent_index < 0 else tokens[parent_index]
        token = Token(container, spec, parent, state, token_id)
        tokens.append(token)
        if rest:
            token.internal_data = rest[0]
        if len(rest) > 1 and rest[1] is not None:
            values, declared = rest[1]
            token.scope = Scope(values, parent.scope, frozenset(declared))
        if len(rest) > 2:
            _restore_inside(rest[2], token, instance)


def _restore_inside(data: Sequence[Any], host: Token, instance: Instance) -> None:
    variables, correlations, rows = data
    node = host.task_spec
    key: str = node.spec_key
    scope = host.scope if variables is None else Scope(variables)
    inner = instance.open_scope(host, instance.subprocess_specs[key], scope, called=variables is not None)
    if correlations is not None:
        inner.correlations = correlations
    _restore_tokens(rows, inner)


def _broken(zh: str, en: str) -> StepFailed:
    return StepFailed(
        f"流程实例的状态读不出来：{zh}", f"The stored state cannot be read: {en}", reason="state-unreadable"
    )
