"""A crowd that writes in every unfortunate way at once, and keeps its own account of what it committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psycopg

from eventstore.rows import Conflict, NewEvent
from eventstore.store import Store
from tests.eventstore.writing import NOON, append_in, batch, event, try_in

SHARED = [f"pairing-shared-{number}" for number in range(4)]
OWN = 5  # streams that a writer has to itself

# How a transaction of the crowd ends, and how often.
ENDS = {"committed": 4, "shared": 3, "shared late": 1, "rolled back": 2, "killed": 1, "killed while committing": 1}


@dataclass
class Account:
    """What a writer committed: number, stream and cause of each event, in its own order; and how its attempts ended."""

    committed: list[tuple[int, str, str]] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0

    def add(self, seqs: list[int], events: list[NewEvent]) -> None:
        self.committed += [(seq, each.stream, each.cause_id) for seq, each in zip(seqs, events, strict=True)]


def write(url: str, store: Store, number: int, rounds: int, seed: int) -> Account:
    """One writer of the crowd."""
    return _Writer(url, store, number, seed).write(rounds)


class _Writer:
    def __init__(self, url: str, store: Store, number: int, seed: int) -> None:
        self.url = url
        self.store = store
        self.number = number
        self.chance = Random(f"{seed}/{number}")
        self.revisions = {f"pairing-{number}-{each}": 0 for each in range(OWN)}
        self.account = Account()
        self.conn = psycopg.connect(url)

    def write(self, rounds: int) -> Account:
        try:
            for turn in range(rounds):
                end = self.chance.choices(list(ENDS), list(ENDS.values()))[0]
                self.account.ends[end] += 1
                if end == "shared":
                    self._share(f"{self.number}/{turn}", self._append)
                elif end == "shared late":
                    self._share(f"{self.number}/{turn}", self._append_late)
                else:
                    self._own(f"{self.number}/{turn}", end)
        finally:
            self.conn.close()
        return self.account

    def _share(self, cause: str, attempt: Callable[[list[str], list[NewEvent]], list[int]]) -> None:
        """Writes where others write too, and decides again whenever one of them was quicker."""
        names = self.chance.sample(SHARED, self.chance.randint(1, 3))
        events = [event(name, cause=cause) for name in names]
        while True:
            try:
                self.account.add(attempt(names, events), events)
            except Conflict:
                self.account.conflicts += 1
            else:
                return

    def _append(self, names: list[str], events: list[NewEvent]) -> list[int]:
        return self.store.append(batch(self._expected(names), *events), NOON).seqs

    def _append_late(self, names: list[str], events: list[NewEvent]) -> list[int]:
        """Its transaction has a lower number than many that it comes after."""
        self.conn.execute("SELECT pg_current_xact_id()")
        self._dawdle()
        seqs = try_in(self.conn, batch(self._expected(names), *events))
        if seqs is None:
            self.conn.rollback()
            raise Conflict(tuple(names))
        self.conn.commit()
        return seqs

    def _expected(self, names: list[str]) -> dict[str, int]:
        return {name: stream.revision for name, stream in self.store.load(names).items()}

    def _own(self, cause: str, end: str) -> None:
        """A transaction that is open for a while, and ends as it has to."""
        names = self.chance.sample(sorted(self.revisions), self.chance.randint(1, 3))
        events = [event(self.chance.choice(names), cause=cause) for _ in range(self.chance.randint(1, 4))]
        written = {each.stream for each in events}
        if self.chance.random() < 0.5:
            # a number drawn early, so that transactions end in another order than that of their numbers
            self.conn.execute("SELECT pg_current_xact_id()")
            self._dawdle()
        seqs = append_in(self.conn, batch({name: self.revisions[name] for name in written}, *events))
        self._dawdle()
        if end == "rolled back":
            self.conn.rollback()
        elif end == "committed":
            self.conn.commit()
        elif not self._killed(while_committing=end == "killed while committing"):
            return
        if end != "rolled back":
            self.account.add(seqs, events)
            for name in written:
                self.revisions[name] += 1

    def _killed(self, *, while_committing: bool) -> bool:
        """Its connection is ended from outside; whether it was committed all the same."""
        (xid,) = _one(self.conn, "SELECT pg_current_xact_id()::text")
        pid = self.conn.info.backend_pid
        with ThreadPoolExecutor(1) as thread:
            killing = thread.submit(self._kill, pid)
            if not while_committing:
                killing.result()
            with suppress(psycopg.OperationalError):
                self.conn.commit()
            killing.result()
        self.conn.close()
        self.conn = psycopg.connect(self.url)
        while True:
            (status,) = _one(self.conn, "SELECT pg_xact_status(%s::text::xid8)", xid)
            self.conn.commit()
            if status != "in progress":
                return bool(status == "committed")

    def _kill(self, pid: int) -> None:
        with psycopg.connect(self.url, autocommit=True) as killer:
            killer.execute("SELECT pg_terminate_backend(%s)", (pid,))

    def _dawdle(self) -> None:
        self.conn.execute("SELECT pg_sleep(%s)", (self.chance.choice([0, 0, 0.001, 0.005, 0.02]),))


def _one(conn: psycopg.Connection[Any], query: str, *values: object) -> tuple[Any, ...]:
    row = conn.execute(query.encode(), values).fetchone()
    assert row is not None
    return tuple(row)
