"""File locks that the kernel lets go of when their holder dies, which is what makes a crash harmless here."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WAIT = 0.005  # seconds between two looks at something that cannot wake us


def opened(path: Path) -> int:
    """The lock's file, made if it is not there; the descriptor is not handed on to programs started."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds a lock alone, waiting for it as long as it takes."""
    descriptor = opened(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def take(descriptor: int, *, alone: bool, within: float = 0.0) -> bool:
    """Takes (or turns into) a lock, alone or shared; False where someone is in the way until time is up."""
    kind = (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB
    until = time.monotonic() + within
    while True:
        try:
            fcntl.flock(descriptor, kind)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(WAIT)
        else:
            return True


def is_held(path: Path) -> bool:
    """Whether someone holds the lock alone."""
    descriptor = opened(path)
    try:
        return not take(descriptor, alone=False)
    finally:
        os.close(descriptor)
