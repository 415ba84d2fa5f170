"""Making one outgoing call: resolve once, judge every address, connect to a judged one, follow nothing, bound everything."""

import http.client
import logging
import ssl
from collections.abc import Mapping
from typing import Any

from engine import plain
from engine.errors import BanjieError, InvalidInput
from engine.outgoing.connection import Deadline, JudgedConnection, Resolve, resolve, resolve_in_time
from engine.outgoing.policy import OutgoingPolicy, PolicyRefused
from engine.outgoing.request import OutgoingRequest

logger = logging.getLogger("banjie.outgoing")

MAX_ANSWER_BYTES = 200_000  # the answer becomes process variables
_TRY_AGAIN = frozenset({408, 425, 429})


class OutgoingFailed(BanjieError):
    """The other side did not answer, or not properly; the job tries again later."""

    status = 502
    code = "outgoing-failed"


class CallRefused(Exception):
    """The call ended with an error that trying again does not change; the model may catch it by ``code``.

    Codes: ``HTTP_404`` and the like for the other side's refusals, ``OUTGOING_REFUSED`` for a place that may not be called,
    ``INVALID_INPUT`` for inputs that make no request.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OutgoingCaller:
    """Carries out ``http.request``. One object serves all threads.

    ``ca_file`` adds the certificates (PEM) of an intranet's own authority; ``seconds`` is the whole time of a call.
    """

    def __init__(
        self,
        policy: OutgoingPolicy,
        *,
        ca_file: str | None = None,
        seconds: float = 30.0,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        resolver: Resolve = resolve,
    ) -> None:
        self.policy = policy
        self.seconds = seconds
        self.max_answer_bytes = max_answer_bytes
        self._resolver = resolver
        self._tls = ssl.create_default_context()
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        if ca_file is not None:
            self._tls.load_verify_locations(ca_file)

    def call(self, verb: str, inputs: Mapping[str, Any], settings: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        """Make the call with the Idempotency-Key ``key`` and return ``{"status": 200, "body": …}``.

        ``body`` is the JSON of the answer, None when it is empty. Raises CallRefused (final) or OutgoingFailed (again).
        """
        request = _checked(verb, inputs)
        try:
            status, body = self._exchange(request, key)
        except PolicyRefused as error:
            raise CallRefused("OUTGOING_REFUSED", error.zh) from error
        logger.info("%s %s:%d answered %d", request.method, request.host, request.port, status)
        if status in request.accept:
            return {"status": status, "body": body}
        if status >= 500 or status in _TRY_AGAIN:
            raise _failed(request, f"对方返回 {status}", f"it answered {status}")
        raise CallRefused(f"HTTP_{status}", f"{request.host} 返回 {status}（{request.host} answered {status}）")

    def _exchange(self, request: OutgoingRequest, key: str) -> tuple[int, Any]:
        deadline = Deadline(min(request.seconds or self.seconds, self.seconds))
        connection: JudgedConnection | None = None
        try:
            addresses = self._judged(request, deadline)
            tls = self._tls if request.scheme == "https" else None
            connection = JudgedConnection(request.host, request.port, addresses, deadline, tls)
            connection.request(request.method, request.target, body=request.body, headers=_headers(request, key))
            response = connection.getresponse()
            return response.status, self._body(request, response)
        except TimeoutError as error:
            raise _failed(request, "没有在时限内回应", "it did not answer in time") from error
        except ssl.SSLError as error:
            raise _failed(
                request, f"安全连接失败（{error.reason}）", f"the secure connection failed: {error}"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise _failed(request, f"连接失败（{error}）", f"the connection failed: {error!r}") from error
        finally:
            if connection is not None:
                connection.hang_up()

    def _judged(self, request: OutgoingRequest, deadline: Deadline) -> list[str]:
        """Resolve once and judge every address: one bad address refuses the name, or a second look-up could use it."""
        addresses = list(resolve_in_time(self._resolver, request.host, request.port, deadline))
        for address in addresses:
            self.policy.judge(request.scheme, request.host, address, request.port)
        return addresses

    def _body(self, request: OutgoingRequest, response: http.client.HTTPResponse) -> Any:
        accepted = response.status in request.accept
        data = self._bytes(request, response) if accepted else b""  # an error page is nobody's variable
        if not data:
            return None
        kind = response.headers.get_content_type()
        if kind != "application/json" and not kind.endswith("+json"):
            raise _failed(request, f"回应不是 JSON（{kind}）", f"the answer is {kind}, not JSON")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise _failed(request, "回应经过压缩", "the answer is compressed, which was not asked for")
        try:
            return plain.parse(data, max_bytes=self.max_answer_bytes)
        except BanjieError as error:
            raise _failed(request, f"回应的数据不可用：{error.zh}", f"the answer cannot be used: {error.en}") from error

    def _bytes(self, request: OutgoingRequest, response: http.client.HTTPResponse) -> bytes:
        limit = self.max_answer_bytes
        if response.length is not None and response.length <= limit:
            return response.read()  # raises IncompleteRead when the other side hangs up early
        data = b"" if response.length is not None else response.read(limit + 1)
        if response.length is not None or len(data) > limit:
            raise _failed(request, f"回应超过 {limit} 字节", f"the answer has more than {limit} bytes")
        return data


def _checked(verb: str, inputs: Mapping[str, Any]) -> OutgoingRequest:
    if verb != "http.request":
        raise CallRefused("INVALID_INPUT", f"没有外部动作 {verb!r}（there is no outgoing verb {verb!r}）")
    try:
        return OutgoingRequest.from_inputs(inputs)
    except InvalidInput as error:
        raise CallRefused("INVALID_INPUT", error.zh) from error


def _headers(request: OutgoingRequest, key: str) -> dict[str, str]:
    own = {"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close", "Idempotency-Key": key}
    if request.body is not None:
        own["Content-Type"] = "application/json"
    return {"User-Agent": "banjie", **request.headers, **own}


def _failed(request: OutgoingRequest, zh: str, en: str) -> OutgoingFailed:
    return OutgoingFailed(
        f"调用 {request.host}:{request.port} 失败：{zh}。",
        f"The call to {request.host}:{request.port} failed: {en}.",
        host=request.host,
        port=request.port,
    )
