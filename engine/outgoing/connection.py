"""A connection to an address that was judged, under one deadline for everything: name, connect, TLS, headers, body.

The standard library's time-outs count from one byte to the next, so that a server that drips a byte a second holds a worker
for ever; here every wait gets what is left of the whole.
"""

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

Resolve = Callable[[str, int], Sequence[str]]


class Deadline:
    """A moment on the machine's monotonic clock, ``seconds`` from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raises TimeoutError when none are."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of ``host``, each once, in the resolver's order; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def resolve_in_time(resolver: Resolve, host: str, port: int, deadline: Deadline) -> Sequence[str]:
    """Call ``resolver`` under the deadline; the system's resolver knows none. Raises OSError, also TimeoutError."""
    answer: list[Sequence[str]] = []
    failure: list[OSError] = []

    def ask() -> None:
        try:
            answer.append(resolver(host, port))
        except OSError as error:
            failure.append(error)
        except UnicodeError as error:  # a label that the resolver cannot encode
            failure.append(OSError(str(error)))

    # A daemon: an abandoned look-up ends by itself and must not keep the process from ending.
    thread = threading.Thread(target=ask, name="banjie-resolve", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if failure:
        raise failure[0]
    if not answer:
        raise TimeoutError(f"{host} was not resolved in time")
    return answer[0]


class JudgedConnection(http.client.HTTPConnection):
    """An HTTP/1.1 connection to one of ``addresses``; ``host`` is only named in the Host header and checked in TLS."""

    def __init__(
        self, host: str, port: int, addresses: Sequence[str], deadline: Deadline, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(host, port)
        self.default_port = 443 if tls else 80  # decides whether the Host header names the port
        self._addresses = addresses
        self._deadline = deadline
        self._tls = tls
        self._real: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the first judged address that answers. Raises OSError."""
        self._real = self._connected()
        if self._tls is not None:
            self._real.settimeout(self._deadline.left())
            self._real = self._tls.wrap_socket(self._real, server_hostname=self.host)
        self.sock = _TimedSocket(self._real, self._deadline)

    def _connected(self) -> socket.socket:
        last: OSError = OSError("no address")
        for address in self._addresses:
            try:
                return socket.create_connection((address, self.port), timeout=self._deadline.left())
            except OSError as error:
                last = error
        raise last

    def hang_up(self) -> None:
        """Close the socket; ``close`` alone leaves it to a response that may still be read."""
        self.close()
        if self._real is not None:
            self._real.close()


class _TimedSocket:
    """What http.client needs of a socket, each wait bounded by the deadline."""

    def __init__(self, real: socket.socket, deadline: Deadline) -> None:
        self._real = real
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._real.settimeout(self._deadline.left())
        self._real.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._real, self._deadline))

    def close(self) -> None:
        """http.client closes early, while it still reads: ``JudgedConnection.hang_up`` does it."""


class _TimedReader(io.RawIOBase):
    def __init__(self, real: socket.socket, deadline: Deadline) -> None:
        self._real = real
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._real.settimeout(self._deadline.left())
        return self._real.recv_into(buffer)
