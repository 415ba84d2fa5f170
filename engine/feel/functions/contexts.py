"""Built-in functions on contexts (DMN table 79)."""

from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.run import Run


@builtin("get value(m: context, key: string)", "取一个键的值，没有时为空值")
def _get_value(m: dict[str, Any], key: str) -> Any:
    return m.get(key)


@builtin("get value(context: context, keys: list)", "按路径取值", extension=True)
def _get_value_by_path(context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context
    for key in keys:
        value = value.get(key) if type(value) is dict and type(key) is str else None
    return value


@builtin("get entries(m: context)", "各键和值的列表：[{key, value}]")
def _get_entries(m: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context(entries: list)", "由 [{key, value}] 组成对象")
def _context(run: Run, entries: list[Any]) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            run.null("context() 的每一项应为 {key: 文本, value: 值}", "Entries of context() are {key, value}")
            return None
        if entry["key"] in result:
            run.null(f"键「{entry['key']}」重复", f'The key "{entry["key"]}" stands there twice')
            return None
        result[entry["key"]] = entry["value"]
    return result


@builtin("context put(context: context, key: string, value: any?)", "加入或替换一个键")
def _context_put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: any?)", "按路径加入或替换")
def _context_put_by_path(run: Run, context: dict[str, Any], keys: list[Any], value: Any) -> Any:
    if not keys or not all(type(key) is str for key in keys):
        run.null("context put 的路径应为文本列表", "The path of context put is a list of text")
        return None
    result = target = dict(context)
    for key in keys[:-1]:
        inner = target.get(key)
        if inner is not None and type(inner) is not dict:
            run.null(f"「{key}」不是对象", f'"{key}" is no context')
            return None
        run.spend_list(len(inner or ()))
        target[key] = dict(inner or {})
        target = target[key]
    target[keys[-1]] = value
    return result


@builtin("context merge(contexts: list)", "合并多个对象，后者优先")
def _context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    for context in contexts:
        if type(context) is not dict:
            run.null("context merge 的每一项应为对象", "The items of context merge are contexts")
            return None
        run.spend_list(len(context))
        result |= context
    return result
