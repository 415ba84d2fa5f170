"""The rules of the upload, by theme. Each module enters its codes in the catalogue and checks one thing."""

from collections.abc import Collection, Sequence

from engine.bpmn.graph import ModelFile
from engine.bpmn.report import Notebook
from engine.bpmn.rules import (
    approval,
    asking,
    calls,
    claims,
    counted,
    elements,
    expressions,
    flow,
    going_back,
    loops,
    names,
    references,
    specials,
    spelling,
    structure,
    tasks,
    timeouts,
    timers,
    vocabulary,
    who,
)
from engine.bpmn.rules.tasks import Known

__all__ = ["Known", "run_rules"]


def run_rules(files: Sequence[ModelFile], known: Known, known_processes: Collection[str], book: Notebook) -> None:
    """Run every rule over the files of one upload."""
    references.check(files, book)
    for model in files:
        structure.check(model, book)
        elements.check(model, book)
        spelling.check(model, book)
        flow.check(model, book)
        expressions.check(model, book)
        timers.check(model, book)
        loops.check(model, book)
        tasks.check(model, known, book)
        specials.check(model, book)
        who.check(model, known, book)
        approval.check(model, book)
        going_back.check(model, book)
        asking.check(model, book)
        timeouts.check(model, book)
        claims.check(model, book)
        vocabulary.check(model, book)
    calls.check(files, known_processes, book)
    counted.check(files, book)
    names.check(files, known, book)
