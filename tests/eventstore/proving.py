"""A record with proofs to test on: a few hundred events, some under checkpoints, some not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventstore.checkpoints import Proofs
from eventstore.notes import Signer
from eventstore.pool import Pool
from eventstore.roles import acting_as
from eventstore.store import Append, Store
from tests.eventstore.writing import NOON, event

SIGNER = Signer("pairway/test", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def noon() -> datetime:
    return NOON


def proofs_of(pool: Pool, file: Path | None = None) -> Proofs:
    return Proofs(pool, SIGNER, file)


def write(store: Store, count: int, *, streams: int = 40, seed: int = 1) -> None:
    """Adds so many events to so many streams, in disorder, and seals them."""
    chance = Random(seed)
    while count:
        some = sorted({f"s{chance.randrange(streams)}" for _ in range(min(count, 9))})
        found = store.load(some)
        batch = Append(
            expected={name: stream.revision for name, stream in found.items()},
            events=[event(name, cause=f"{name}/{found[name].version}") for name in some],
            programmes=dict.fromkeys(some, "p"),
        )
        store.append(batch, NOON)
        count -= len(some)
    store.seal(wait=True)


@contextmanager
def behind_its_back(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's connection on which no right is missing and no trigger stands in the way."""
    with psycopg.connect(acting_as(url, "none"), autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        yield conn
