"""The virtual environment beside the code: made on the first call, healed after an interruption, skipped ever after.

Standard library only. What is installed is told by a stamp inside the environment, written after each finished part; a
part whose lock file has changed, or that was interrupted, is simply done again.
"""

import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.cli import console
from engine.cli.console import Stop

LABELS = {
    "run": ("安装软件包", "installing packages"),
    "dev": ("安装测试工具", "installing the tools for tests"),
    "node": ("安装 Node.js（本机没有 npm）", "installing Node.js, as there is no npm here"),
}


class Installation:
    """The environment of one checkout: ``root/.venv``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self._stamp = self.folder / "banjie.json"

    # ---- what is there

    def has(self, *parts: str) -> bool:
        """Whether the environment works and these lock files (``run``, ``dev``, ``node``) are installed in it."""
        stamp = self._read_stamp()
        return self._is_sound(stamp) and all(stamp.get(part) == self._digest(part) for part in parts)

    def _read_stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads(self._stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _is_sound(self, stamp: dict[str, str]) -> bool:
        # The folder may have been moved, or the system's Python replaced by another version.
        return stamp.get("folder") == str(self.folder) and stamp.get("python") == self._interpreter()

    def _interpreter(self) -> str:
        return os.path.realpath(self.python) if self.python.exists() else ""

    def _digest(self, part: str) -> str:
        return hashlib.sha256(self._lock_file(part).read_bytes()).hexdigest()

    def _lock_file(self, part: str) -> Path:
        return self.root / "requirements" / f"{part}.lock"

    # ---- making it

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off a second set-up of the same checkout until this one has ended."""
        try:
            handle = os.open(self.root / ".venv.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise explain(error, self.root) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                console.say("另一个窗口正在准备环境，等它完成 …", "another set-up of this folder is at work, waiting …")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def install(self, *parts: str) -> None:
        """Bring the environment to where it has these parts. Raises Stop with the way out."""
        try:
            if not self._is_sound(self._read_stamp()):
                self._create()
            for part in parts:
                if not self.has(part):
                    self._install(part)
        except OSError as error:
            raise explain(error, self.folder) from error

    def _create(self) -> None:
        if os.pathsep in str(self.folder):
            raise Stop(
                f"路径 {self.root} 里有冒号，Python 不能在其中建立环境。请换一个文件夹。",
                f"The path {self.root} has a colon in it, where Python cannot make an environment. Move the folder.",
            )
        ensure_venv_module()
        with console.step("建立 Python 环境", "Python environment"):
            command = [sys.executable, "-m", "venv", "--clear", str(self.folder)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                shutil.rmtree(self.folder, ignore_errors=True)
                raise Stop(
                    f"建立 Python 环境失败：{_last_line(done.stdout + done.stderr)}",
                    f"The Python environment could not be made: {_last_line(done.stdout + done.stderr)}",
                )
            self._write_stamp({"folder": str(self.folder), "python": self._interpreter()})

    def _install(self, part: str) -> None:
        lock = self._lock_file(part)
        total = sum("==" in line for line in lock.read_text("utf-8").splitlines())
        stamp = self._read_stamp()
        stamp.pop(part, None)
        self._write_stamp(stamp)  # until pip has finished, this part is not there
        with console.step(*LABELS[part]) as step:
            self._run_pip(lock, total, step)
        self._write_stamp(stamp | {part: self._digest(part)})

    def _run_pip(self, lock: Path, total: int, step: console.Step) -> None:
        # No index is named: pip's own configuration says where packages come from. Only wheels: nothing is compiled here.
        command = [
            *(str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"),
            *("--progress-bar", "off", "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)),
        ]
        output: list[str] = []
        # What a person set for other Pythons (PYTHONPATH, PIP_USER, PIP_TARGET) must not lead the packages elsewhere.
        elsewhere = ("PYTHON", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(elsewhere)}
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as pip:
            assert pip.stdout is not None
            seen = 0
            for line in pip.stdout:
                output.append(line)
                if line.startswith("Collecting "):
                    seen += 1
                    step.show(f"{seen}/{total} {line.split()[1].split('==')[0]}")
                elif line.startswith("Installing collected"):
                    step.show("解包 unpacking")
        if pip.returncode != 0:
            raise pip_failure(output, lock)

    def _write_stamp(self, stamp: dict[str, str]) -> None:
        fresh = self._stamp.with_suffix(".new")
        fresh.write_text(json.dumps(stamp, indent=1), "utf-8")
        fresh.replace(self._stamp)


def ensure_venv_module() -> None:
    """Make sure that Python can make environments; on Debian that is a package of its own."""
    if _has_venv():
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0 and sys.base_prefix == "/usr":
        with console.step(f"安装 {package}", f"apt-get install {package}"):
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            for arguments in (["update"], ["install", "--yes", "--no-install-recommends", package]):
                subprocess.run([apt, "-qq", *arguments], env=environment, capture_output=True, check=False)
        importlib.invalidate_caches()
        if _has_venv():
            return
    sudo = "" if os.geteuid() == 0 else "sudo "
    raise Stop(
        f"这个 Python 没有 venv 模块。请执行：{sudo}apt install {package}，然后再来一次。",
        f"This Python has no venv module. Run: {sudo}apt install {package}, then start again.",
    )


def _has_venv() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def pip_failure(output: list[str], lock: Path) -> Stop:
    """Say in one sentence why pip did not install ``lock``."""
    text = "".join(output)
    if os.strerror(errno.ENOSPC) in text:
        return Stop(
            "磁盘已满，软件包没有装完。请腾出约 500 MB 后再来一次，会从中断处继续。",
            "The disk is full and packages are missing. Free about 500 MB and start again; it goes on from here.",
        )
    errors = [line.removeprefix("ERROR:").strip() for line in output if line.startswith("ERROR:")]
    reason = errors[-1] if errors else _last_line(text)
    if "No matching distribution" in text and "Connection" not in text:
        version = ".".join(map(str, sys.version_info[:3]))
        zh = f"它没有适合 Python {version} 的版本，请用 Python 3.11 至 3.14。"
        en = f"it has no build for Python {version}; use Python 3.11 to 3.14."
    elif "DO NOT MATCH THE HASHES" in text:
        zh = "下载到的软件包与锁定的校验值不符，没有安装。请检查镜像。"
        en = "a downloaded package does not match its locked hash and was not installed; check your mirror."
    else:
        zh = "请检查网络；内网环境请先设置镜像（pip config set global.index-url 镜像地址），然后再来一次。"
        en = "check the network; inside a closed one set your mirror (pip config set global.index-url URL), then start again."
    return Stop(f"软件包没有装上（{reason}）：{zh}", f"Packages could not be installed ({reason}): {en}")


_REASONS: Mapping[int, str] = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已有同名的文件",
    errno.ENAMETOOLONG: "名称太长",
    errno.EIO: "磁盘读写出错",
}


def explain(error: OSError, path: Path | str) -> Stop:
    """Turn an operating system's refusal around ``path`` into a sentence with the way out."""
    where = error.filename or path
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(path)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Stop(
            f"没有权限读写 {where}。请把程序放到自己可写的文件夹，或用 --var 另指数据文件夹。",
            f"{where} may not be read or written. Put the program into a folder of your own, or name another data folder with --var.",
        )
    reason = _REASONS.get(error.errno or 0, error.strerror)
    return Stop(f"无法使用 {where}：{reason}。", f"{where} cannot be used: {error.strerror}.")


def disk_full(path: Path | str) -> Stop:
    """The sentence for a full disk."""
    return Stop(
        f"{path} 所在的磁盘已满。请腾出空间后再来一次，会从中断处继续。",
        f"The disk of {path} is full. Free some space and start again; it goes on from here.",
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "?"
