"""Every field of every fact: a whole example of each type, and for each field what fits it and what does not."""

from __future__ import annotations

import dataclasses
from typing import Any

from domain.policy import Policy

LONG = "x" * 10_001

GOAL = {
    "id": "g1",
    "title": "Delegate more",
    "actions": ["one task a week"],
    "competency": "delegation",
    "resources": ["a book"],
    "measure": "ten tasks",
}

# Everything that a fact of the type may say.
WHOLE: dict[str, dict[str, Any]] = {
    "programme.opened": {
        "name": "Leaders",
        "purpose": "Grow our own",
        "starts_on": "2026-01-05",
        "timezone": "Europe/Berlin",
        "policy": {"term_months": 6},
        "competencies": [{"id": "a", "name": "Alpha"}, {"id": "b", "name": "Beta"}],
    },
    "programme.closed": {"by": "mpm"},
    "participant.registered": {
        "programme": "leaders",
        "role": "mentor",
        "person": "e1",
        "name": "Ada",
        "email": "ada@example.org",
        "manager": "e2",
        "department": "Legal",
        "capacity": 2,
    },
    "participant.approved": {"by": "mpm"},
    "participant.declined": {"by": "mpm", "reason": "no room"},
    "participant.assessed": {"ratings": {"a": 1, "b": 5}, "assessed_on": "2026-01-05"},
    "participant.trained": {"workshop": "intro", "attended_on": "2026-01-05"},
    "participant.line_changed": {"manager": "e3"},
    "participant.changed": {"name": "Ada", "email": "a@example.org", "department": "HR", "capacity": 3},
    "participant.left": {"reason": "retired"},
    "pairing.proposed": {
        "programme": "leaders",
        "mentor": "m1",
        "protege": "p1",
        "starts_on": "2026-01-05",
        "ends_on": "2026-12-05",
        "replaces": "pair-0",
        "score": 0.5,
        "because": ["same field"],
    },
    "pairing.waived": {"requirement": "workshop", "by": "mpm", "reason": "trained before"},
    "pairing.goals_agreed": {
        "agreed_on": "2026-01-20",
        "strengths": ["calm"],
        "needs": ["focus"],
        "goals": [GOAL],
    },
    "pairing.meeting_held": {
        "held_on": "2026-02-01",
        "minutes": 60,
        "mode": "video",
        "topics": ["career"],
        "agenda": "one",
        "notes": "two",
        "actions": [{"title": "read", "owner": "protege", "due_on": "2026-03-01"}],
    },
    "pairing.meeting_missed": {"planned_on": "2026-02-01", "reason": "ill", "by": "mentor"},
    "pairing.contract_signed": {"by": "mentor", "signed_on": "2026-02-01"},
    "pairing.goal_progressed": {"goal": "g1", "percent": 40},
    "pairing.feedback_given": {
        "quarter": 1,
        "by": "protege",
        "satisfaction": 4,
        "progress": 3,
        "comment": "good",
    },
    "pairing.evaluation_given": {
        "by": "mentor",
        "satisfaction": 5,
        "recommend": True,
        "worked": "time",
        "did_not": "place",
        "why": "plan",
    },
    "pairing.paused": {"paused_on": "2026-03-01", "reason": "leave", "until": "2026-04-01"},
    "pairing.resumed": {"resumed_on": "2026-04-01"},
    "pairing.closed": {"by": "hr", "reason": "other", "closed_on": "2026-04-01", "note": "x"},
    "pairing.closure_reviewed": {"by": "mpm", "outcome": "rematch", "note": "x"},
    "pairing.flag_acknowledged": {"signal": "silent", "by": "mpm", "note": "x"},
}

