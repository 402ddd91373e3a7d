"""Wakes whoever listens to the record as soon as something is sealed: one connection for all of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from eventstore.follow import Follower

MOST_LISTENERS = 200
_LOOK = 1.0


class Tail:
    """Brings the follower's thread and the listeners in the event loop together."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        # one thread may hold it twice: `close` is called from a signal that comes at any moment
        self._lock = threading.RLock()
        self._bells: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="tail", daemon=True)
        self._listeners = 0

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    @property
    def listeners(self) -> int:
        return self._listeners

    def start(self) -> None:
        """Begins to follow the record."""
        self._follower.start()
        self._thread.start()

    def close(self) -> None:
        """Lets every listener end; may be called from any thread, a signal's too."""
        self._closing.set()
        self._ring()

    def stop(self) -> None:
        """Lets every listener end, and stops following."""
        self.close()
        self._follower.close()
        self._thread.join()

    def join(self) -> bool:
        """Counts one listener in; false where there are too many already."""
        with self._lock:
            if self._listeners >= MOST_LISTENERS or self.closing:
                return False
            self._listeners += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._listeners -= 1

    @contextmanager
    def bell(self) -> Iterator[asyncio.Event]:
        """Rings at the next seal; hung up before one reads, so that nothing sealed meanwhile is missed."""
        bell = asyncio.Event()
        with self._lock:
            self._bells[bell] = asyncio.get_running_loop()
        if self.closing:
            bell.set()
        try:
            yield bell
        finally:
            with self._lock:
                self._bells.pop(bell, None)

    def _ring(self) -> None:
        with self._lock:
            bells = list(self._bells.items())
        for bell, loop in bells:
            if not loop.is_closed():
                loop.call_soon_threadsafe(bell.set)

    def _watch(self) -> None:
        head = self._follower.head
        while not self.closing:
            now = self._follower.wait(head, _LOOK)
            if now > head:
                head = now
                self._ring()
