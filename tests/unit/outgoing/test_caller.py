"""Calls to a real server on loopback."""

import json
import threading
import time

import pytest

from engine.outgoing import CallRefused, OutgoingCaller, OutgoingFailed, OutgoingPolicy
from tests.unit.outgoing.conftest import HOST, caller_to, say


def call(caller: OutgoingCaller, **inputs):
    return caller.call("http.request", inputs, {}, key="job-7")


def test_an_answer_is_status_and_json(place):
    place.answer = lambda handler: say(handler, 201, {"许可": [1, 2.5, None]})

    answer = call(caller_to(place), url=place.url("/a?b=1"), body={"名": "张三"}, headers={"Authorization": "Bearer x"})

    assert answer == {"status": 201, "body": {"许可": [1, 2.5, None]}}
    asked = place.asked[0]
    assert (asked["method"], asked["path"], json.loads(asked["body"])) == ("POST", "/a?b=1", {"名": "张三"})
    assert asked["headers"]["Host"] == f"{HOST}:{place.port}"
    assert asked["headers"]["Authorization"] == "Bearer x"
    assert asked["headers"]["Content-Type"] == "application/json"


def test_the_job_is_the_idempotency_key(place):
    call(caller_to(place), url=place.url())

    assert place.asked[0]["headers"]["Idempotency-Key"] == "job-7"


def test_an_empty_answer_has_no_body(place):
    place.answer = lambda handler: say(handler, 204)

    assert call(caller_to(place), url=place.url(), method="DELETE") == {"status": 204, "body": None}


def test_a_place_that_is_not_on_the_list_is_never_connected_to(place):
    caller = OutgoingCaller(OutgoingPolicy(), resolver=lambda host, port: ["127.0.0.1"])

    with pytest.raises(CallRefused) as caught:
        call(caller, url=place.url())

    assert caught.value.code == "OUTGOING_REFUSED"
    assert place.asked == []


def test_one_bad_address_among_good_ones_refuses_the_name(place):
    caller = caller_to(place, resolver=lambda host, port: ["127.0.0.1", "169.254.169.254"])

    with pytest.raises(CallRefused, match=r"169\.254"):
        call(caller, url=place.url())

    assert place.asked == []


def test_a_name_is_resolved_once_so_that_it_cannot_change_between_judging_and_connecting(place):
    answers = [["127.0.0.1"], ["10.66.66.66"]]
    caller = caller_to(place, resolver=lambda host, port: answers.pop(0))

    call(caller, url=place.url())

    assert len(place.asked) == 1
    assert answers == [["10.66.66.66"]]


def test_the_next_judged_address_is_tried_when_the_first_does_not_answer(place):
    caller = caller_to(place, resolver=lambda host, port: ["127.9.9.9", "127.0.0.1"])

    assert call(caller, url=place.url())["status"] == 200


def test_a_redirect_is_not_followed(place):
    place.answer = lambda handler: say(handler, 302, Location="http://169.254.169.254/")

    with pytest.raises(CallRefused) as caught:
        call(caller_to(place), url=place.url())

    assert caught.value.code == "HTTP_302"
    assert len(place.asked) == 1


def test_a_refusal_by_the_other_side_has_a_code_that_the_model_can_catch(place):
    place.answer = lambda handler: say(handler, 404, {"error": "unknown"})

    with pytest.raises(CallRefused) as caught:
        call(caller_to(place), url=place.url())

    assert caught.value.code == "HTTP_404"


def test_a_status_that_the_model_accepts_is_an_answer(place):
    place.answer = lambda handler: say(handler, 404, {"error": "unknown"})

    assert call(caller_to(place), url=place.url(), accept="200,404") == {"status": 404, "body": {"error": "unknown"}}


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_trouble_that_may_pass_is_tried_again_later(place, status):
    place.answer = lambda handler: say(handler, status, b"<html>", Content_Type="text/html")

    with pytest.raises(OutgoingFailed, match=str(status)):
        call(caller_to(place), url=place.url())


def test_a_closed_port_is_a_trouble_that_may_pass(place):
    caller = OutgoingCaller(OutgoingPolicy.parse("127.0.0.1 127.0.0.0/8 1"))

    with pytest.raises(OutgoingFailed):
        call(caller, url="http://127.0.0.1:1/")


