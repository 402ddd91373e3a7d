"""The nine signals that a relationship needs somebody, and what each asks for."""

from __future__ import annotations

ATTENTION = ("blocked", "feedback_missing", "overdue")
AT_RISK = ("closed_early", "low_rating", "meetings_missed", "never_started", "reporting_line", "silent")
SIGNALS = tuple(sorted((*ATTENTION, *AT_RISK)))
