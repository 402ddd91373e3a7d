"""What management is not shown, and what it could not work out from what is left."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain import events
from domain.policy import Policy
from domain.suppression import Breakdown, Figure, suppressed
from tests.domain.told import Story, proposed, then, through, told


def shown(parts: dict[str, int], total: int | None = None, below: int = 5) -> dict[str, int | None]:
    """A breakdown as management sees it."""
    whole = sum(parts.values()) if total is None else total
    document = {"total": Figure(whole, whole), "parts": {name: Figure(n, n) for name, n in parts.items()}}
    found = suppressed(document, below, [Breakdown("total", tuple(f"parts.{name}" for name in parts))], [])
    seen: dict[str, int | None] = found["parts"]
    return seen


def test_a_figure_over_fewer_than_the_policy_allows_is_null_and_listed_by_its_path() -> None:
    document = {"a": [{"b": Figure(4, 4)}, {"b": Figure(5, 5)}], "mean": Figure(0.5, 2), "name": "x"}
    found = suppressed(document, 5, [], [])
    assert found == {
        "a": [{"b": None}, {"b": 5}],
        "mean": None,
        "name": "x",
        "suppressed": ["a[0].b", "mean"],
    }


def test_the_next_smallest_of_a_breakdown_goes_with_the_one_withheld() -> None:
    assert shown({"a": 3, "b": 10, "c": 7}) == {"a": None, "b": 10, "c": None}


def test_nothing_more_goes_where_several_are_withheld_that_hide_each_other() -> None:
    assert shown({"a": 3, "b": 4, "c": 10}) == {"a": None, "b": None, "c": 10}


def test_several_that_are_few_together_take_the_next_smallest_with_them() -> None:
    assert shown({"a": 1, "b": 2, "c": 10, "d": 20}) == {"a": None, "b": None, "c": None, "d": 20}


def test_a_single_part_is_its_total_and_stays() -> None:
    assert shown({"a": 30}) == {"a": 30}


def test_what_stands_in_two_places_is_withheld_in_both() -> None:
    document = {"x": Figure(3, 3), "y": Figure(0.1, 9), "z": Figure(9, 9)}
    found = suppressed(document, 5, [], [("x", "y")])
    assert (found["x"], found["y"], found["z"]) == (None, None, 9)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), min_size=1), st.integers(1, 10))
def test_no_single_figure_can_be_worked_out_from_a_total_that_is_shown(parts: dict[str, int], below: int) -> None:
    total = sum(parts.values())
    seen = shown(parts, below=below)
    hidden = [parts[name] for name, value in seen.items() if value is None]
    assert all(parts[name] >= below for name, value in seen.items() if value is not None)
    if total >= below and len(parts) > 1 and any(value is not None for value in seen.values()):
        assert len(hidden) != 1
        assert not 0 < sum(hidden) < below


def closed(number: int, reason: str) -> Story:
    closing = events.PairingClosedEarly(reason, "mpm", date(2025, 3, 1), "registration", ())
    raised = events.FlagRaised("closed_early", "closed")
    return then(proposed(number), (closing, "2025-03-01"), (raised, "2025-03-01"))


def management(*stories: Story, below: int = 5) -> dict[str, Any]:
    return told(*stories, audience="management", policy=Policy(suppress_below=below))


def test_management_sees_no_words_of_the_pairs() -> None:
    assert "learned" not in management(proposed())
    assert "suppressed" not in told(proposed())


def test_a_programme_of_few_pairings_shows_management_no_figure() -> None:
    found = management(*(through("meetings", number) for number in range(1, 5)))
    assert set(found["pairings"].values()) == {None}
    assert found["programme"]["id"] == "p"
    assert "meetings.minutes" in found["suppressed"]


def test_minutes_are_over_the_pairings_that_met_not_over_the_minutes() -> None:
    met = [through("meetings", number) for number in range(1, 5)]
    others = [proposed(number) for number in range(5, 11)]
    found = management(*met, *others)
    assert found["meetings"]["minutes"] is None
    assert found["meetings"]["mean_per_pairing"] is None
    assert management(*met, *others, below=4)["meetings"]["minutes"] == 240


def test_what_is_withheld_of_the_states_is_withheld_of_the_healths_and_closures() -> None:
    stories = [*(proposed(number) for number in range(1, 9)), *(closed(number, "other") for number in range(9, 12))]
    found = management(*stories)
    assert found["pairings"]["proposed"] == 11
    assert found["pairings"]["closed_early"] is None
    assert found["pairings"]["active"] is None
    assert found["health"]["closed_early"] is None
    assert found["early_closures"]["share"] is None
    assert found["flags"]["closed_early"]["raised"] is None
    # Eight on track are all that are active, and would tell it.
    assert found["health"]["on_track"] is None
    assert found["steps"][0]["current"] is None


def test_a_rare_reason_takes_another_with_it() -> None:
    reasons = ["mismatch"] * 6 + ["no_time"] * 7 + ["misconduct"]
    found = management(*(closed(number, reason) for number, reason in enumerate(reasons, start=1)))
    closures = found["early_closures"]
    assert closures["count"] == 14
    assert closures["by_reason"] == {"misconduct": None, "mismatch": None, "no_time": 7}
    assert closures["by_initiator"] == {"mpm": 14}


def test_the_mpm_sees_every_figure() -> None:
    assert told(proposed(), closed(2, "other"))["early_closures"]["by_reason"] == {"other": 1}


def test_parts_do_not_add_up_to_a_total_that_is_withheld() -> None:
    document = {"total": Figure(30, 3), "a": Figure(10, 10), "b": Figure(20, 20)}
    found = suppressed(document, 5, [Breakdown("total", ("a", "b"))], [])
    assert (found["total"], found["a"], found["b"]) == (None, None, 20)
