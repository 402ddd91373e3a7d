"""How the pages call what the record calls by its code names, and how they write figures and dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

NOTHING = "–"

WORDS = {
    # steps
    "registration": "Registration",
    "assessment": "Assessment",
    "workshop": "Workshop",
    "goals": "Goals",
    "first_meeting": "First meeting",
    "meetings": "Meetings",
    "feedback": "Feedback",
    "evaluation": "Evaluation",
    # states and health
    "active": "Active",
    "on_track": "On track",
    "attention": "Attention",
    "at_risk": "At risk",
    "paused": "Paused",
    "completed": "Completed",
    "closed_early": "Closed early",
    # deadlines
    "contract": "Contract",
    "meeting": "Monthly meeting",
    "closure_review": "Closure review",
    # signals
    "blocked": "Blocked",
    "feedback_missing": "Feedback missing",
    "overdue": "Overdue",
    "low_rating": "Low rating",
    "meetings_missed": "Meetings missed",
    "never_started": "Never started",
    "reporting_line": "Reporting line",
    "silent": "Silent",
    # who, and why
    "mentor": "Mentor",
    "protege": "Protégé",
    "mpm": "MPM",
    "hr": "HR",
    "clock": "By time alone",
    "goals_met": "Goals met",
    "no_time": "No time",
    "no_contact": "No contact",
    "role_change": "Change of role",
    "participant_left": "A participant left",
    "conflict_of_interest": "Conflict of interest",
    "not_established": "Never established",
    # what follows an early closing
    "rematch": "Seek a new match",
    "end": "It ends here",
    # what became of a fact
    "parked": "Waiting",
    "duplicate": "Came before",
}
MEANINGS = {
    "blocked": "They meet, but an earlier step is not complete",
    "never_started": "No first meeting in the time the policy gives",
    "silent": "No meeting for longer than the policy allows",
    "meetings_missed": "Several missed meetings in a row",
    "overdue": "A missed deadline is still unmet",
    "feedback_missing": "A quarter's feedback did not come",
    "low_rating": "Somebody's latest rating is low",
    "reporting_line": "The mentor became the protégé's direct manager",
    "closed_early": "Closed early; the MPM's review is open",
}

# The code names in what the rules say: fields and steps, and never an id.
_CODE = re.compile(r"\b(?:(?:paused|resumed|closed|signed|held|planned|agreed|starts|ends)_on|first_meeting)\b")


def words(code: object) -> str:
    """A code name as people say it."""
    text = str(code)
    return WORDS.get(text) or text.replace("_", " ").capitalize()


def sentence(text: str) -> str:
    """What the rules say, as a sentence: a capital, and a full stop."""
    said = _CODE.sub(lambda code: code[0].replace("_", " "), text.strip())
    return said[:1].upper() + said[1:] + ("" if said.endswith((".", "!", "?", "…")) else ".")


def fact_words(kind: str | None) -> str | None:
    """A type of fact as people say it: `mentoring.pairing.meeting_held` is "Meeting held"."""
    if kind is None or not kind.startswith("mentoring.") or kind.count(".") != 2:
        return kind
    _, about, what = kind.split(".")
    return words(what if "_" in what else f"{about} {what}")


def figure(value: object, digits: int = 1) -> str:
    """A number as it is read in a table; a dash where there is none."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case float() if not value.is_integer():
            return f"{value:,.{digits}f}"
        case int() | float():
            return f"{int(value):,}"
    return str(value)


def share(value: float | None) -> str:
    """A share of one as percent."""
    return NOTHING if value is None else f"{value * 100:.0f} %"


def mean(value: float | None) -> str:
    """A mean of ratings."""
    return NOTHING if value is None else f"{value:.2f}"


def part(value: float | None, whole: float | None) -> float | None:
    """What share of the whole it is; none with nothing to divide by."""
    return value / whole if value is not None and whole else None


def signed(value: float | None) -> str:
    """A change, with its sign."""
    return NOTHING if value is None else f"{value:+.2f}".replace("-", "−")


def day(value: object) -> str:
    """A date as people write it: 6 Jan 2025."""
    if value is None:
        return NOTHING
    on = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{on.day} {on:%b} {on.year}" if isinstance(on, date) else str(on)


def moment(value: object) -> str:
    """An instant as people write it: 6 Jan 2025, 07:24."""
    if value is None:
        return NOTHING
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{day(at)}, {at:%H:%M}" if isinstance(at, datetime) else str(at)


class Slice(NamedTuple):
    """A part of a bar of length 100."""

    name: str
    number: int
    x: float
    width: float


def slices(counts: Mapping[str, int | None]) -> Sequence[Slice]:
    """One bar out of several counts, side by side."""
    whole = sum(count or 0 for count in counts.values())
    found, x = [], 0.0
    for name, count in counts.items():
        width = 100 * count / whole if count and whole else 0.0
        if count and width:
            found.append(Slice(name, count, round(x, 3), round(width, 3)))
        x += width
    return found


def grouped(texts: Sequence[str]) -> Sequence[tuple[str, int]]:
    """The same words said by several, once, with how many said them; in order of the first."""
    found: dict[str, int] = {}
    for text in texts:
        found[text] = found.get(text, 0) + 1
    return list(found.items())


_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def plainly(text: str) -> str:
    """A sentence of the record with its dates and code names as people write them."""

    def dated(found: re.Match[str]) -> str:
        try:
            return day(found[1])
        except ValueError:
            return found[1]  # what somebody wrote and what is no date

    return _CODE.sub(lambda found: words(found[0]).lower() if found[0] in WORDS else found[0], _DATE.sub(dated, text))


LONGEST_NAME = 60


def short(text: str) -> str:
    """A name in a list, where one that is longer than any name must not push out the others."""
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME].rstrip()}…"


def month(text: str) -> str:
    """`2025-03` as people write it: March 2025."""
    return f"{date.fromisoformat(text + '-01'):%B %Y}"


def month_short(text: str) -> str:
    """The same where there is little room; January with its year."""
    first = date.fromisoformat(text + "-01")
    return f"{first:%b} {first:%y}" if first.month == 1 else f"{first:%b}"


_BEHIND = {
    "reached": "Came as far as {about}",
    "done": "Completed {about}",
    "late": "Past due and not met: {about}",
    "soon": "Something is due within 7 days",
    "flagged": "A flag is open",
    "met": "Met in {about}",
    "unmet": "Did not meet in {about}",
    "started": "Started in {about}",
    "closed": "Closed early in {about}",
    "opened": "Were asked for feedback on quarter {about}",
    "given": "Feedback on quarter {about} given by {role}",
    "missing": "Feedback on quarter {about} not given by {role}",
}
_OF_ANY = {"late": "Past due and not met", "closed": "Closed early"}
_A_MONTH = ("met", "unmet", "started", "closed")


def behind(name: str, about: str, role: str) -> str:
    """What the pairings behind a figure have in common."""
    if not about:
        return _OF_ANY.get(name) or _BEHIND[name]
    said = month(about) if name in _A_MONTH else words(about)
    return _BEHIND[name].format(about=said, role=f"the {words(role).lower()}" if role else "both")
