"""A programme's figures and requirement levels; a pairing keeps the copy that was in force when it was proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["required", "suggested", "off"]
AssessedBy = Literal["protege", "both"]

DAYS_IN_A_SHORT_MONTH = 28
LONGEST_DAYS = 3660
LONGEST_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Policy:
    """The defaults are those of the specification (section 3); days and months are whole."""

    term_months: int = 12
    registration_days: int = 14
    assessment_days: int = 14
    workshop_days: int = 30
    goals_days: int = 14
    first_meeting_days: int = 14
    contract_days: int = 14
    meeting_gap_days: int = 31
    feedback_every_months: int = 3
    feedback_days: int = 14
    evaluation_days: int = 30
    evaluation_grace_days: int = 30
    closure_review_days: int = 14
    silent_days: int = 45
    never_started_days: int = 28
    overdue_days: int = 14
    low_rating: int = 2
    missed_in_a_row: int = 2
    mentor_capacity: int = 2
    assessed_by: AssessedBy = "protege"
    assessment: Level = "required"
    workshop: Level = "suggested"
    contract: Level = "suggested"
    suppress_below: int = 5
