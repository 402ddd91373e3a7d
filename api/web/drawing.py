"""Curves as SVG wants them: from figures to paths, with nothing drawn that the figures do not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

MARKS = (90, 180, 270, 360)  # days at which the table beside the curve tells it


class Curve(NamedTuple):
    """A survival curve: drawn over `length` days between `bottom` and 1, and told in words and in a table."""

    path: str
    length: int
    bottom: float
    ticks: list[float]
    days: list[int]
    at: list[int]
    table: list[dict[str, Any]]
    says: str


def survival(found: Mapping[str, Any]) -> tuple[Curve, list[str]] | None:
    """The curve of all and those of the months of start; none where nobody was followed for a day."""
    followed = found["followed_days"]
    if not followed:
        return None
    lowest = min((share for _, share in found["curve"]), default=1.0)
    # the axis begins where the curve ends, about, so that one near the top is more than a line
    bottom = next(below for below in (0.8, 0.6, 0.4, 0.2, 0.0) if lowest >= below)
    length = -(-followed // 40) * 40
    at = [day for day in MARKS if day <= followed] or [followed]
    rows = [{"month": None, **found}, *found["months"]]
    curve = Curve(
        path=_path(found, bottom),
        length=length,
        bottom=bottom,
        ticks=[1 - step * (1 - bottom) / 4 for step in range(5)],
        days=[round(length * step / 4) for step in range(5)],
        at=at,
        table=[{**row, "shares": [_at(row, day) for day in at]} for row in rows],
        says="Share of pairings still together: "
        + ", ".join(f"{share * 100:.0f} % after {day} days" for day in at if (share := _at(found, day)) is not None),
    )
    return curve, [_path(row, bottom) for row in found["months"] if row["followed_days"]]


def _path(found: Mapping[str, Any], bottom: float) -> str:
    """Down at each closing, and level up to the last day on which anybody was followed."""
    steps: Sequence[tuple[int, float]] = found["curve"]
    drawn = "M0 0" + "".join(f"H{day}V{_down(share, bottom):g}" for day, share in steps)
    return f"{drawn}H{found['followed_days']}"


def _down(share: float, bottom: float) -> float:
    return round(100 * (1 - max(share, bottom)) / (1 - bottom), 2)


def _at(found: Mapping[str, Any], day: int) -> float | None:
    """The share on a day; none where nobody has been followed for so long."""
    if (found["followed_days"] or 0) < day:
        return None
    return next((share for at, share in reversed(found["curve"]) if at <= day), 1.0)
