"""What the answers look like, for the OpenAPI: schemas with examples, of which nothing is computed."""

from __future__ import annotations

from types import GenericAlias
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.problems import KINDS, MEDIA_TYPE

Disposition = Literal["accepted", "duplicate", "parked", "refused", "invalid"]
At = Field(examples=["2025-01-06T07:24:45+01:00"])
Day = Field(examples=["2025-01-06"])


class Shape(BaseModel):
    @classmethod
    def said(cls, description: str = "Found", **more: Any) -> dict[int | str, dict[str, Any]]:
        """This as the answer of a read, with the problems that any read may answer."""
        return {
            200: {"model": cls, "description": description, **more},
            304: {"description": "Not changed since the ETag of If-None-Match"},
            **problems(404, 422, 503),
        }

    @classmethod
    def listed(cls, description: str) -> dict[int | str, dict[str, Any]]:
        return {200: {"model": GenericAlias(list, (cls,)), "description": description}}


class FieldFault(Shape):
    field: str = Field(examples=["data.goals[1].title"])
    reason: str = Field(examples=["must not be empty"])


class ProblemDetails(Shape):
    """RFC 9457; where the problem is a fact's, its `disposition` and the rest of its answer stand beside."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(examples=["urn:pairway:problem:refused"])
    title: str = Field(examples=["The fact was refused"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["The mentor is the protégé's direct manager."])
    errors: list[FieldFault] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses as problem details."""
    return {
        status: {
            "description": " / ".join(kind.title for kind in KINDS.values() if kind.status == status),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
        for status in statuses
    }


def in_text(description: str) -> dict[str, Any]:
    """An answer in plain text."""
    return {"description": description, "content": {"text/plain": {"schema": {"type": "string"}}}}


class FactAnswer(Shape):
    """What became of a fact."""

    disposition: Disposition
    source: str | None = Field(None, examples=["urn:hris"])
    id: str | None = Field(None, examples=["hris-0000005"])
    type: str | None = Field(None, examples=["mentoring.participant.registered"])
    subject: str | None = Field(None, examples=["m0001"])
    reason: str | None = None
    errors: list[FieldFault] | None = None
    positions: list[int] | None = Field(None, description="Of what was recorded", examples=[[41, 42]])
    first: str | None = Field(None, description="Of a duplicate: what the first one is now", examples=["accepted"])
    href: str | None = Field(None, examples=["/api/v1/facts/7"])


class InboxFact(Shape):
    """A fact in the inbox. What it says is kept encrypted and is not shown here."""

    href: str = Field(examples=["/api/v1/facts/7"])
    arrival: int
    disposition: Literal["accepted", "parked", "refused", "invalid"]
    source: str | None
    id: str | None
    type: str | None
    subject: str | None
    programme: str | None
    received_at: str = At
    time: str | None = At
    reason: str | None
    errors: list[FieldFault] | None
    waits_for: str | None = Field(examples=["pairing-p0001"])


class Inbox(Shape):
    facts: list[InboxFact]
    next: str | None = Field(description="The address of the next page", examples=["/api/v1/facts?before=7"])


class Cause(Shape):
    source: str
    id: str


class RecordedEvent(Shape):
    """An event as recorded. Sealed texts and personal data read `(withheld)`."""

    position: int | None
    stream: str = Field(examples=["pairing-p0001"])
    version: int
    type: str = Field(examples=["StepEntered"])
    at: str = At
    recorded_at: str = At
    actor: str
    cause: Cause | Literal["clock"]
    correlation: str | None
    data: dict[str, Any] = Field(examples=[{"step": "assessment", "due_on": "2025-01-20"}])


class Feed(Shape):
    events: list[RecordedEvent]
    next: int = Field(description="`after` of the next question")
    head: int = Field(description="The last position there is")


class PairingEvents(Shape):
    pairing: str
    programme: str
    events: list[RecordedEvent]


class PendingDeadline(Shape):
    kind: str = Field(examples=["meeting"])
    due_on: str = Day
    missed: bool


class OpenFlag(Shape):
    signal: str = Field(examples=["silent"])
    since: str = At
    acknowledged: bool
    detail: str


class WaitingFact(Shape):
    source: str | None
    id: str | None
    type: str | None
    time: str | None = At
    reason: str | None
    href: str


class DoneStep(Shape):
    step: str
    completed_on: str = Day
    outcome: Literal["done", "waived", "lapsed", "off"]
    on_time: bool


class PairingState(Shape):
    id: str = Field(examples=["p0001"])
    programme: str = Field(examples=["leaders-2025"])
    mentor: str = Field(examples=["m0001"])
    protege: str = Field(examples=["t0001"])
    state: Literal["active", "paused", "completed", "closed_early"]
    step: str = Field(examples=["meetings"])
    health: Literal["on_track", "attention", "at_risk", "paused", "completed", "closed_early"]
    starts_on: str = Day
    ends_on: str = Day
    version: int
    steps: list[DoneStep] = Field(description="Those that are complete")
    deadlines: list[PendingDeadline]
    flags: list[OpenFlag]
    waiting: list[WaitingFact]
    events: str = Field(description="The address of the audit trail")


class Assessment(Shape):
    assessed_on: str = Day
    ratings: dict[str, int]
    average: float


class ParticipantState(Shape):
    id: str = Field(examples=["m0001"])
    programme: str
    role: Literal["mentor", "protege"]
    state: Literal["registered", "approved", "declined", "left"]
    forgotten: bool = Field(description="Their keys were destroyed: nobody can read who they were")
    person: str
    name: str | None = Field(description="`(withheld)` where it was forgotten or is not the reader's to see")
    email: str | None
    manager: str | None
    department: str | None
    capacity: int | None
    approved_on: str | None = Day
    attended_on: str | None = Day
    assessments: list[Assessment]
    pairings: list[str]
    version: int


class ProgrammeRow(Shape):
    id: str = Field(examples=["leaders-2025"])
    name: str
    purpose: str
    starts_on: str = Day
    timezone: str = Field(examples=["Europe/Berlin"])
    closed: bool
    pairings: int
    participants: int
    version: int


class CompetencyShape(Shape):
    id: str
    name: str


class ProgrammeDetails(ProgrammeRow):
    policy: dict[str, int | str]
    competencies: list[CompetencyShape]


class Programmes(Shape):
    programmes: list[ProgrammeRow]


class BoardRowShape(Shape):
    id: str = Field(examples=["p0001"])
    href: str
    programme: str
    state: Literal["active", "paused", "completed", "closed_early"]
    step: str = Field(examples=["meetings"])
    step_number: int | None
    health: Literal["on_track", "attention", "at_risk", "paused", "completed", "closed_early"]
    next_due_on: str | None = Day
    next_due_kind: str | None
    flags: list[str]
    proposed_on: str = Day
    ends_on: str = Day
    mentor: str
    mentor_name: str
    protege: str
    protege_name: str
    department: str | None
    version: int
    position: int


class Board(Shape):
    programme: str
    pairings: list[BoardRowShape]
    total: int
    page: int
    pages: int


class ReportDocument(Shape):
    """The MPM report; `report.md` says what each figure counts."""

    model_config = ConfigDict(extra="allow")
    programme: dict[str, str]
    as_of: str = At
    pairings: dict[str, int | None]
    health: dict[str, int | None]
    steps: list[dict[str, Any]]
    deadlines: dict[str, dict[str, int | None]]
    meetings: dict[str, float | int | None]
    feedback: list[dict[str, Any]]
    competencies: list[dict[str, Any]]
    goals: dict[str, float | int | None]
    contracts: dict[str, int | None]
    evaluation: dict[str, dict[str, float | int | None]]
    early_closures: dict[str, Any]
    survival: dict[str, Any]
    flags: dict[str, dict[str, int | None]]
    facts: dict[str, int | None]
    learned: dict[str, list[str]] | None = None
    suppressed: list[str] | None = None


class Check(Shape):
    name: str
    ok: bool
    says: str


class Readiness(Shape):
    ready: bool
    checks: list[Check]


def with_problem_schema(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI with the schema that every problem refers to."""
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    document.setdefault("components", {}).setdefault("schemas", {}).update({"ProblemDetails": schema, **inner})
    return document
