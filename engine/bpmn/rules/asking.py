"""Rules of asking others: what a node permits and forbids is written in words that have an effect."""

from typing import Final

from engine.bpmn.graph import ModelFile
from engine.bpmn.report import CATALOGUE, ERROR, Code, Notebook, clip
from engine.bpmn.rules.tasks import banjie
from engine.bpmn.words import Words
from engine.feel import is_expression
from engine.runtime.asking_settings import NAMES, faults

CATALOGUE.add(
    Code(
        "asking-setting-invalid",
        ERROR,
        "{it}的 banjie:{name}：{problem}",
        "{it}, banjie:{name}: {problem}.",
        "allow, transferScope, transferClock, delegatePower and maxSigners say what people may do beside deciding. A word "
        "that is not known would forbid or permit nothing; see docs/approval-verbs.md.",
    )
)

_HUMAN: Final = ("userTask", "manualTask")


def check(model: ModelFile, book: Notebook) -> None:
    """Check what the tasks of one file say of asking others."""
    for process in model.executable:
        for node in process.walk():
            if node.kind in _HUMAN:
                given = {name: banjie(node, name) for name in NAMES}
                for name, zh, en in faults(given, is_open=is_expression):
                    book.report("asking-setting-invalid", node, name=name, problem=Words(clip(zh, 300), clip(en, 300)))
