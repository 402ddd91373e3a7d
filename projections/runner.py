"""Brings the sealed record into every read model, a batch at a time, each event exactly once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from eventstore.store import Store
from projections import rebuild, schema
from projections.board import BOARD
from projections.folding import Stuck, by_stream, decoded, write
from projections.model import ReadModel
from projections.occurrences import OCCURRENCES
from projections.people import PEOPLE
from projections.programmes import PROGRAMMES
from projections.schema import SQL, Standing
from projections.timeline import TIMELINE

MODELS: tuple[ReadModel, ...] = (PROGRAMMES, PEOPLE, BOARD, TIMELINE, OCCURRENCES)
BATCH = 2000


class UnknownModel(Exception):
    """There is no read model of this name."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How far a read model is behind the record, and the streams it could not go on with."""

    name: str
    position: int
    lag: int
    stale: bool
    stuck: tuple[Stuck, ...]


class Projector:
    """Any number may run at once, in any number of processes: who comes second steps back."""

    def __init__(
        self, pool: Pool, store: Store, codec: Codec, keyring: Keyring, models: Sequence[ReadModel] = MODELS
    ) -> None:
        self.pool = pool
        self.store = store
        self.codec = codec
        self.keyring = keyring
        self.models = {model.name: model for model in models}
        self._prepared = False

    def prepare(self) -> None:
        """Makes the tables; a read model whose rows have another shape now is rebuilt."""
        if self._prepared:
            return
        schema.prepare(self.pool, list(self.models.values()))
        with self.pool.connection() as conn:
            known = schema.standings(conn)
        if any(known[name].shape != model.shape for name, model in self.models.items()):
            rebuild.rebuild_stale(self)
        self.show_reporting()
        self._prepared = True

    def show_reporting(self) -> None:
        """Makes the views for reporting tools, where all that they stand on is there."""
        if all(model in self.models.values() for model in MODELS):
            with self.pool.connection() as conn:
                schema.show_reporting(conn, MODELS)

    def step(self, limit: int = BATCH) -> int:
        """One batch of sealed events into every read model; how many they were, 0 at the head.

        Where several run at once, the batch is one that another may have written in the meantime.
        """
        self.prepare()
        with self.pool.connection() as conn:
            # One that a newer version has rebuilt in another shape is not ours to write any more.
            known = {
                name: found
                for name, found in schema.standings(conn).items()
                if name in self.models and found.shape == self.models[name].shape
            }
        if not known:
            return 0
        behind = min(found.position for found in known.values())
        group = [found for found in known.values() if found.position == behind]
        ahead = [found.position for found in known.values() if found.position > behind]
        if ahead:
            limit = min(limit, min(ahead) - behind)
        stored = self.store.read(behind, limit)
        if not stored:
            return 0
        batch = decoded(self.codec, stored)
        reached = behind + len(stored)
        with self.pool.connection() as conn, conn.transaction():
            if not self._hold(conn, group):
                return len(stored)
            for found in group:
                model = self.models[found.name]
                streams = by_stream(model, batch)
                passed = conn.execute(SQL["stuck"], (model.name, list(streams))).fetchall()
                parked = write(conn, model, found.number, streams, {row[0] for row in passed})
                for stuck in parked:
                    conn.execute(SQL["park"], (model.name, *stuck))
            conn.execute(SQL["advance"], (reached, [found.name for found in group]))
        return len(stored)

    def catch_up(self) -> int:
        """Every sealed event into every read model; how many they were."""
        done = 0
        while moved := self.step():
            done += moved
        return done

    def status(self) -> list[ModelStatus]:
        """Every read model, how far it is, and what it could not go on with."""
        self.prepare()
        with self.pool.connection() as conn:
            known = schema.standings(conn)
            rows = conn.execute(SQL["all_stuck"]).fetchall()
        head = self.store.head()
        return [
            ModelStatus(
                name,
                known[name].position,
                max(0, head - known[name].position),
                known[name].shape != model.shape,
                tuple(Stuck(*row[1:]) for row in rows if row[0] == name),
            )
            for name, model in self.models.items()
        ]

    def rebuild(
        self, name: str, progress: Callable[[int, int], None] | None = None, processes: int | None = None
    ) -> int:
        """Makes a read model (or `all`) anew from the record beside the one in use, then switches.

        `progress` hears how many events are done, and of how many. Without `processes` there are as many as the
        record is worth. Returns the events folded.
        Raises UnknownModel, and rebuild.Rebuilding where another is at it.
        """
        self.prepare()
        if name != "all" and name not in self.models:
            raise UnknownModel(f"There is no read model {name!r}; there are {', '.join(self.models)}, and all.")
        return rebuild.rebuild(self, list(self.models) if name == "all" else [name], progress, processes)

    def _hold(self, conn: psycopg.Connection[Any], group: Sequence[Standing]) -> bool:
        """Locks these read models until the transaction ends, if they are still where they were."""
        held = conn.execute(SQL["hold"], ([found.name for found in group],)).fetchall()
        return {tuple(row) for row in held} == {(found.name, found.number, found.position) for found in group}
