"""The building blocks of all models: texts with limits, answers, lists that page by key, problems."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from engine.store.paging import MAX_LIMIT
from web.api.reading import Query

# As long as the columns that keep them (engine.store.tables).
Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Name = Annotated[str, StringConstraints(max_length=200)]
Login = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=36)]
Remark = Annotated[str, StringConstraints(max_length=4000)]
Flag = Annotated[bool, BeforeValidator(lambda value: True if value == "" else value)]  # "?dry_run" says yes
Variables = dict[str, Any]


class Out(BaseModel):
    """An answer. Only declared fields leave the house."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class PageQuery(Query):
    """Lists page by key: pass ``next`` of one page as ``after`` to get the one behind it."""

    after: Annotated[str, StringConstraints(max_length=1000)] | None = Field(
        None, description="The `next` of the page before."
    )
    limit: int = Field(50, ge=1, le=MAX_LIMIT)


class Listing(Out):
    """One page of a list."""

    next: str | None = Field(None, description="Pass it as `after`; null on the last page.")


class Identified(Out):
    """The id of what was made or changed."""

    id: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 says; further members are facts, such as who was faster and when."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="`urn:banjie:problem:` and the code.")
    title: str = Field(description="The code, e.g. `conflict`.")
    status: int
    detail: str = Field(description="A sentence for a person, Chinese or, by Accept-Language, English.")
    detail_en: str = Field("", description="The same sentence in English.")
    fields: dict[str, str] | None = Field(None, description="With 422: what is wrong, by field.")
    fields_en: dict[str, str] | None = None
    by: str | None = Field(None, description="With 409: who was faster.")
    at: datetime | None = Field(None, description="With 409: when.")
    number: str | None = Field(None, description="With 500: the number under which the log has the details.")
