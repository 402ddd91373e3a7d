"""The questions that may be asked: each parameter with its rule, and a plain no to any other."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import core_schema

from domain.flags import SIGNALS
from domain.health import HEALTHS
from domain.questions import question
from domain.report import Audience
from domain.report_parts import STATES
from domain.steps import STATES as EVERY_STEP
from projections.answers import SORTS

LARGEST = 2**63 - 1
ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ProgrammeId = Annotated[str, Path(pattern=ID, examples=["leaders-2025"])]
PairingId = Annotated[str, Path(pattern=ID, examples=["p0001"])]
ParticipantId = Annotated[str, Path(pattern=ID, examples=["m0001"])]
Position = Annotated[int, Field(ge=0, le=LARGEST)]
# what no database keeps is not worth looking for
Text = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]
IdText = Annotated[str, Field(pattern=ID)]


class OneOf(NamedTuple):
    """One of the words of a list that stands elsewhere."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> core_schema.CoreSchema:
        return core_schema.literal_schema(list(self.words))


Sort = Annotated[str, OneOf(SORTS)]


def _within_the_calendar(at: datetime) -> datetime:
    if not 1 < at.year < 9999:
        raise ValueError("must lie between the years 2 and 9998")
    return at


def _not_a_number(asked: object) -> object:
    """A year alone would be read as seconds since 1970."""
    if isinstance(asked, str) and "-" not in asked[1:]:
        raise ValueError("must be a date and a time with an offset, such as 2026-06-30T23:00:00+02:00")
    return asked


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_not_a_number),
    AfterValidator(_within_the_calendar),
    Field(examples=["2026-06-30T23:00:00+02:00"]),
]


class Ask(BaseModel):
    """What any read takes."""

    model_config = ConfigDict(extra="forbid")
    after: Position | None = Field(
        None, description="Wait until the read model holds this position (2 s at most, then 503)."
    )


class AskInbox(Ask):
    disposition: Literal["accepted", "parked", "refused", "invalid"] | None = None
    source: Text | None = None
    programme: IdText | None = None
    before: Position | None = Field(None, description="Only what arrived before this one; `next` of a page gives it.")
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class AskReport(Ask):
    as_of: Instant | None = Field(None, description="The record as it was at this instant; without it, now.")
    audience: Audience = "mpm"


def _a_question(text: str) -> str:
    if question(text) is None:
        raise ValueError("is none of the figures of the overview, such as met:2025-03")
    return text


class AskBoard(Ask):
    state: Annotated[str, OneOf(STATES)] | None = None
    step: Annotated[str, OneOf(EVERY_STEP)] | None = None
    health: Annotated[str, OneOf(HEALTHS)] | None = None
    flag: Annotated[str, OneOf(SIGNALS)] | None = Field(None, description="A signal that is open.")
    mentor: IdText | None = Field(None, description="The mentor's id.")
    department: Text | None = Field(None, description="The protégé's.")
    q: Text | None = Field(None, description="A part of a name, in whatever case and accents, or of the pairing's id.")
    behind: Annotated[Text, AfterValidator(_a_question)] | None = Field(
        None, description="A figure of the overview, whose pairings these are.", examples=["met:2025-03"]
    )
    sort: Sort = "next_due"
    order: Literal["asc", "desc"] = "asc"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    size: Annotated[int, Field(ge=1, le=500)] = 50


class AskTrail(Ask):
    as_of: Instant | None = Field(None, description="Only what had happened by this instant.")


class AskFeed(BaseModel):
    """`after` is where to go on; the answer's `next` is the value for the next question."""

    model_config = ConfigDict(extra="forbid")
    after: Position = 0
    limit: Annotated[int, Field(ge=1, le=5000)] = 500


class AskStream(BaseModel):
    """`after` is where to begin; `Last-Event-ID` says more."""

    model_config = ConfigDict(extra="forbid")
    after: Position = 0


class AskNothing(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid")
    after: Position | None = Field(None, description="Taken everywhere; of no effect here.")


def _nothing(ask: Annotated[AskNothing, Query()]) -> AskNothing:
    return ask


NOTHING = [Depends(_nothing)]
