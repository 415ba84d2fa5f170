"""Help and mistakes speak Chinese and English, and every command leads to a function that exists."""

import argparse
import importlib

import pytest

from engine.cli import arguments


def leaves(parser, path=()):
    """All commands that do something, as (words, parser)."""
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not nested:
        yield path, parser
    for action in nested:
        for name, child in action.choices.items():
            yield from leaves(child, (*path, name))


COMMANDS = dict(leaves(arguments.parser()))


def test_the_issue_s_commands_are_there():
    first_words = {path[0] for path in COMMANDS}

    assert {
        "run",
        "test",
        "worker",
        "check",
        "deploy",
        "user",
        "token",
        "calendar",
        "jobs",
        "history",
        "bench",
    } <= first_words
    assert {("token", "create"), ("calendar", "import"), ("history", "verify")} <= COMMANDS.keys()


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_names_a_function_that_exists(path):
    module, _, function = COMMANDS[path].get_default("handler").partition(":")

    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_every_option_is_explained_in_both_languages(path):
    parser = COMMANDS[path]

    assert _both(parser.description)
    for action in parser._actions:
        assert _both(action.help), action.dest


def _both(text):
    return any("一" <= letter <= "鿿" for letter in text) and any(
        letter.isascii() and letter.isalpha() for letter in text
    )


def test_nothing_typed_shows_the_help(capsys):
    with pytest.raises(SystemExit) as end:
        arguments.parse([])

    assert end.value.code == 0
    assert "./banjie run --help" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (["run", "--port", "high"], "'high'"),
        (["run", "--port", "70000"], "'70000'"),
        (["worker", "--threads", "0"], "'0'"),
        (["dance"], "'dance'"),
        (["check"], "FILE"),
        (["run", "--da", "x"], "--da"),  # abbreviations would change their meaning with the next option
    ],
)
def test_a_mistake_ends_with_status_2_and_names_it(typed, named, capsys):
    with pytest.raises(SystemExit) as end:
        arguments.parse(typed)

    assert end.value.code == 2
    complaint = capsys.readouterr().err
    assert named in complaint
    assert "参数有误" in complaint


def test_arguments_of_pytest_are_handed_on_untouched():
    options = arguments.parse(["test", "tests/unit", "-k", "calendar", "--pdb"])

    assert options.arguments == ["tests/unit", "-k", "calendar", "--pdb"]


def test_the_server_listens_only_on_this_machine_unless_told_otherwise():
    options = arguments.parse(["run"])

    assert (options.host, options.port) == ("127.0.0.1", 8000)
