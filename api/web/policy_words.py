"""The figures of a policy as people read them: what each is called, what it is counted in, and what it decides."""

from __future__ import annotations

from typing import NamedTuple

LEVELS = ("required", "suggested", "off")


class Row(NamedTuple):
    """One figure; `choices` where it is a word."""

    name: str
    label: str
    unit: str
    hint: str
    choices: tuple[str, ...] = ()

    def counted(self, value: object) -> str:
        """The unit that goes with so many: 1 month, 2 months."""
        return (
            {"months": "month", "days": "day", "people": "person"}.get(self.unit, self.unit)
            if value == 1
            else self.unit
        )


GROUPS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "What is asked for",
        (
            Row(
                "assessment",
                "Assessment",
                "",
                "Required: the step waits for it. Suggested: it lapses when due.",
                LEVELS,
            ),
            Row("assessed_by", "Who is assessed", "", "The protégé alone, or the mentor as well.", ("protege", "both")),
            Row("workshop", "Workshop", "", "Attended by both, before the goals.", LEVELS),
            Row("contract", "Mentoring contract", "", "Signed by both, at the first meeting.", LEVELS),
        ),
    ),
    (
        "The term",
        (
            Row("term_months", "Length", "months", "From the start of a pairing to its evaluation."),
            Row("mentor_capacity", "Pairings a mentor", "at once", "Unless a mentor’s registration says otherwise."),
        ),
    ),
    (
        "Due, counted from the start of the step",
        (
            Row("registration_days", "Registration", "days", "Both participants approved."),
            Row("assessment_days", "Assessment", "days", "The competencies rated."),
            Row("workshop_days", "Workshop", "days", "Both attended."),
            Row("goals_days", "Goals", "days", "One to three goals agreed."),
            Row("first_meeting_days", "First meeting", "days", "Held."),
            Row("contract_days", "Contract", "days", "Counted from the first meeting."),
            Row("meeting_gap_days", "Next meeting", "days", "Counted from the last one held."),
            Row("evaluation_days", "Final evaluation", "days", "Counted from the end of the term."),
            Row("evaluation_grace_days", "Grace after it", "days", "Then the pairing is completed all the same."),
            Row("closure_review_days", "Review of a closing", "days", "Counted from the day it was recorded."),
        ),
    ),
    (
        "Feedback",
        (
            Row("feedback_every_months", "Every", "months", "Asked of both, from the start of the pairing."),
            Row("feedback_days", "Given within", "days", "Counted from the day on which it was asked for."),
        ),
    ),
    (
        "When to raise a flag",
        (
            Row("never_started_days", "No first meeting", "days", "After the step was entered."),
            Row("silent_days", "No meeting", "days", "After the last one held."),
            Row("missed_in_a_row", "Missed meetings", "in a row", "Planned, and not held."),
            Row("overdue_days", "Overdue", "days", "After a deadline that was missed."),
            Row("low_rating", "Low rating", "or less", "Of 1 to 5, in the latest feedback."),
        ),
    ),
    (
        "For management",
        (Row("suppress_below", "Show nothing about fewer than", "people", "A figure about fewer is withheld."),),
    ),
)
ROWS = {row.name: row for _, rows in GROUPS for row in rows}
