"""``./banjie user`` and ``./banjie token``: accounts for whoever holds the machine. Secrets are printed once."""

import argparse

from engine import passwords
from engine.access import Role
from engine.cli import console, reporting
from engine.cli.composition import OPERATOR, House, opened
from engine.cli.console import Stop
from engine.commands.administration.people import CreatePerson, DisablePerson, EnablePerson, SetPassword
from engine.commands.administration.tokens import CreateToken, RevokeToken
from engine.passwords import Passwords
from engine.people import hash_secret, new_secret, token_text

PERSON_COLUMNS = ("login", "name", "roles", "groups", "disabled", "created_at")
TOKEN_COLUMNS = ("id", "login", "name", "scopes", "created_at", "expires_at", "revoked_at")


def list_people(options: argparse.Namespace) -> int:
    """Print all accounts."""
    with opened(options) as house:
        rows, after = [], None
        while True:
            page = house.queries.admin.people(after=after, limit=100)
            rows += page.rows
            after = page.next
            if after is None:
                break
    reporting.print_rows(rows, PERSON_COLUMNS, as_json=options.json)
    return 0


def add_person(options: argparse.Namespace) -> int:
    """Add an account whose password must be changed at the first sign-in."""
    password = passwords.generate()
    with opened(options) as house:
        command = CreatePerson(
            login=options.login,
            name=options.name,
            roles=tuple(options.role) or (Role.STAFF.value,),
            department_id=_department(house, options.department),
            groups=tuple(options.group),
            password_hash=Passwords().hash(password),
            must_change_password=True,
        )
        house.engine.execute(command, actor=OPERATOR)
    _show_password(options.login, password)
    return 0


def reset_password(options: argparse.Namespace) -> int:
    """Give an account a new password and end its sessions."""
    password = passwords.generate()
    with opened(options) as house:
        hashed = Passwords().hash(password)
        house.engine.execute(
            SetPassword(login=options.login, password_hash=hashed, must_change_password=True), actor=OPERATOR
        )
    _show_password(options.login, password)
    return 0


def disable_person(options: argparse.Namespace) -> int:
    """End an account's sessions and tokens and let nobody sign in with it."""
    with opened(options) as house:
        house.engine.execute(DisablePerson(login=options.login), actor=OPERATOR)
    console.say(f"已停用 {options.login}", "disabled")
    return 0


def enable_person(options: argparse.Namespace) -> int:
    """Let an account sign in again."""
    with opened(options) as house:
        house.engine.execute(EnablePerson(login=options.login), actor=OPERATOR)
    console.say(f"已恢复 {options.login}", "enabled")
    return 0


def create_token(options: argparse.Namespace) -> int:
    """Make a token and print it; only its hash is kept."""
    secret = new_secret()
    scopes = tuple(options.scope) or ("read",)
    with opened(options) as house:
        command = CreateToken(
            login=options.login, name=options.name, scopes=scopes, days=options.days, secret_hash=hash_secret(secret)
        )
        answer = house.engine.execute(command, actor=OPERATOR)
    print(token_text(answer["id"], secret))
    return 0


def list_tokens(options: argparse.Namespace) -> int:
    """Print all tokens, without their secrets."""
    with opened(options) as house:
        reporting.print_rows(house.queries.admin.tokens(), TOKEN_COLUMNS, as_json=options.json)
    return 0


def revoke_token(options: argparse.Namespace) -> int:
    """Make a token useless at once."""
    with opened(options) as house:
        house.engine.execute(RevokeToken(token_id=options.id), actor=OPERATOR)
    console.say(f"令牌 {options.id} 已作废", "revoked")
    return 0


def _department(house: House, code: str | None) -> str | None:
    if code is None:
        return None
    known = {row["code"]: str(row["id"]) for row in house.queries.admin.departments()}
    if code not in known:
        listed = "、".join(sorted(known)) or "（无）"
        raise Stop(f"没有代码为 {code} 的部门。已有：{listed}", f"There is no department {code}. There are: {listed}")
    return known[code]


def _show_password(login: str, password: str) -> None:
    console.say("密码只显示这一次，首次登录须修改", "shown only once, to be changed at the first sign-in")
    print(f"账号 login     {login}\n密码 password  {password}")
