"""A server on loopback that answers as a test tells it, and callers that may reach it."""

import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from engine.outgoing import OutgoingCaller, OutgoingPolicy

HOST = "api.example.gov.cn"

# A key pair made for these tests and used nowhere else: self-signed, for api.example.gov.cn, valid from 2020 to 2120.
TEST_KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQhdv3vyuYYZ8DVs/
UxuvwBIpd7ICrOMYwxwWzm4HBmuhRANCAATdbgsgXCUupsjXv6mWc9UnsbKVpVJQ
Tb1oss4aljlikNRr1hs9XcvkBaYBdPtbbT4/UpRLUGz6SqJdTAWY88LZ
-----END PRIVATE KEY-----
"""
TEST_CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBhzCCASygAwIBAgIBATAKBggqhkjOPQQDAjAiMSAwHgYDVQQDDBdCYW5qaWUg
dGVzdCBjZXJ0aWZpY2F0ZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
MFowIjEgMB4GA1UEAwwXQmFuamllIHRlc3QgY2VydGlmaWNhdGUwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAATdbgsgXCUupsjXv6mWc9UnsbKVpVJQTb1oss4aljli
kNRr1hs9XcvkBaYBdPtbbT4/UpRLUGz6SqJdTAWY88LZo1EwTzAdBgNVHREEFjAU
ghJhcGkuZXhhbXBsZS5nb3YuY24wDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQU
1haWxtTBYilQUOqhf95O9+I2djIwCgYIKoZIzj0EAwIDSQAwRgIhAMHYqW+GB9qz
yi7Y9knFji5rdceEeAXhMGJ1i+pB8tmrAiEAhYam5cb4oibIq9M2pRqhCd7MSJBe
vCJP+FBDJa4YkCA=
-----END CERTIFICATE-----
"""


@dataclass
class Place:
    """The server: what it was asked, and how it answers."""

    port: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: say(handler, 200, {"ok": True})

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://{HOST}:{self.port}{path}"


def say(handler: BaseHTTPRequestHandler, status: int, body: Any = None, **headers: str) -> None:
    """Answer with JSON, or with bytes as they are."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    handler.send_response(status)
    standard = {"Content-Type": "application/json", "Content-Length": str(len(data))}
    for name, value in (standard | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


@pytest.fixture
def place() -> Iterator[Place]:
    yield from _serve(None)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pem"
    path.write_text(TEST_CERTIFICATE + TEST_KEY)
    return path


@pytest.fixture
def secure_place(certificate: Path) -> Iterator[Place]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    yield from _serve(tls)


def _serve(tls: ssl.SSLContext | None) -> Iterator[Place]:
    found = Place()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            asked = {"method": self.command, "path": self.path, "headers": dict(self.headers)}
            found.asked.append(asked | {"body": self.rfile.read(size)})
            found.answer(self)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.handle_any
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: Any) -> None:
            """The caller hung up: that is what several tests want."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        found.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def caller_to(place: Place, *, host: str = HOST, network: str = "127.0.0.0/8", **options: Any) -> OutgoingCaller:
    """A caller that may reach ``place``, and takes every name for 127.0.0.1."""
    policy = OutgoingPolicy.parse(f"{host} {network} {place.port}")
    options.setdefault("resolver", lambda host, port: ["127.0.0.1"])
    return OutgoingCaller(policy, **options)
