"""What a service task may ask for."""

import pytest

from engine.errors import InvalidInput
from engine.outgoing.request import OutgoingRequest


def read(**inputs) -> OutgoingRequest:
    return OutgoingRequest.from_inputs({"url": "https://a.cn/x"} | inputs)


def test_a_body_makes_a_post_and_none_a_get():
    assert (read().method, read(body={"a": 1}).method) == ("GET", "POST")


def test_names_and_values_of_the_query_are_escaped():
    assert read(url="https://a.cn/查询?a=1", query={"名": "张 三&x", "n": 2}).target == (
        "/%E6%9F%A5%E8%AF%A2?a=1&%E5%90%8D=%E5%BC%A0+%E4%B8%89%26x&n=2"
    )


def test_what_is_escaped_already_stays_as_it_is():
    assert read(url="https://a.cn/a%2Fb?x=%20").target == "/a%2Fb?x=%20"


def test_accepted_statuses_are_a_list_of_codes_and_ranges():
    assert read(accept="200-201, 404").accept == {200, 201, 404}
    assert read().accept == set(range(200, 300))


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "ftp://a.cn/",
        "file:///etc/passwd",
        "gopher://a.cn/",
        "//a.cn/",
        "https://",
        "https:///x",
        "https://user:pw@a.cn/",
        "https://a.cn@evil.cn/",
        "https://a.cn:99999/",
        "https://a.cn/\r\nX: y",
        "https://a.cn\\@evil.cn/",
        "https://a cn/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "http://北京.cn/",
        "http://a..cn/",
        "http://-a.cn/",
        "http://a.cn/" + "x" * 2000,
    ],
)
def test_an_address_that_readers_could_understand_differently_is_refused(url):
    with pytest.raises(InvalidInput):
        read(url=url)


@pytest.mark.parametrize(
    "inputs",
    [
        {"methud": "GET"},
        {"method": "CONNECT"},
        {"headers": "x"},
        {"headers": {"Host": "b.cn"}},
        {"headers": {"content-length": "0"}},
        {"headers": {"Idempotency-Key": "mine"}},
        {"headers": {"X": "a\r\nb"}},
        {"headers": {"X y": "a"}},
        {"headers": {"X": ["a"]}},
        {"query": [1]},
        {"query": {"a": "\0"}},
        {"body": float("nan")},
        {"body": "\ud800"},
        {"accept": "all"},
        {"accept": "500"},
        {"timeoutSeconds": 0},
        {"timeoutSeconds": 3600},
        {"timeoutSeconds": "soon"},
    ],
)
def test_inputs_that_make_no_request_are_refused_by_name(inputs):
    with pytest.raises(InvalidInput) as caught:
        read(**inputs)

    assert next(iter(inputs)) in caught.value.en or "body" in caught.value.en
