"""``./banjie test``: pytest over this checkout, in as many processes as there are cores."""

import argparse
import os
import sys

from engine.cli.settings import ROOT


def run(options: argparse.Namespace) -> int:
    """Become pytest. Without arguments the whole suite runs in parallel; with arguments just what they say."""
    typed = options.arguments or ["--numprocesses", "auto", "--dist", "worksteal"]
    os.chdir(ROOT)
    # Nothing of the person's own installation may leak into the tests.
    kept = {
        name: value for name, value in os.environ.items() if name not in ("BANJIE_VAR", "BANJIE_DATABASE", "BANJIE_NOW")
    }
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *typed], kept)
