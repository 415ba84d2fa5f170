"""docs/api.md is true: its curl examples are run in order, its tables and its command line are compared with the code."""

import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from engine.access import Scope
from engine.cli.arguments import parser
from engine.files.kinds import KINDS
from tests.integration.api.site import Client, Site
from tests.integration.engine.house import LEAVE
from web.api.openapi import _SENTENCES

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
FILES = {"leave.bpmn": LEAVE}


def examples() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("curl")]


def run(site: Site, command: str, names: dict[str, str]) -> TestResponse:
    """Send what a curl command line would send."""
    for name, value in names.items():
        command = command.replace(f"${name}", value)
    words = shlex.split(command)[1:]
    headers: dict[str, str] = {}
    form: MultiDict[str, Any] = MultiDict()
    method, data, url = "", None, ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-X":
            method = words.pop(0)
        elif word == "-d":
            data = words.pop(0).encode()
        elif word == "-F":
            name, _, file = words.pop(0).partition("=@")
            form.add(name, FileStorage(io.BytesIO(FILES[file]), file))
        elif word != "-s":
            url = word
    if form:
        boundary, data = encode_multipart(form)
        headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    method = method or ("GET" if data is None else "POST")
    return Client(site.app, None).call(
        method, url.removeprefix("http://127.0.0.1:8000/api/v1"), headers=headers, data=data
    )


def test_every_example_does_what_the_page_says(site: Site):
    site.house.person("boss", "leaders")
    assert site.admin.put("/people/admin/groups", {"groups": ["leaders"]}).status_code == 200
    names = {"API": "http://127.0.0.1:8000/api/v1", "AUTH": f"Authorization: Bearer {site.token('admin')}"}
    statuses = []
    for command in examples():
        answer = run(site, command, names)
        statuses.append(answer.status_code)
        assert (answer.status_code < 300) is ("no-such-task" not in command), f"{command}\n{answer.get_data(True)}"
        if "/process-instances" in command and answer.status_code == 201:
            names["INSTANCE"] = answer.json["id"]
        if "/tasks?instance" in command:
            names["TASK"] = answer.json["items"][0]["id"]

    assert len(statuses) == 14
    assert set(statuses) == {200, 201, 202, 404}


def test_the_table_of_scopes_has_all_of_them():
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == [scope.value for scope in Scope]


def test_the_table_of_errors_has_all_statuses_of_the_document():
    listed = {
        int(status)
        for row in re.findall(r"^\| (\d{3}(?: / \d{3})?) \|", PAGE, re.MULTILINE)
        for status in row.split(" / ")
    }

    assert listed == {*_SENTENCES, 429, 500, 503}


def test_the_accepted_files_are_those_of_the_store():
    sentence = re.search(r"not their name: ([^.]*)\.", PAGE)
    assert sentence is not None
    assert set(re.split(r", | and ", sentence[1])) == set(KINDS) - {"jpeg"}


@pytest.mark.parametrize("line", re.findall(r"^    \./banjie (.*)$", PAGE, re.MULTILINE))
def test_the_command_lines_are_understood(line: str):
    parser().parse_args(shlex.split(line))
