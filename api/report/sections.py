"""The sections of the report, in order: every format is made from this list, so that none can differ from another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.report.tables import Column, Document, Line, Row, Section, Table, filled, lines, listed, mapped, texts
from domain.calendar import zone_named

ALL = "All"
AFTER_DAYS = (90, 180, 270, 360)
"""Days on which the curve for management has rows too."""


def _lasting(days: int) -> Any:
    """The share that lasts longer than so many days; none where nobody was followed so far, or where it is withheld."""

    def found(group: Mapping[str, Any]) -> float | None:
        steps, followed = group["steps"], group["followed_days"]
        if steps is None:
            return None
        shown = [step for step in steps if step["survival"] is not None]
        if len(shown) < len(steps):
            # the curve for management says something only on the days of its rows
            return next((step["survival"] for step in shown if step["day"] == days), None)
        if followed is None or followed < days:
            return None
        return next((step["survival"] for step in reversed(shown) if step["day"] <= days), 1.0)

    return found


def _groups(document: Document) -> list[Row]:
    survival = document["survival"]
    return [
        Row("all", (ALL,), survival["overall"], "survival.overall"),
        *(
            Row(
                group["month"],
                (date.fromisoformat(f"{group['month']}-01"),),
                group,
                f"survival.by_month[{place}]",
            )
            for place, group in enumerate(survival["by_month"])
        ),
    ]


def _steps(document: Document) -> list[Row]:
    return [
        Row(f"{group.code}/{step['day']}", group.heads, step, f"{group.path}.steps[{place}]")
        for group in _groups(document)
        for place, step in enumerate(group.node["steps"] or ())
    ]


VALUE = Column("Number")
SHARE = Column("Share", "share", "", "")
BY_ROLE = tuple(
    Column(title, kind, f"{role}.{field}", group=group)
    for role, group in (("mentor", "Mentors"), ("protege", "Protégés"))
    for field, title, kind in (
        ("given", "Given", "count"),
        ("late", "Late", "count"),
        ("mean_satisfaction", "Satisfied", "mean"),
        ("mean_progress", "Progress", "mean"),
    )
)

SECTIONS: tuple[Section, ...] = (
    Section(
        "pairings",
        "Pairings",
        "All that were proposed; active, paused, completed and closed early add up to them.",
        ("Pairings",),
        (VALUE, Column("Share of all", "share")),
        lines(
            Line("pairings.proposed", "Proposed"),
            Line("pairings.active", "Active", per="/pairings.proposed"),
            Line("pairings.paused", "Paused", per="/pairings.proposed"),
            Line("pairings.completed", "Completed", per="/pairings.proposed"),
            Line("pairings.closed_early", "Closed early", per="/pairings.proposed"),
            Line("pairings.rematched", "Rematched", per="/pairings.proposed"),
        ),
        place="tiles",
    ),
    Section(
        "health",
        "Health",
        "How the pairings are doing. At risk: a flag says that the relationship is; attention: somebody has to look.",
        ("Health",),
        (Column("Pairings", board="health"), Column("Share of all", "share", "", "/pairings.proposed")),
        mapped(("", "health")),
        place="wide",
    ),
    Section(
        "steps",
        "The eight steps",
        "Who is in which step, and who completed it; for feedback, the rounds in which both gave theirs in time.",
        ("Step",),
        (
            Column("No", "code", "number"),
            Column("There now", "count", "current", board="step"),
            Column("Completed", "count", "completed"),
            Column("On time", "count", "on_time"),
            Column("On time of completed", "share", "on_time", "completed"),
            Column("Waived", "count", "waived"),
            Column("Lapsed", "count", "lapsed"),
            Column("Median days", "days", "median_days"),
        ),
        listed("steps", "step"),
        place="wide",
    ),
    Section(
        "meetings",
        "Meetings",
        "Months with a meeting: of the whole calendar months in which a pair was to meet, paused ones left out.",
        ("Meetings",),
        (Column("Figure", ""),),
        lines(
            Line("meetings.held", "Held"),
            Line("meetings.missed", "Missed"),
            Line("meetings.minutes", "Minutes together"),
            Line("meetings.mean_per_pairing", "Mean per pairing", "mean"),
            Line("meetings.monthly_cadence", "Months with a meeting", "share"),
        ),
    ),
    Section(
        "goals",
        "Goals",
        "The goals in force; a list that was replaced counts no more. A goal is attained at 100 percent.",
        ("Goals",),
        (Column("Figure", ""),),
        lines(
            Line("goals.agreed", "Agreed"),
            Line("goals.attained", "Attained"),
            Line("goals.mean_percent", "Mean progress", "percent"),
        ),
    ),
    Section(
        "feedback",
        "Feedback by quarter",
        "Satisfaction and progress are means of ratings from 1 to 5; late ones are among those given.",
        ("Quarter",),
        (Column("Opened", "count", "opened"), *BY_ROLE),
        listed("feedback", "quarter", lambda row: f"Quarter {row['quarter']}"),
        place="wide",
        empty="No quarter has opened yet.",
    ),
    Section(
        "competencies",
        "Competencies",
        "Means of the protégés' ratings from 1 to 5, before they were matched and at the latest assessment.",
        ("Competency",),
        (
            Column("Id", "code", "id"),
            Column("Assessed", "count", "assessed"),
            Column("Before", "mean", "baseline_mean"),
            Column("Latest", "mean", "latest_mean"),
            Column("Assessed again", "count", "reassessed"),
            Column("Change", "change", "mean_change"),
        ),
        listed("competencies", "id", lambda row: str(row["name"])),
        place="wide",
    ),
    Section(
        "evaluation",
        "Final evaluation",
        "Of the pairings whose term has ended.",
        ("By",),
        (
            Column("Due", "count", "due"),
            Column("Given", "count", "given"),
            Column("Satisfied", "mean", "mean_satisfaction"),
            Column("Recommend", "share", "recommend_share"),
        ),
        mapped(("", "evaluation")),
    ),
    Section(
        "contracts",
        "Contracts",
        "Of the pairings whose contract is asked for.",
        ("Contracts",),
        (VALUE,),
        lines(
            Line("contracts.signed", "Signed by both"),
            Line("contracts.waived", "Waived"),
            Line("contracts.lapsed", "Lapsed"),
            Line("contracts.pending", "Pending"),
        ),
    ),
    Section(
        "flags",
        "Flags",
        "How often each was raised, and how many are open now; seen: acknowledged.",
        ("Signal",),
        (
            Column("Raised", "count", "raised"),
            Column("Open", "count", "open", board="flag"),
            Column("Seen", "count", "acknowledged"),
        ),
        mapped(("", "flags")),
    ),
    Section(
        "deadlines",
        "Missed deadlines",
        "A miss is rescinded when evidence that comes later shows that the deadline was met.",
        ("Deadline",),
        (Column("Missed", "count", "missed"), Column("Rescinded", "count", "rescinded")),
        mapped(("", "deadlines")),
    ),
    Section(
        "early_closures",
        "Early closings",
        "Pairings that ended before their term. Those whose goals were met early are apart: they are completed.",
        ("Early closings",),
        (Column("Figure", ""),),
        lines(
            Line("early_closures.count", "Closed early"),
            Line("early_closures.share", "Share of all", "share"),
            Line("early_closures.fulfilled", "Goals met early"),
            Line("early_closures.median_days", "Median days to it", "days"),
            Line("early_closures.flagged_before", "Flagged before"),
            Line("early_closures.reviewed", "Reviewed"),
        ),
    ),
    Section(
        "closed_by",
        "Early closings, told apart",
        "The same early closings: why, by whom, in which step.",
        ("By", "What"),
        (VALUE,),
        mapped(
            ("Reason", "early_closures.by_reason"),
            ("Who closed it", "early_closures.by_initiator"),
            ("In which step", "early_closures.by_step"),
        ),
        empty="None so far.",
    ),
    Section(
        "survival",
        "How long pairings last",
        "The share of pairings that have not closed early after so many days from the proposal (Kaplan-Meier): running "
        "pairings count for as long as they run, others to the end of their term. By month of start.",
        ("Started",),
        (
            Column("Pairings", "count", "n"),
            Column("Closed early", "count", "events"),
            Column("Longest followed, days", "count", "followed_days"),
            *(Column(f"After {days} days", "share", _lasting(days)) for days in AFTER_DAYS),
        ),
        _groups,
        place="wide",
    ),
    Section(
        "survival_steps",
        "How long they last, day by day",
        "Every day on which the curve falls: how many were still together, and how many of them closed early on it.",
        ("Started",),
        (
            Column("Day", "number", "day"),
            Column("At risk", "count", "at_risk"),
            Column("Closed early", "count", "closed"),
            Column("Last longer", "share", "survival"),
        ),
        _steps,
        place="wide",
        long=True,
        empty="None closed early.",
    ),
    Section(
        "facts",
        "Facts",
        "What other systems told of this programme and could not take effect, as it stands today.",
        ("Facts",),
        (VALUE,),
        lines(Line("facts.waiting", "Waiting for a later step"), Line("facts.refused", "Refused")),
    ),
    Section(
        "learned",
        "What they learned",
        "In their own words, from the final evaluations, without names; what holds a name of the two is left out.",
        ("Question",),
        (Column("Answer", "said"),),
        texts(("What worked", "learned.worked"), ("What did not", "learned.did_not"), ("Why", "learned.why")),
        place="said",
        only_if="learned",
    ),
)


def tables(document: Document) -> list[Table]:
    """Every section of this report, in order."""
    withheld = frozenset(document.get("suppressed", ()))
    return [
        filled(section, document, withheld)
        for section in SECTIONS
        if not section.only_if or section.only_if in document
    ]


def for_management(document: Document) -> bool:
    """Whether figures over few were withheld from it."""
    return "suppressed" in document


def moment_of(document: Document) -> datetime:
    """The instant of the report as people there read it: in the programme's time zone, however it was asked for."""
    zone = zone_named(document["programme"]["timezone"])
    return datetime.fromisoformat(document["as_of"]).astimezone(zone)


SUPPRESSION = (
    "Figures that rest on too few pairings or people are withheld from management, so that nobody can be "
    "recognised; so is what would give such a figure away. Withheld figures are marked"
)
