"""Where a web address may lead after signing in."""

import pytest

from web.frame.security import safe_next


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/inbox",
        "/inbox?q=%E7%A9%BA%E8%B0%83",
        "/cases/51010020261124201000011?tab=materials",
        "/tasks/a-b#form",
        "/start/item/1",
    ],
)
def test_a_plain_path_on_this_server_is_kept(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "inbox",
        "https://evil.example/",
        "http:/evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "/%2f/evil.example",
        "/%2Fevil.example",
        "/%5cevil.example",
        "/x//evil.example",
        "/.%2e/evil",
        "/../evil",
        "/a/../../evil",
        " /inbox",
        "/in box",
        "/\tevil.example",
        "/\r\nLocation: https://evil.example",
        "/\x00evil",
        "/\x7f",
        "javascript:alert(1)",
        "data:text/html,x",
        "/%00",
        "/" + "x" * 3000,
    ],
)
def test_anything_else_leads_to_the_front_door(target: str | None) -> None:
    assert safe_next(target) == "/"
    assert safe_next(target, "/login") == "/login"
