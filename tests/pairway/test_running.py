"""The loops of the service, by the pauses that they make."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from pairway.running import keep_sealing


class Pauses(threading.Event):
    """Notes how long is waited instead of waiting, and ends when so many seals were made."""

    def __init__(self, seals: int) -> None:
        super().__init__()
        self.made: list[float] = []
        self._seals = seals

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.made.append(timeout)
        return len(self.made) > self._seals


def test_seals_follow_each_other_soon_but_leave_a_slow_disk_to_the_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    seals: Iterator[tuple[int, float]] = iter(
        [(1, 0.001), (5, 0.004), (300_000, 2.0), (1, 0.001), (0, 0.001), (0, 0.001)]
    )

    def seal() -> int:
        nonlocal clock
        sealed, seconds = next(seals)
        clock += seconds
        return sealed

    monkeypatch.setattr("pairway.running.perf_counter", lambda: clock)
    pauses = Pauses(6)
    keep_sealing(seal)(pauses)
    assert pauses.made == pytest.approx([0.005, 0.005, 0.012, 0.1, 0.005, 0.01, 0.02])
