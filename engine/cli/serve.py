"""``./banjie run``: the server with pages, API and, unless told otherwise, the background jobs."""

import argparse
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from waitress.server import create_server

from engine.calendar import SHANGHAI
from engine.cli import console, samples
from engine.cli.background import jobs_at_work, tell_migrations
from engine.cli.composition import House, log_to_terminal, opened
from engine.cli.console import Stop
from engine.cli.ending import until_signal
from web import WebSettings, create_app

WEB_THREADS = 8


def run(options: argparse.Namespace) -> int:
    """Serve pages, API and jobs until Ctrl-C or SIGTERM."""
    log_to_terminal()
    with until_signal() as ending, _listening(options.host, options.port) as listener, opened(options) as house:
        tell_migrations(house)
        first = _seed(house)
        app = create_app(house.engine, house.queries, settings=_web_settings(options, house))
        with jobs_at_work(house, 0 if options.no_jobs else options.job_threads):
            server = create_server(app, sockets=[listener], threads=WEB_THREADS, ident="banjie")
            _announce(house, first, listener)
            server.run()  # returns on a signal, when the requests under way are answered
            server.close()
    return ending.status


def _seed(house: House) -> samples.FirstStart | None:
    if not house.migrated:
        return samples.seed(house.engine, house.queries)
    with console.step("准备示例机构、人员、事项和流程", "sample people, items and processes"):
        return samples.seed(house.engine, house.queries)


def _web_settings(options: argparse.Namespace, house: House) -> WebSettings:
    return WebSettings(secret=house.settings.secret(), https=options.https, proxies=options.proxies)


def _announce(house: House, first: samples.FirstStart | None, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    print(f"\n  办结已启动 · Banjie is running:  http://{shown}:{port}/\n", flush=True)
    if first is not None:
        for line in first.lines():
            print(f"  {line}", flush=True)
        print(flush=True)
    if house.settings.now is not None:
        shanghai = house.settings.now.astimezone(SHANGHAI).isoformat(timespec="minutes")
        console.say(f"  引擎时钟停在 {shanghai}（BANJIE_NOW）", "the engine's clock stands still")
    console.say("  按 Ctrl-C 停止", "Ctrl-C stops it")


# ---------------------------------------------------------------- the port


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens, taken before anything slow is done. Raises Stop when the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise Stop(f"不认识监听地址「{host}」。", f"The address {host!r} to listen on is not known.") from error
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(1024)
        except OSError as error:
            raise _cannot_listen(error, host, port) from error
        yield listener


def _cannot_listen(error: OSError, host: str, port: int) -> Stop:
    if error.errno == errno.EADDRINUSE:
        return Stop(
            f"端口 {port} 已被另一个程序占用（也许办结已经在运行）。换一个端口：./banjie run --port {port + 1}",
            f"Port {port} is taken by another program (perhaps Banjie runs already). Take another: "
            f"./banjie run --port {port + 1}",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return Stop(
            f"没有权限使用端口 {port}：1024 以下的端口归 root。换一个：./banjie run --port 8000",
            f"Port {port} is not allowed: those below 1024 belong to root. Take another: ./banjie run --port 8000",
        )
    return Stop(
        f"不能监听 {host}:{port}：{error.strerror}。本机地址用 127.0.0.1，对外用 0.0.0.0。",
        f"Cannot listen on {host}:{port}: {error.strerror}. Use 127.0.0.1 for this machine only, 0.0.0.0 for others too.",
    )
