"""What will become of each pairing, decided beforehand, so that every step and signal is on show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

DAYS_A_MONTH = 30.44
# How long before the months asked for the programme begins, so that some pairings have ended at the end.
LEAD_DAYS = 80
FEWEST_FOR_A_SHOW = 40
# A closing must be so long ago for its review and a new match to have followed.
MATCHED_ANEW_AFTER = 60


@dataclass(slots=True)
class Fate:
    """One pairing's: days are counted back from the end of the log.

    `ago`: when it is proposed. `stuck`: the step that it does not get past. `calm`: nothing unplanned comes.
    """

    ago: int = 0
    calm: bool = False
    stuck: str | None = None
    meets_too_early: bool = False
    last_meeting_ago: int | None = None
    misses_after: bool = False
    forgets_feedback: bool = False
    forgets_evaluation: bool = False
    low: bool = False
    line_ago: int | None = None
    pause_ago: int | None = None
    pause_days: int | None = None
    close_ago: int | None = None
    close_reason: str = ""
    reviewed: bool = True
    rematch: bool = False
    diligence: float = 0.9


class Scene(NamedTuple):
    """A fate on show at the end: in how many of a hundred pairings, and proposed how long ago."""

    share: float
    fate: Fate
    first: int
    last: int


def scenes(term: int) -> tuple[Scene, ...]:
    quarter = round(3 * DAYS_A_MONTH)
    half = 2 * quarter
    return (
        Scene(2, Fate(stuck="registration"), 3, 11),
        Scene(1, Fate(stuck="registration"), 33, 42),
        Scene(2, Fate(stuck="assessment"), 5, 12),
        Scene(1, Fate(stuck="assessment"), 34, 45),
        Scene(2, Fate(stuck="workshop"), 6, 22),
        Scene(1, Fate(stuck="workshop", meets_too_early=True), 20, 26),
        Scene(2, Fate(stuck="goals"), 6, 14),
        Scene(1, Fate(stuck="goals", meets_too_early=True), 22, 40),
        Scene(2, Fate(stuck="first_meeting"), 11, 20),
        Scene(2, Fate(stuck="first_meeting"), 50, 75),
        Scene(2, Fate(last_meeting_ago=60), half - 25, half + 20),
        Scene(1, Fate(last_meeting_ago=75, misses_after=True), half - 20, half + 20),
        Scene(2, Fate(last_meeting_ago=36, misses_after=True), half - 25, half + 20),
        Scene(2, Fate(), quarter + 3, quarter + 11),
        Scene(2, Fate(), half + 3, half + 11),
        Scene(2, Fate(forgets_feedback=True), quarter + 20, quarter + 50),
        Scene(2, Fate(forgets_feedback=True), half + 20, half + 60),
        Scene(2, Fate(low=True), quarter + 14, quarter + 70),
        Scene(1.5, Fate(line_ago=20), 70, half + 40),
        Scene(2, Fate(pause_ago=25), 80, half + 60),
        Scene(2, Fate(pause_ago=40, pause_days=75), 90, half + 60),
        Scene(2, Fate(close_ago=12, close_reason="mismatch", reviewed=False), 60, half),
        Scene(1.5, Fate(close_ago=8, close_reason="no_time", reviewed=False), 60, half),
        Scene(1, Fate(close_ago=50, close_reason="participant_left"), 110, half),
        Scene(1, Fate(close_ago=16, close_reason="goals_met"), half, max(half, term - 30)),
        Scene(2, Fate(forgets_evaluation=True), term + 12, term + 27),
        Scene(2, Fate(forgets_evaluation=True), term + 36, term + 55),
        Scene(2, Fate(), term + 4, term + 14),
    )


REASONS = (
    ("mismatch", 22),
    ("no_time", 18),
    ("no_contact", 14),
    ("role_change", 12),
    ("goals_met", 14),
    ("conflict_of_interest", 6),
    ("participant_left", 8),
    ("other", 4),
    ("misconduct", 2),
)


def fates(pairings: int, months: int, term_months: int, rng: Random) -> list[Fate]:
    """Every pairing's fate but the rematches', the longest ago first; some of these end in a rematch."""
    room = round(months * DAYS_A_MONTH) + LEAD_DAYS - 10
    term = round(term_months * DAYS_A_MONTH)
    rematches = round(pairings * 0.05) if room > 2 * 60 + MATCHED_ANEW_AFTER else 0
    chosen = list(_on_show(pairings, term, room, rng))[: pairings - rematches]
    for index in range(pairings - rematches - len(chosen)):
        chosen.append(_ended_and_matched_anew(room, term, rng) if index < rematches else _usual(room, term, rng))
    # Where the scenes took all places, nothing is left to be matched anew.
    while len(chosen) + sum(fate.rematch for fate in chosen) < pairings:
        chosen.append(_usual(room, term, rng))
    return sorted(chosen, key=lambda fate: -fate.ago)


def _on_show(pairings: int, term: int, room: int, rng: Random) -> Iterator[Fate]:
    if pairings < FEWEST_FOR_A_SHOW:
        return
    for scene in scenes(term):
        if scene.first <= scene.last <= room:
            for _ in range(max(1, round(pairings * scene.share / 100))):
                yield replace(
                    scene.fate,
                    ago=rng.randint(scene.first, scene.last),
                    calm=True,
                    diligence=rng.uniform(0.9, 1),
                )


def _ended_and_matched_anew(room: int, term: int, rng: Random) -> Fate:
    ago = rng.randint(60 + MATCHED_ANEW_AFTER, room)
    return Fate(
        ago,
        calm=True,
        close_ago=rng.randint(max(MATCHED_ANEW_AFTER, ago - term + 30), ago - 30),
        close_reason=rng.choice(("mismatch", "no_time", "no_contact", "role_change")),
        rematch=True,
    )


def _usual(room: int, term: int, rng: Random) -> Fate:
    """One of the many: most go well, in their own time."""
    first_wave = rng.random() < 0.42
    ago = rng.randint(room - 25, room) if first_wave else rng.randint(min(28, room), room)
    return befall(Fate(ago, diligence=rng.betavariate(9, 1.3)), term, rng)


def befall(fate: Fate, term: int, rng: Random) -> Fate:
    """What may happen to anybody in the course of a term."""
    ago = fate.ago
    chance = rng.random()
    if chance < 0.10 and ago > 40:
        reasons, weights = zip(*REASONS, strict=True)
        fate.close_reason = rng.choices(reasons, weights)[0]
        late = fate.close_reason in ("goals_met", "no_contact")
        fate.close_ago = rng.randint(max(2, ago - term + 20), max(2, ago - term + 20, ago - (120 if late else 15)))
        fate.reviewed = rng.random() < 0.8
    elif chance < 0.19 and ago > 100:
        fate.pause_ago = rng.randint(max(10, ago - term + 40), ago - 50)
        fate.pause_days = rng.randint(14, 60)
    elif chance < 0.22 and ago > 100:
        fate.line_ago = rng.randint(max(15, ago - term + 20), ago - 60)
    elif chance < 0.25:
        fate.forgets_feedback = True
    elif chance < 0.28:
        fate.low = True
    elif chance < 0.32 and ago > 150:
        fate.last_meeting_ago = max(5, ago - rng.randint(90, 250))
    return fate
