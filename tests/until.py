"""Waiting for the thing itself, where it comes from another thread or process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

LONG = 300.0  # seconds that a slow machine may take


def until(true: Callable[[], bool], what: str = "what was waited for") -> None:
    """Looks again and again until it is so."""
    give_up, pause = monotonic() + LONG, threading.Event()
    while not true():
        assert monotonic() < give_up, f"it did not come to that in time: {what}"
        pause.wait(0.02)