def test_a_name_that_nobody_knows_is_a_trouble_that_may_pass(place):
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("name not known")

    with pytest.raises(OutgoingFailed, match="name not known"):
        call(caller_to(place, resolver=unknown), url=place.url())


BAD_ANSWERS = {
    "a web page": lambda handler: say(handler, 200, b"<html>", Content_Type="text/html"),
    "broken JSON": lambda handler: say(handler, 200, b'{"a":'),
    "NaN": lambda handler: say(handler, 200, b'{"a": NaN}'),
    "a name twice": lambda handler: say(handler, 200, b'{"a": 1, "a": 2}'),
    "a NUL character": lambda handler: say(handler, 200, b'{"a": "\\u0000"}'),
    "a lone surrogate": lambda handler: say(handler, 200, b'{"a": "\\ud800"}'),
    "a hundred thousand brackets": lambda handler: say(handler, 200, b"[" * 100_000),
    "compressed bytes": lambda handler: say(handler, 200, b"\x1f\x8b", Content_Encoding="gzip"),
    "more bytes than allowed": lambda handler: say(handler, 200, b'"' + b"x" * 300_000 + b'"'),
    "more bytes than promised as allowed": lambda handler: say(handler, 200, b"1", Content_Length="9999999999"),
    "fewer bytes than promised": lambda handler: say(handler, 200, b"[1]", Content_Length="4"),
    "no HTTP": lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n\r\n"),
    "nothing": lambda handler: None,
}


@pytest.mark.parametrize("what", BAD_ANSWERS)
def test_an_answer_that_cannot_be_used_is_a_failure_and_never_a_variable(place, what):
    place.answer = BAD_ANSWERS[what]

    with pytest.raises(OutgoingFailed):
        call(caller_to(place), url=place.url())


def endless_body(handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65_536)


def test_a_body_without_length_is_cut_off_at_the_limit(place):
    place.answer = endless_body

    with pytest.raises(OutgoingFailed, match="more than 200000 bytes"):
        call(caller_to(place), url=place.url())


def dripping(part: bytes):
    def answer(handler) -> None:
        handler.wfile.write(part)
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.02)

    return answer


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nContent-Type: application/json\r\n\r\n",
    ],
    ids=["status line", "header", "body"],
)
def test_a_server_that_drips_is_left_at_the_deadline(place, part):
    place.answer = dripping(part)

    with pytest.raises(OutgoingFailed, match="in time"):
        call(caller_to(place, seconds=0.3), url=place.url())


def test_a_resolver_that_does_not_answer_is_left_at_the_deadline(place):
    release = threading.Event()
    caller = caller_to(place, seconds=0.1, resolver=lambda host, port: release.wait(30) and [])

    with pytest.raises(OutgoingFailed, match="in time"):
        call(caller, url=place.url())

    release.set()


def test_a_task_may_shorten_its_time_and_not_lengthen_it(place):
    place.answer = dripping(b"")

    with pytest.raises(OutgoingFailed, match="in time"):
        call(caller_to(place), url=place.url(), timeoutSeconds=0.2)


def test_inputs_that_make_no_request_are_final(place):
    with pytest.raises(CallRefused) as caught:
        call(caller_to(place), url="file:///etc/passwd")

    assert caught.value.code == "INVALID_INPUT"


def test_another_verb_is_refused(place):
    with pytest.raises(CallRefused):
        caller_to(place).call("mail.send", {"url": place.url()}, {}, key="k")


def test_over_tls_the_certificate_must_be_that_of_the_name_although_the_address_is_fixed(secure_place, certificate):
    caller = caller_to(secure_place, ca_file=str(certificate))

    assert call(caller, url=secure_place.url(scheme="https"))["status"] == 200


def test_over_tls_a_certificate_for_another_name_is_refused(secure_place, certificate):
    caller = caller_to(secure_place, host="other.gov.cn", ca_file=str(certificate))

    with pytest.raises(OutgoingFailed, match="secure connection"):
        call(caller, url=f"https://other.gov.cn:{secure_place.port}/")
    assert secure_place.asked == []


def test_over_tls_an_unknown_authority_is_refused(secure_place):
    with pytest.raises(OutgoingFailed, match="secure connection"):
        call(caller_to(secure_place), url=secure_place.url(scheme="https"))


def test_proxies_of_the_environment_are_not_used(place, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")

    assert call(caller_to(place), url=place.url())["status"] == 200
