"""The one patch of the library: its script environment (``eval`` and ``exec`` with all builtins) can never run.

Why a patch and not only a subclass: ``PythonScriptEngine()`` without arguments builds that environment, and the library
calls it so wherever nobody hands it another one (``BpmnWorkflow.__init__``, every deserialiser). We hand over ours
everywhere; this makes a forgotten place an error instead of a host command.
"""

from typing import Any, NoReturn

from SpiffWorkflow.bpmn.script_engine.python_environment import (
    BasePythonScriptEngineEnvironment,
    TaskDataEnvironment,
)


class ScriptsDisabled(RuntimeError):
    """Something asked the library to run Python text of a model. It is a defect of ours: nothing may lead here."""


def _refuse(self: object, *arguments: Any, **options: Any) -> NoReturn:
    raise ScriptsDisabled("expressions are evaluated by engine.feel; Python text of a model never runs")


class ClosedEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """A script environment that runs nothing: expressions go through :class:`engine.bpmn.expressions.FeelEngine`."""

    evaluate = execute = call_service = _refuse


TaskDataEnvironment.evaluate = _refuse
TaskDataEnvironment.execute = _refuse
