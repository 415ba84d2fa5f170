"""Measuring this installation: what a step costs, against the floor that the same database sets in the same run."""

import argparse
import json


def run(options: argparse.Namespace) -> int:
    """``./banjie bench``: measure on an empty database and print the figures, as a table or as JSON."""
    from engine.cli.bench.report import measured, table

    figures = measured(options.database, quick=options.quick, only=options.only)
    print(json.dumps(figures, ensure_ascii=False, indent=1) if options.json else table(figures))
    return 0
