"""API tokens, and who one is."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from engine.access import Verb, may, require
from engine.commands.administration.tokens import CreateToken, RevokeToken
from engine.people import MAX_TOKEN_DAYS, hash_secret, new_secret, token_text
from web.api.acting import actor, created, engine, execute, queries
from web.api.blueprint import blueprint
from web.api.endpoint import Answer, Noun
from web.api.reading import Body, Query
from web.api.shapes import Login, Name, Out
from web.frame.policy import signed_in

tokens = Noun(blueprint, "tokens")

GivenScope = Literal["read", "tasks", "cases", "messages", "deploy", "admin"]


class Token(Out):
    id: str
    login: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenList(Out):
    items: list[Token]


class TokensQuery(Query):
    login: Login | None = Field(None, description="Of this person; administrators only, for others than oneself.")


class NewToken(Body):
    name: Name = Field(min_length=1)
    scopes: list[GivenScope] = Field(min_length=1, max_length=10)
    days: int = Field(90, ge=1, le=MAX_TOKEN_DAYS)


class MadeToken(Out):
    id: str
    token: str = Field(description="`bj_<id>_<secret>`, shown once; only its hash is kept.")
    expires_at: datetime


class Me(Out):
    login: str
    name: str
    roles: list[str]
    groups: list[str]
    department_id: str | None
    scopes: list[str] | None = Field(description="Of the token; null for a session, which has them all.")


@tokens.get("/me", signed_in, zh="我是谁", answers={200: Me})
def me() -> Any:
    """Who the caller is, with roles, groups and the scopes of the token."""
    who = actor()
    return {
        "login": who.login,
        "name": who.name,
        "roles": sorted(who.roles),
        "groups": sorted(who.groups),
        "department_id": who.department_id,
        "scopes": None if who.scopes is None else sorted(who.scopes),
    }


@tokens.get("/tokens", signed_in, zh="令牌", query=TokensQuery, answers={200: TokenList})
def list_tokens(query: TokensQuery) -> Any:
    """List tokens without their secrets: one's own in a session, anybody's as an administrator."""
    if may(actor(), Verb.MANAGE_PEOPLE).allowed:
        return {"items": queries().admin.tokens(query.login)}
    require(actor(), Verb.MANAGE_OWN_TOKENS if query.login in (None, actor().login) else Verb.MANAGE_PEOPLE)
    return {"items": queries().admin.tokens(actor().login)}


@tokens.post("/tokens", signed_in, zh="创建令牌", body=NewToken, answers={201: MadeToken}, takes_key=False)
def create_token(body: NewToken) -> Answer:
    """Make a token for oneself. Needs a session: a token cannot make tokens."""
    secret = new_secret()
    command = CreateToken(
        login=actor().login,
        name=body.name,
        scopes=tuple(body.scopes),
        days=body.days,
        secret_hash=hash_secret(secret),
    )
    made = engine().execute(command, actor=actor())
    return created(made | {"token": token_text(made["id"], secret)}, "/tokens")


@tokens.delete("/tokens/<token_id>", signed_in, zh="撤销令牌", answers={204: None}, errors=(404,))
def revoke_token(token_id: str) -> Answer:
    """Revoke a token at once: one's own in a session, anybody's as an administrator."""
    execute(RevokeToken(token_id=token_id))
    return Answer(status=204)
