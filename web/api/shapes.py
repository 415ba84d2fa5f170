"""The building blocks of all models: texts with limits, answers, lists that page by key, problems."""

import re
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from engine.store.base.paging import MAX_LIMIT, Page
from web.api.reading import Query
from web.frame.listing import FIRST_DAY, LAST_DAY

# As long as the columns that keep them (engine.store.tables).
Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Name = Annotated[str, StringConstraints(max_length=200)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]  # a name that cannot be empty
Login = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=36)]
Remark = Annotated[str, StringConstraints(max_length=4000)]
Flag = Annotated[bool, BeforeValidator(lambda value: True if value == "" else value)]  # "?dry_run" says yes
Variables = dict[str, Any]


def _as_written(value: Any) -> Any:
    """A date stands as 2026-11-22: not as a moment without a zone, nor as the seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise PydanticCustomError("date_parsing", "a date is written as 2026-11-22")
    return value


def _countable(day: date) -> date:
    """Between years that every database can count from."""
    if not FIRST_DAY.year <= day.year <= LAST_DAY.year:
        raise PydanticCustomError("out_of_calendar", "only days between 1900-01-01 and 2999-12-31")
    return day


Day = Annotated[date, Field(strict=False), BeforeValidator(_as_written), AfterValidator(_countable)]
Moment = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_countable)]


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


class CountedQuery(PageQuery):
    total: Flag = Field(False, description="Tell how many there are in all.")


class Total(Out):
    """How many rows a list has."""

    n: int
    more: bool = Field(description="There are more than `n`: no more than 10,000 are looked at.")


class CountedListing(Listing):
    total: Total | None = Field(None, description="With `total=true`.")


def told_total(page: Page) -> Any:
    """The total of a page as JSON; None where nobody asked for it."""
    return None if page.total is None else asdict(page.total)


class Identified(Out):
    """The id of what was made or changed."""

    id: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 says; further members are facts, such as who was faster and when."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="`urn:banjie:problem:` and the code.")
    title: str = Field(
        description="The code, by which programs tell problems apart: `invalid-input`, `model-refused`, `not-signed-in`, "
        "`forbidden`, `not-found`, `method-not-allowed`, `conflict`, `step-failed`, `too-large`, `unsupported-media-type`, "
        "`too-many-requests`, `internal`, `database-unavailable`, and some that name one refusal more closely."
    )
    status: int
    detail: str = Field(description="A sentence for a person, Chinese or, by Accept-Language, English.")
    detail_en: str = Field("", description="The same sentence in English.")
    fields: dict[str, str] | None = Field(None, description="With 422: what is wrong, by field.")
    fields_en: dict[str, str] | None = None
    known: list[str] | None = Field(None, description="With 422 for a name that is unknown: those that there are.")
    by: str | None = Field(None, description="With 409: who was faster.")
    at: datetime | None = Field(None, description="With 409: when.")
    scope: str | None = Field(None, description="With 403: the scope that the token lacks.")
    incident_id: str | None = Field(None, description="With 409 `step-failed`: the incident that was opened.")
    expected: str | None = Field(None, description="With 415: what is read here.")
    retry_after: int | None = Field(None, description="With 429 and 503: seconds, as in Retry-After.")
    number: str | None = Field(None, description="With 500: the number under which the log has the details.")
