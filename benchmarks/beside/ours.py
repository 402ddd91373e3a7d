"""Pairway's store as the service uses it, sealed and signed beside by a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count

from benchmarks.beside.rounds import repeated
from benchmarks.beside.workload import CODEC, NOW, PROGRAMME, SOURCE, SPREAD, TYPE, Seen, held
from eventstore.checkpoints import Proofs
from eventstore.migrate import migrate
from eventstore.pool import open_pool
from eventstore.rows import Append, Appended, NewEvent
from eventstore.store import Store
from pairway.signing import signer

MASTER_KEY = bytes(32)
AT_ONCE = 5_000  # events of one append of many
_EVENT = held(1)


def now() -> datetime:
    return datetime.now(UTC)


class Ours:
    """Every clock here stops only when all that was recorded is sealed, hashed into the tree and signed."""

    def __init__(self, url: str, writers: int) -> None:
        self.url = url
        migrate(url)
        self._stack = ExitStack()
        pool = self._stack.enter_context(open_pool(url, name="pairway bench", smallest=4, largest=writers))
        self.store = Store(pool)
        self.proofs = Proofs(pool, signer(MASTER_KEY))
        self._numbers = count(1)
        sealer = subprocess.Popen([sys.executable, "-m", "benchmarks.beside.sealer", url], stdin=subprocess.PIPE)
        self._stack.callback(sealer.wait)
        assert sealer.stdin is not None
        self._stack.callback(sealer.stdin.close)

    def close(self) -> None:
        self._stack.close()

    def append(self, writers: int, seconds: float) -> tuple[int, float]:
        """One event an append, each naming the revision that it expects."""

        def begin() -> Callable[[int], None]:
            streams = [self._new_stream() for _ in range(SPREAD)]
            return lambda number: self._append(streams[number % SPREAD], number // SPREAD, 1)

        return self._sealed(*repeated(writers, seconds, begin))

    def new_streams(self, writers: int, seconds: float, events: int) -> tuple[int, float]:
        """One stream an append."""
        return self._sealed(*repeated(writers, seconds, lambda: lambda _: self._append(self._new_stream(), 0, events)))

    def load(self, seconds: float, events: int) -> tuple[int, float]:
        """Load a stream for a decision, decode its events, fold them to a state."""
        stream = self._new_stream()
        self._append(stream, 0, events)
        decode = CODEC.decode

        def one(_: int) -> None:
            seen = Seen()
            for each in self.store.load([stream])[stream].events:
                event = decode(each.type, each.data)
                seen.take(event.held_on, event.minutes, event.topics)
            assert seen.meetings == events

        return repeated(1, seconds, lambda: one)

    def bulk(self, events: int, streams_of: int) -> tuple[int, float]:
        """Many new streams an append, the next one made while one is committed, as an import does."""

        begun = time.perf_counter()
        with ThreadPoolExecutor(1) as committing:
            under_way: Future[Appended] | None = None
            for _ in range(0, events, AT_ONCE):
                what = Append()
                for _ in range(AT_ONCE // streams_of):
                    stream = self._new_stream()
                    what.expected[stream] = 0
                    what.programmes[stream] = PROGRAMME
                    what.events += self._events(stream, 0, streams_of)
                if under_way is not None:
                    under_way.result()
                under_way = committing.submit(self.store.append, what, NOW)
        return self._sealed(events, time.perf_counter() - begun)

    def settle(self) -> None:
        """Does now what the server would do some time."""
        with self.store.pool.connection() as conn:
            conn.execute("VACUUM (ANALYZE) pairway.event, pairway.position, pairway.stream")

    def catch_up(self, after: int) -> tuple[int, float]:
        """Every event after a position in global order, of its own class."""
        decode, read = CODEC.decode, 0
        begun = time.perf_counter()
        for page in self.store.read_on(after):
            for each in page:
                decode(each.type, each.data)
            read += len(page)
        return read, time.perf_counter() - begun

    def _append(self, stream: str, revision: int, events: int) -> None:
        what = Append(expected={stream: revision}, events=list(self._events(stream, revision, events)))
        if not revision:
            what.programmes = {stream: PROGRAMME}
        self.store.append(what, NOW)

    def _events(self, stream: str, after: int, events: int) -> Iterator[NewEvent]:
        for version in range(after + 1, after + events + 1):
            data = CODEC.encode(_EVENT, None, stream)
            yield NewEvent(stream, TYPE, NOW, SOURCE, SOURCE, f"{stream}-{version}", None, data)

    def _new_stream(self) -> str:
        return f"pairing-{next(self._numbers)}"

    def _sealed(self, done: int, seconds: float) -> tuple[int, float]:
        """The clock stops only when all is sealed and signed."""
        begun = time.perf_counter()
        self.store.seal(wait=True)
        self.proofs.make(now)
        return done, seconds + time.perf_counter() - begun
