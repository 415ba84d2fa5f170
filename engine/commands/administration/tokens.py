"""API tokens: made by their owner, shown once, limited in scope and time, revocable at any moment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.access import Role, Scope, Verb, require
from engine.context import Command
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.people import MAX_TOKEN_DAYS, TokenCreated, TokenRevoked, check_name
from engine.records import record
from engine.store import tables

if TYPE_CHECKING:
    from engine.context import CommandContext


@record
class CreateToken(Command):
    """Make a token for oneself. ``secret_hash`` is ``engine.people.hash_secret`` of a fresh ``new_secret()``; the caller builds
    the text with ``token_text(answer["id"], secret)`` and shows it once: the secret itself never enters a command."""

    login: str
    name: str
    scopes: tuple[str, ...]
    days: int
    secret_hash: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        require(context.actor, Verb.MANAGE_OWN_TOKENS)
        if self.login != context.actor.login and not context.actor.is_any(Role.SYSTEM):
            raise Forbidden("只能为自己创建令牌。", "You can only make tokens for yourself.")
        if context.person(self.login)["disabled"]:
            raise Forbidden(f"账号 {self.login} 已停用。", f"The account {self.login} is disabled.")
        name = check_name(self.name)
        scopes = self._checked_scopes()
        if not 1 <= self.days <= MAX_TOKEN_DAYS:
            raise InvalidInput(
                f"令牌有效期为 1 至 {MAX_TOKEN_DAYS} 天。",
                f"A token is valid for 1 to {MAX_TOKEN_DAYS} days.",
                fields={"days": "range"},
            )
        token_id, expires_at = context.new_id(), context.now + timedelta(days=self.days)
        context.uow.insert(
            tables.api_token,
            {
                "id": token_id,
                "login": self.login,
                "name": name,
                "secret_hash": self.secret_hash,
                "scopes": list(scopes),
                "created_at": context.now,
                "expires_at": expires_at,
                "revoked_at": None,
            },
        )
        created = TokenCreated(token_id=token_id, login=self.login, name=name, scopes=scopes, expires_at=expires_at)
        context.record_admin(created)
        return {"id": token_id, "expires_at": expires_at.isoformat()}

    def _checked_scopes(self) -> tuple[str, ...]:
        known = {scope.value for scope in Scope}
        if not self.scopes or not set(self.scopes) <= known:
            listed = ", ".join(sorted(known))
            raise InvalidInput(
                f"请至少选择一个权限范围：{listed}。",
                f"Choose at least one scope of: {listed}.",
                fields={"scopes": "unknown"},
            )
        return tuple(sorted(set(self.scopes)))


@record
class RevokeToken(Command):
    """Make a token useless at once: one's own, or anybody's as administrator."""

    token_id: str

    def execute(self, context: CommandContext) -> dict[str, Any]:
        row = context.uow.get(tables.api_token, (self.token_id,))
        own = row is not None and row["login"] == context.actor.login
        if not own and not context.actor.is_any(Role.ADMIN):
            raise NotFound(f"没有编号为 {self.token_id} 的令牌。", f"There is no token {self.token_id}.")
        require(context.actor, Verb.MANAGE_OWN_TOKENS if own else Verb.MANAGE_PEOPLE)
        if row is None:
            raise NotFound(f"没有编号为 {self.token_id} 的令牌。", f"There is no token {self.token_id}.")
        if row["revoked_at"] is None:
            context.uow.update(tables.api_token, (self.token_id,), {"revoked_at": context.now})
            context.record_admin(TokenRevoked(token_id=self.token_id, login=row["login"]))
        return {"id": self.token_id}