TEXT_NO: tuple[object, ...] = ("", "  ", 5, True, [], {}, LONG)
DAY_YES: tuple[object, ...] = ("2026-02-28", "1900-01-01", "2199-12-31", "2024-02-29")
DAY_NO: tuple[object, ...] = (
    "2026-02-29", "2026-13-01", "20260105", "2026-1-5", "2026-W01-1", "1899-12-31", "2200-01-01",
    "05.01.2026", "2026-01-05T00:00:00Z", "2026-01-0٥", " 2026-01-05", "", 5, True, [],
)  # fmt: skip
ID_YES: tuple[object, ...] = ("a", "A9._-z", "0", "x" * 64)
ID_NO: tuple[object, ...] = ("", ".a", "-a", "a b", "a/b", "ä", "a\n", "x" * 65, 5)
ROLE_YES: tuple[object, ...] = ("mentor", "protege")
ROLE_NO: tuple[object, ...] = ("Mentor", "protégé", "mpm", "", 1, True, [])
RATING_YES: tuple[object, ...] = (1, 5, 4.0)
RATING_NO: tuple[object, ...] = (0, 6, 4.5, "4", True, 10**400, 1e400, -1, [])
COUNT_YES: tuple[object, ...] = (1, 7.0, 1_000_000)
COUNT_NO: tuple[object, ...] = (0, -1, 1.5, "1", True, 10**30, [])
OPTIONAL_TEXT_YES: tuple[object, ...] = ("", "said", None, "x" * 10_000)
OPTIONAL_TEXT_NO: tuple[object, ...] = (5, False, ["a"], {}, LONG)
TEXTS_YES: tuple[object, ...] = ([], ["a"], ["a", "a"])
TEXTS_NO: tuple[object, ...] = ("a", {}, 5)
DAYS = [f.name for f in dataclasses.fields(Policy) if f.name.endswith("_days")]

