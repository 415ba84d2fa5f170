"""Before the real program: see that everything is installed, then become it.

Standard library only. When nothing is to be done this takes a few milliseconds.
"""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from engine.cli import arguments, console
from engine.cli.assets import Assets
from engine.cli.console import Stop
from engine.cli.installation import Installation, explain


def main(root: str, typed: list[str]) -> int:
    """Prepare what the typed command needs and hand over to it; returns only when that is impossible."""
    console.prepare()
    installation = Installation(Path(root))
    assets = Assets(installation)
    try:
        if not _ready(installation, assets, typed):
            arguments.parse(typed)  # help and mistakes come before any installing
            _prepare(installation, assets, typed)
        _become(installation, typed)
    except Stop as error:
        console.complain(error)
    except OSError as error:
        console.complain(explain(error, installation.root))
    except KeyboardInterrupt:
        console.say("\n已中断；下次会从这里继续", "interrupted; the next start goes on from here")
        return 130
    return 1


def ready(options: argparse.Namespace) -> int:
    """``./banjie setup``: by now everything is done."""
    console.say("已就绪，启动：./banjie run", "ready; start with ./banjie run")
    return 0


def _ready(installation: Installation, assets: Assets, typed: list[str]) -> bool:
    parts = arguments.needs(typed[0] if typed else "")
    if not installation.has(*(part for part in parts if part != "assets")):
        return False
    if typed[:1] == ["setup"]:
        return assets.built()
    return "assets" not in parts or assets.settled()


def _prepare(installation: Installation, assets: Assets, typed: list[str]) -> None:
    parts = arguments.needs(typed[0])
    with installation.alone():
        if not installation.has("run"):
            console.say(
                "首次准备需要一两分钟，以后直接启动", "the first set-up takes a minute or two, later starts skip it"
            )
        installation.install(*(part for part in parts if part != "assets"))
        if "assets" in parts and not _ready(installation, assets, typed):
            assets.build()


def _become(installation: Installation, typed: list[str]) -> None:
    # -P keeps the caller's folder off the import path; the caller's folder stays current, so that file names mean what
    # they say.
    python = str(installation.python)
    os.execve(python, [python, "-P", "-m", "engine.cli", *typed], environment_of(installation, os.environ))


def environment_of(installation: Installation, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of the real program: what was inherited, with our code on the path."""
    kept = {name: value for name, value in inherited.items() if name != "PYTHONHOME"}
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Images of containers say so to keep the sources clean. Some hundred modules compiled at every start are a third of
        # its time: what is compiled goes beside the packages instead.
        kept["PYTHONPYCACHEPREFIX"] = str(installation.folder / "bytecode")
    return kept | {"PYTHONPATH": str(installation.root)}
