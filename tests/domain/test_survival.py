"""How long pairings last before they close early: beside a library, by hand, and what management may see of it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]  # its types are a package of their own

from domain import events
from domain.policy import Policy
from domain.survival import Followed, coarse, curve_of
from tests.domain.told import PROPOSED, Story, day, noon, proposed, then, through, told

lives = st.lists(st.builds(Followed, st.integers(0, 60), st.booleans()), min_size=1, max_size=80)


@given(lives)
def test_the_curve_is_the_one_that_a_library_finds(found: list[Followed]) -> None:
    sample = stats.CensoredData.right_censored([life.days for life in found], [not life.closed for life in found])
    theirs = stats.ecdf(sample).sf
    falls = {int(x): float(y) for x, y in zip(theirs.quantiles, theirs.probabilities, strict=True)}
    steps = curve_of(Counter(found))
    assert [step.day for step in steps] == sorted({life.days for life in found if life.closed})
    assert np.allclose([step.survival for step in steps], [falls[step.day] for step in steps], rtol=0, atol=0.5001e-4)
    assert [step.closed for step in steps] == [
        sum(life.closed and life.days == step.day for life in found) for step in steps
    ]
    assert [step.at_risk for step in steps] == [sum(life.days >= step.day for life in found) for step in steps]


def test_the_curve_of_a_textbook_comes_out() -> None:
    found = [Followed(days, closed) for days, closed in ((1, True), (2, True), (2, False), (3, True), (4, False))]
    assert [tuple(step) for step in curve_of(Counter(found))] == [(1, 5, 1, 0.8), (2, 4, 1, 0.6), (3, 2, 1, 0.3)]


def test_shares_on_the_half_are_rounded_to_the_even_one() -> None:
    # 31/32 is 0.96875 and 29/32 is 0.90625: both lie on the half of the fourth decimal
    assert [step.survival for step in curve_of(Counter([Followed(1, True)] + [Followed(2, False)] * 31))] == [0.9688]
    assert [step.survival for step in curve_of(Counter([Followed(1, True)] * 3 + [Followed(2, False)] * 29))] == [
        0.9062
    ]


def closed(number: int, after: int, *, on: date = PROPOSED) -> Story:
    closed_on = on + timedelta(days=after)
    closing = events.PairingClosedEarly("mismatch", "mpm", closed_on, "registration", ())
    raised = events.FlagRaised("closed_early", "closed")
    return then(proposed(number, on=on), (closing, closed_on.isoformat()), (raised, closed_on.isoformat()))


def completed(number: int, after: int) -> Story:
    ended_on = PROPOSED + timedelta(days=after)
    return then(
        through("first_meeting", number),
        (events.TermEnded(ended_on, early=False, by=None, reason=None), ended_on.isoformat()),
        (events.StepCompleted("meetings", ended_on, "done"), ended_on.isoformat()),
        (events.StepEntered("evaluation", ended_on + timedelta(days=30)), ended_on.isoformat()),
        (events.PairingCompleted(ended_on + timedelta(days=20), ()), (ended_on + timedelta(days=20)).isoformat()),
    )


def test_who_is_running_is_followed_to_the_day_of_the_report_and_who_ended_to_the_end_of_the_term() -> None:
    found = told(closed(1, 10), completed(2, 50), proposed(3), as_of=noon(PROPOSED + timedelta(days=100)))
    assert found["survival"]["overall"] == {
        "n": 3,
        "events": 1,
        "followed_days": 100,
        "steps": [{"day": 10, "at_risk": 3, "closed": 1, "survival": 0.6667}],
    }


def test_a_pairing_whose_term_ended_is_at_risk_no_longer() -> None:
    found = told(completed(1, 50), closed(2, 60), proposed(3), as_of=noon(PROPOSED + timedelta(days=100)))
    assert found["survival"]["overall"]["steps"] == [{"day": 60, "at_risk": 2, "closed": 1, "survival": 0.5}]


def test_there_is_a_curve_for_each_month_in_which_pairings_start() -> None:
    march = day("2025-03-31")
    found = told(closed(1, 5), proposed(2), closed(3, 40, on=march), as_of=noon(march + timedelta(days=50)))
    assert [(group["month"], group["n"], group["events"]) for group in found["survival"]["by_month"]] == [
        ("2025-01", 2, 1),
        ("2025-03", 1, 1),
    ]
    assert found["survival"]["by_month"][1]["steps"] == [{"day": 40, "at_risk": 1, "closed": 1, "survival": 0.0}]


def test_without_pairings_there_is_nothing_to_follow() -> None:
    overall: dict[str, Any] = {"n": 0, "events": 0, "followed_days": None, "steps": []}
    assert told()["survival"] == {"overall": overall, "by_month": []}


def test_the_day_of_the_report_is_that_of_the_programmes_zone() -> None:
    evening = noon(PROPOSED + timedelta(days=10)).replace(hour=23)
    assert told(proposed(), as_of=evening)["survival"]["overall"]["followed_days"] == 10


# For management


def for_management(*stories: Story, below: int = 5, on: date = PROPOSED + timedelta(days=400)) -> dict[str, Any]:
    return told(*stories, audience="management", policy=Policy(suppress_below=below), as_of=noon(on))


def test_management_sees_the_curve_only_where_enough_closed_since_it_was_last_shown() -> None:
    days = [3, 9, 35, 44, 50, 58, 100, 101, 102, 103, 104, 300, 301, 302, 303, 304]
    stories = [closed(number, after) for number, after in enumerate(days, 1)]
    stories += [proposed(number) for number in range(20, 60)]
    found = for_management(*stories)
    shown = [step for step in found["survival"]["overall"]["steps"] if step["survival"] is not None]
    assert [(step["day"], step["closed"]) for step in shown] == [(60, 6), (120, 5), (330, 5)]
    assert [step["survival"] for step in shown] == [0.8929, 0.8036, 0.7143]
    assert {step["at_risk"] for step in found["survival"]["overall"]["steps"]} == {None}
    assert "survival.overall.steps[0].survival" in found["suppressed"]


def test_management_cannot_tell_the_few_that_closed_after_the_curve_was_last_shown() -> None:
    stories = [closed(number, after) for number, after in enumerate([3, 4, 5, 6, 7, 100, 101], 1)]
    stories += [proposed(number) for number in range(20, 60)]
    found = for_management(*stories)["survival"]["overall"]
    # five closed by the end of day 30; to say so would tell that two did later
    assert found["events"] == 7
    assert [(step["day"], step["closed"]) for step in found["steps"] if step["closed"] is not None] == [(120, 7)]


def test_management_sees_no_curve_of_a_month() -> None:
    found = for_management(*(closed(number, 10) for number in range(1, 9)))
    assert found["survival"]["by_month"][0]["steps"] is None
    assert "survival.by_month[0].steps" in found["suppressed"]


def test_what_a_month_leaves_of_all_is_not_few() -> None:
    later = PROPOSED + timedelta(days=60)
    stories = [proposed(number) for number in range(1, 21)]
    stories += [proposed(number, on=later) for number in range(21, 24)]
    found = for_management(*stories)["survival"]
    assert found["overall"]["n"] == 23
    assert [group["n"] for group in found["by_month"]] == [None, None]


@pytest.mark.parametrize("early", [3, 4])
def test_where_the_number_that_closed_early_is_withheld_the_curve_is_too(early: int) -> None:
    found = for_management(*(closed(number, 10) for number in range(early)), *(proposed(n) for n in range(9, 40)))
    overall = found["survival"]["overall"]
    assert found["early_closures"]["count"] is None
    assert overall["events"] is None
    assert {step["survival"] for step in overall["steps"]} == {None}


def test_the_curve_goes_with_the_number_even_where_that_is_withheld_for_anothers_sake() -> None:
    # three are paused: of the states the next smallest, those that closed early, goes with them
    paused = [
        then(proposed(number), (events.PairingPaused(day("2025-02-01"), "leave"), "2025-02-01"))
        for number in range(1, 4)
    ]
    stories = [*paused, *(closed(number, 10) for number in range(4, 10)), *(proposed(n) for n in range(10, 40))]
    found = for_management(*stories)
    assert found["pairings"]["closed_early"] is None
    assert {step["survival"] for step in found["survival"]["overall"]["steps"]} == {None}


@given(
    st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=60),
    st.integers(1, 7),
)
def test_of_the_closings_between_two_rows_that_management_sees_there_are_always_enough(
    found: list[tuple[int, bool]], below: int
) -> None:
    rows = coarse(Counter(Followed(*one) for one in found), below)
    shown = [row for row in rows if row["closed"].over]
    total = sum(closed for _, closed in found)
    told_of = [row["closed"].value for row in shown]
    assert all(number >= below for number in told_of)
    assert total - sum(told_of) == 0 or total - sum(told_of) >= below or not told_of
    for row in shown:
        assert sum(days >= row["day"] for days, _ in found) >= below
