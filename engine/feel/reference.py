"""The table of built-in functions for docs/feel.md, made from their declarations; ``python -m engine.feel.reference`` prints it."""

import sys

from engine.feel.functions import BUILTINS

_GROUPS = {
    "conversion": "转换 Conversion",
    "booleans": "是/否 Boolean",
    "strings": "文本 Text",
    "patterns": "正则表达式 Patterns (RE2)",
    "numeric": "数字 Numbers",
    "lists": "列表 Lists",
    "contexts": "对象 Contexts",
    "dates": "日期和时间 Dates and times",
    "ranges": "区间 Ranges",
}


def function_table() -> str:
    """Return the functions as Markdown, one table for each kind; * marks those that are not in the standard."""
    lines: list[str] = []
    for module, title in _GROUPS.items():
        lines += [f"### {title}", "", "| 写法 Form | 说明 |", "|---|---|"]
        for forms in BUILTINS.values():
            for form in forms:
                if form.function.__module__.endswith(f".{module}"):
                    signature = form.signature.replace(" | ", " or ")  # a bar would end the cell
                    lines.append(f"| `{signature}`{' *' if form.extension else ''} | {form.zh} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(function_table())
