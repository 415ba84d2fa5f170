"""Writes docs/verbs.md: every verb that a service task may name, what it wants and brings back, from the code itself.

python -m engine.commands.verbs_page docs/verbs.md
"""

import inspect
import sys
from pathlib import Path

from engine.commands import office as office  # its import makes the office's verbs known
from engine.commands.running.service_tasks import VERBS, Verb

_HEAD = """# 服务任务的动作 Verbs

流程里的服务任务用 `banjie:verb` 写明做什么，用 `<banjie:input name="…">文字或 =表达式</banjie:input>` 给它输入。动作在同一个事务里完成，
带回的变量当即可供后面的网关使用；只有 `http.request` 离开本机，作为作业执行并重试。除它、`card.` 和 `instance.` 以外都要求流程由办件发起。

A service task names a verb in `banjie:verb` and gives it inputs. It is performed in the same transaction, and what it brings back can be
read by the next gateway. Only `http.request` leaves the house, as a job with retries. All others, but those of cards and processes, need a case behind the process.

```xml
<serviceTask id="send_notice" name="发出补正告知书" banjie:verb="case.notify_correction">
  <extensionElements>
    <banjie:input name="items">=correction_text</banjie:input>
  </extensionElements>
</serviceTask>
```

This page is written by `python -m engine.commands.verbs_page docs/verbs.md`; a test holds it to the code.
"""

_ROOMS = {
    "card": "监察牌 Cards",
    "case": "办件 Cases",
    "clock": "时限 Clocks",
    "commencement": "开工跟踪 Beginning of the work",
    "commitment": "告知承诺 Commitment",
    "credit": "信用 Credit",
    "deregistration": "简易注销 Simple deregistration",
    "disclosure": "政府信息公开 Disclosure of information",
    "extension": "延长办理期限 Extension of limits",
    "hotline": "热线工单 Hotline orders",
    "http": "外部接口 Outside",
    "instance": "流程 Processes",
    "materials": "材料 Materials",
    "parallel": "并联审批 Parallel approval",
    "permits": "证照并销 Permits that go with a registration",
    "publicity": "公示 Publicity",
    "rating": "好差评 Ratings",
    "supplement": "领证后补交 Materials after the decision",
    "tolerance": "容缺受理 Tolerance",
    "verification": "核查 Verification",
}


def page() -> str:
    """Return the page as Markdown."""
    parts = [_HEAD]
    for room, title in _ROOMS.items():
        parts.append(f"\n## {title}\n")
        parts += [_entry(found) for name, found in sorted(VERBS.items()) if name.partition(".")[0] == room]
    return "".join(parts)


def _entry(found: Verb) -> str:
    lines = [f"\n### `{found.name}`\n", f"{found.zh} · {found.en}"]
    about = inspect.getdoc(found.function) if found.function is not None else None
    if about:
        lines += ["", about.replace("``", "`")]
    if found.results:
        lines += ["", "带回 brings back: " + ", ".join(f"`{name}`" for name in found.results)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