# type, path of the field, values that fit, values that do not
RULES: list[tuple[str, str, tuple[object, ...], tuple[object, ...]]] = [
    ("programme.opened", "name", ("N", "x" * 10_000), TEXT_NO),
    ("programme.opened", "purpose", ("N",), TEXT_NO),
    ("programme.opened", "starts_on", DAY_YES, DAY_NO),
    (
        "programme.opened",
        "timezone",
        ("UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1", None),
        ("Mars/Olympus", "../x", "/etc/localtime", "localtime", "europe/berlin", "Europe", "", "posix/UTC",
         "Europe/Berlin\0", "Europe/../Europe/Berlin", "x" * 5000, 5, []),
    ),
    ("programme.opened", "policy", ({}, None), (5, [], "x")),
    *(("programme.opened", f"policy.{name}", (1, 27.0, None), (0, 3661, 1.5, "1", True)) for name in DAYS),
    ("programme.opened", "policy.term_months", (1, 120), (0, 121, 1.5, "1", True)),
    ("programme.opened", "policy.feedback_every_months", (1, 120), (0, 121, 1.5, "1", True)),
    ("programme.opened", "policy.low_rating", RATING_YES, RATING_NO),
    ("programme.opened", "policy.missed_in_a_row", COUNT_YES, COUNT_NO),
    ("programme.opened", "policy.mentor_capacity", COUNT_YES, COUNT_NO),
    ("programme.opened", "policy.suppress_below", (0, 1, 50), (-1, 1.5, "1", True)),
    ("programme.opened", "policy.assessed_by", ("protege", "both"), ("mentor", "", 1)),
    *(
        ("programme.opened", f"policy.{name}", ("required", "suggested", "off"), ("on", "", 1, True))
        for name in ("assessment", "workshop", "contract")
    ),
    ("programme.opened", "competencies", ([{"id": "a", "name": "A"}],), ([], None, {}, "a")),
    ("programme.opened", "competencies.1", ({"id": "c", "name": "C", "more": 1},), (5, None, "c", [])),
    ("programme.opened", "competencies.1.id", ID_YES[1:], (*ID_NO, "a")),
    ("programme.opened", "competencies.1.name", ("C",), TEXT_NO),
    ("programme.closed", "by", ("mpm",), TEXT_NO),
    ("participant.registered", "programme", ID_YES, ID_NO),
    ("participant.registered", "role", ROLE_YES, ROLE_NO),
    ("participant.registered", "person", ("e/1",), TEXT_NO),
    ("participant.registered", "name", ("Nguyễn Thị Ánh",), TEXT_NO),
    ("participant.registered", "email", ("a@example.org",), TEXT_NO),
    ("participant.registered", "manager", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("participant.registered", "department", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("participant.registered", "capacity", (*COUNT_YES, None), COUNT_NO),
    ("participant.approved", "by", ("mpm",), TEXT_NO),
    ("participant.declined", "by", ("mpm",), TEXT_NO),
    ("participant.declined", "reason", ("no room",), TEXT_NO),
    ("participant.assessed", "ratings", ({"a": 1},), ({}, [], None, 5)),
    ("participant.assessed", "ratings.a", RATING_YES, (*RATING_NO, None)),
    ("participant.assessed", "assessed_on", (*DAY_YES, None), DAY_NO),
    ("participant.trained", "workshop", ("intro",), TEXT_NO),
    ("participant.trained", "attended_on", DAY_YES, DAY_NO),
    ("participant.line_changed", "manager", ("e1", None), TEXT_NO),
    ("participant.changed", "name", ("A", None), TEXT_NO),
    ("participant.changed", "email", ("A", None), TEXT_NO),
    ("participant.changed", "department", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("participant.changed", "capacity", (*COUNT_YES, None), COUNT_NO),
    ("participant.left", "reason", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    *(("pairing.proposed", name, ID_YES, ID_NO) for name in ("programme", "mentor", "protege")),
    ("pairing.proposed", "starts_on", DAY_YES, DAY_NO),
    ("pairing.proposed", "ends_on", (*DAY_YES, None), DAY_NO),
    ("pairing.proposed", "replaces", (*ID_YES, None), ID_NO),
    ("pairing.proposed", "score", (0, 1, 0.25, None), (-0.1, 1.1, "1", True, 1e400, 10**400)),
    ("pairing.proposed", "because", (*TEXTS_YES, None), TEXTS_NO),
    ("pairing.proposed", "because.0", ("why",), TEXT_NO),
    (
        "pairing.waived",
        "requirement",
        ("assessment", "workshop", "goals", "contract"),
        ("registration", "first_meeting", "", 1),
    ),
    ("pairing.waived", "by", ("mpm",), TEXT_NO),
    ("pairing.waived", "reason", ("known",), TEXT_NO),
    ("pairing.goals_agreed", "agreed_on", DAY_YES, DAY_NO),
    ("pairing.goals_agreed", "strengths", TEXTS_YES, (*TEXTS_NO, None)),
    ("pairing.goals_agreed", "needs", TEXTS_YES, (*TEXTS_NO, None)),
    (
        "pairing.goals_agreed",
        "goals",
        ([GOAL], [GOAL, GOAL | {"id": "g2"}, GOAL | {"id": "g3"}]),
        ([], [GOAL | {"id": f"g{n}"} for n in range(4)], None, {}, "g"),
    ),
    ("pairing.goals_agreed", "goals.0", (GOAL,), (None, 5, [])),
    ("pairing.goals_agreed", "goals.0.id", ID_YES, (*ID_NO, None)),
    ("pairing.goals_agreed", "goals.0.title", ("T",), (*TEXT_NO, None)),
    ("pairing.goals_agreed", "goals.0.actions", (["a"], ["a", "b"]), ([], None, "a", {})),
    ("pairing.goals_agreed", "goals.0.actions.0", ("a",), TEXT_NO),
    ("pairing.goals_agreed", "goals.0.competency", (*ID_YES, None), ID_NO),
    ("pairing.goals_agreed", "goals.0.resources", (*TEXTS_YES, None), TEXTS_NO),
    ("pairing.goals_agreed", "goals.0.measure", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.meeting_held", "held_on", DAY_YES, DAY_NO),
    ("pairing.meeting_held", "minutes", (1, 1440, 60.0), (0, 1441, 60.5, "60", True, None)),
    ("pairing.meeting_held", "mode", ("in_person", "video", "phone", None), ("Video", "", "chat", 1)),
    ("pairing.meeting_held", "topics", (*TEXTS_YES, None), TEXTS_NO),
    ("pairing.meeting_held", "topics.0", ("t",), TEXT_NO),
    ("pairing.meeting_held", "agenda", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.meeting_held", "notes", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.meeting_held", "actions", ([], None), ("a", {}, 5)),
    ("pairing.meeting_held", "actions.0", ({"title": "t", "owner": "mentor"},), ("t", None)),
    ("pairing.meeting_held", "actions.0.title", ("t",), (*TEXT_NO, None)),
    ("pairing.meeting_held", "actions.0.owner", ROLE_YES, (*ROLE_NO, None)),
    ("pairing.meeting_held", "actions.0.due_on", (*DAY_YES, None), DAY_NO),
    ("pairing.meeting_missed", "planned_on", DAY_YES, DAY_NO),
    ("pairing.meeting_missed", "reason", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.meeting_missed", "by", (*ROLE_YES, None), ROLE_NO),
    ("pairing.contract_signed", "by", ROLE_YES, (*ROLE_NO, None)),
    ("pairing.contract_signed", "signed_on", DAY_YES, (*DAY_NO, None)),
    ("pairing.goal_progressed", "goal", ID_YES, (*ID_NO, None)),
    ("pairing.goal_progressed", "percent", (0, 100, 33.0), (-1, 101, 33.3, "5", True, None)),
    ("pairing.feedback_given", "quarter", COUNT_YES, (*COUNT_NO, None)),
    ("pairing.feedback_given", "by", ROLE_YES, (*ROLE_NO, None)),
    ("pairing.feedback_given", "satisfaction", RATING_YES, (*RATING_NO, None)),
    ("pairing.feedback_given", "progress", RATING_YES, (*RATING_NO, None)),
    ("pairing.feedback_given", "comment", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.evaluation_given", "by", ROLE_YES, (*ROLE_NO, None)),
    ("pairing.evaluation_given", "satisfaction", RATING_YES, (*RATING_NO, None)),
    ("pairing.evaluation_given", "recommend", (True, False), (1, 0, "true", "yes", None, [])),
    ("pairing.evaluation_given", "worked", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.evaluation_given", "did_not", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.evaluation_given", "why", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.paused", "paused_on", ("2026-03-31",), (*DAY_NO, None)),
    ("pairing.paused", "reason", ("leave",), (*TEXT_NO, None)),
    ("pairing.paused", "until", ("2026-03-02", None), (*DAY_NO, "2026-03-01", "2026-02-01")),
    ("pairing.resumed", "resumed_on", DAY_YES, (*DAY_NO, None)),
    ("pairing.closed", "by", ("mentor", "protege", "mpm", "hr"), ("clock", "boss", "", None, 1)),
    (
        "pairing.closed",
        "reason",
        ("goals_met", "mismatch", "no_time", "no_contact", "role_change", "participant_left",
         "conflict_of_interest", "misconduct", "not_established", "other"),
        ("boredom", "", None, 1),
    ),
    ("pairing.closed", "closed_on", DAY_YES, (*DAY_NO, None)),
    ("pairing.closed", "note", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    ("pairing.closure_reviewed", "by", ("mpm",), (*TEXT_NO, None)),
    ("pairing.closure_reviewed", "outcome", ("rematch", "end"), ("start", "", None, 1)),
    ("pairing.closure_reviewed", "note", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
    (
        "pairing.flag_acknowledged",
        "signal",
        ("blocked", "never_started", "silent", "meetings_missed", "overdue", "feedback_missing", "low_rating",
         "reporting_line", "closed_early"),
        ("loud", "", None, 1),
    ),
    ("pairing.flag_acknowledged", "by", ("mpm",), (*TEXT_NO, None)),
    ("pairing.flag_acknowledged", "note", OPTIONAL_TEXT_YES, OPTIONAL_TEXT_NO),
]  # fmt: skip
