"""Waits for the next seal on one connection of its own, for as many threads as want to know."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import psycopg

from eventstore import queries

SQL = queries.load("follow.sql")

# How often a waiting connection is looked at: for the wish to stop, and for a server that went silently.
_LOOK = 0.2
_QUIET = 5.0
_LONGEST_PAUSE = 2.0


class Follower:
    """Knows the head of the sealed log a moment after each seal; use it in a `with`, or start and close it.

    A lost connection is made again and nothing is missed by it: after every new LISTEN the head is read anew.
    While there is no connection, `wait` returns the head last known when its time is up.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._head = 0
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)

    def start(self) -> None:
        """Begins to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stops listening; whoever waits returns at once."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def head(self) -> int:
        """The last position known to be sealed."""
        return self._head

    def wait(self, after: int, timeout: float) -> int:
        """The head, as soon as it is past `after`, or when the seconds are over, or on closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._head > after or self._stop.is_set(), timeout)
            return self._head

    def listening(self, timeout: float) -> bool:
        """Whether a connection is listening, waiting for it if need be."""
        return self._listening.wait(timeout)

    def _follow(self) -> None:
        pause = 0.05
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, application_name="pairway follow") as conn:
                    conn.execute(SQL["listen"])
                    self._told(self._read(conn))
                    self._listening.set()
                    pause = 0.05
                    self._listen(conn)
            except psycopg.Error:
                self._listening.clear()
                self._stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _listen(self, conn: psycopg.Connection[tuple[object, ...]]) -> None:
        quiet = 0.0
        while not self._stop.is_set():
            heard = False
            for notice in conn.notifies(timeout=_LOOK, stop_after=1):
                self._told(int(notice.payload))
                heard = True
            quiet = 0.0 if heard else quiet + _LOOK
            if quiet >= _QUIET:
                self._told(self._read(conn))
                quiet = 0.0

    def _read(self, conn: psycopg.Connection[tuple[object, ...]]) -> int:
        row = conn.execute(SQL["head"]).fetchone()
        return int(str(row[0])) if row else 0

    def _told(self, head: int) -> None:
        with self._changed:
            if head > self._head:
                self._head = head
                self._changed.notify_all()
