"""Accounts and tokens at the terminal: secrets are shown once, refusals are sentences."""

import re

import pytest

from engine.cli.composition import opened
from engine.passwords import Passwords


@pytest.fixture
def zhang(banjie):
    """An account whose first password is known: (login, password)."""
    status, out, err = banjie("user", "add", "zhang.san", "--name", "张三")
    assert status == 0, err
    return "zhang.san", _password(out)


def _password(out):
    return re.search(r"password\s+(\S+)", out).group(1)


def _credentials(login):
    import argparse

    with opened(argparse.Namespace(var=None, database=None)) as house:
        return house.queries.admin.credentials(login)


def test_a_new_account_gets_a_password_that_works_and_must_be_changed(zhang):
    login, password = zhang

    row = _credentials(login)

    assert Passwords().verify(row["password_hash"], password).right
    assert row["must_change_password"]


def test_accounts_are_listed(zhang, banjie_json):
    (row,) = banjie_json("user", "list")

    assert (row["login"], row["name"], row["roles"], row["disabled"]) == ("zhang.san", "张三", ["staff"], False)


def test_a_login_that_is_taken_is_refused_in_both_languages(zhang, banjie):
    status, _, err = banjie("user", "add", "Zhang.San", "--name", "另一个张三")

    assert status == 1
    assert "已存在" in err
    assert "taken" in err


def test_a_department_that_does_not_exist_is_refused(banjie):
    status, _, err = banjie("user", "add", "li.si", "--name", "李四", "--department", "attic")

    assert status == 1
    assert "attic" in err


def test_a_reset_password_replaces_the_old_one(zhang, banjie):
    login, before = zhang

    status, out, _ = banjie("user", "password", login)

    stored = _credentials(login)["password_hash"]
    assert status == 0
    assert Passwords().verify(stored, _password(out)).right
    assert not Passwords().verify(stored, before).right


def test_an_account_is_disabled_and_enabled_again(zhang, banjie, banjie_json):
    assert banjie("user", "disable", "zhang.san")[0] == 0
    assert banjie_json("user", "list")[0]["disabled"] is True

    assert banjie("user", "enable", "zhang.san")[0] == 0
    assert banjie_json("user", "list")[0]["disabled"] is False


def test_nobody_with_that_login_is_a_sentence(banjie):
    status, _, err = banjie("user", "password", "nobody")

    assert status == 1
    assert "没有账号 nobody" in err


def test_a_token_is_printed_once_and_only_its_hash_is_kept(zhang, banjie, banjie_json):
    status, out, _ = banjie("token", "create", "zhang.san", "--name", "导入", "--scope", "read", "--scope", "cases")

    (row,) = banjie_json("token", "list")
    assert status == 0
    assert out.startswith(f"bj_{row['id']}_")
    assert sorted(row["scopes"]) == ["cases", "read"]
    assert out.strip().split("_", 2)[2] not in str(row)


def test_a_revoked_token_stays_in_the_list(zhang, banjie, banjie_json):
    banjie("token", "create", "zhang.san", "--name", "导入")
    (row,) = banjie_json("token", "list")

    status, _, _ = banjie("token", "revoke", row["id"])

    assert status == 0
    assert banjie_json("token", "list")[0]["revoked_at"] is not None


def test_an_unknown_scope_is_refused_with_the_known_ones(zhang, banjie):
    status, _, err = banjie("token", "create", "zhang.san", "--name", "导入", "--scope", "everything")

    assert status == 1
    assert "read" in err
