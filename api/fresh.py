"""Waits until the read models hold what a caller has just written, so that they can read their own facts."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic

from api.problems import Problem

LONGEST = 2.0
_LOOK = 0.01


class Fresh:
    """`reached` tells the position up to which every read model has come."""

    def __init__(self, reached: Callable[[], int]) -> None:
        self._reached = reached

    def wait(self, after: int | None) -> None:
        """Returns once the read models hold this position; a problem where they do not in time."""
        if after is None:
            return
        until, pause, patience = monotonic() + LONGEST, Event(), _LOOK
        while (reached := self._reached()) < after:
            if monotonic() > until:
                raise Problem(
                    "behind",
                    f"The read models have come to position {reached}, not yet to {after}. "
                    "Ask again in a moment, or without `after` for what there is.",
                    headers={"Retry-After": "1"},
                    position=reached,
                )
            pause.wait(patience)
            patience = min(patience * 1.5, 0.1)
