"""``python -m engine.cli``: find the function of the typed command, run it, and say in one sentence when it cannot."""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from engine.cli import arguments, console
from engine.cli.installation import explain
from engine.errors import SpokenError


def main(typed: list[str]) -> int:
    """Run one command and return the exit status: 0 done, 1 refused, 2 wrong arguments, 130 interrupted."""
    console.prepare()
    options = arguments.parse(typed)
    try:
        return _handler(options)(options)
    except SpokenError as error:
        console.complain(_explained(error) or error)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        known = _explained(error)
        if known is None:
            raise
        console.complain(known)
        return 1


def _explained(error: Exception) -> SpokenError | None:
    """The sentence for what the machine, not the program, did wrong; None for a fault of ours, which shows its traceback."""
    if isinstance(error, OSError) and error.errno is not None:
        return explain(error, Path.cwd())
    if "engine.store.base.database" in sys.modules:
        from engine.store.base.failures import explained

        return explained(error)
    return None


def _handler(options: argparse.Namespace) -> Callable[[argparse.Namespace], int]:
    module, _, function = options.handler.partition(":")
    # Importing makes some hundred thousand objects and no garbage: looking for it meanwhile is a sixth of the start, and
    # what is there now stays to the end, so no later look needs to go through it again.
    gc.disable()
    try:
        found: Callable[[argparse.Namespace], int] = getattr(importlib.import_module(module), function)
    finally:
        gc.freeze()
        gc.enable()
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
