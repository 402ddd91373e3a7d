"""The key that signs checkpoints, derived from the master key, and the file outside the database that keeps them."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from eventstore import queries
from eventstore.notes import Signer
from eventstore.pool import Pool
from pairway.settings import Settings

SQL = queries.load("proofs.sql")
PURPOSE = b"pairway checkpoint signing key 1"


def signer(master: bytes) -> Signer:
    """The key of this installation under the name of its record, which follows from the key.

    Neither comes from the database: who owns that could else begin a new log under a new name.
    """
    seed = HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(master)
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(f"pairway/{key.public_key().public_bytes_raw().hex()[:16]}", key)


def checkpoint_file(settings: Settings, pool: Pool) -> Path:
    """Where checkpoints are kept beside the database: as set, or in the data folder, a file a database."""
    if settings.checkpoint_file is not None:
        return settings.checkpoint_file.expanduser()
    data = settings.data.expanduser()
    if settings.database_url is None:
        return data / "checkpoints.txt"
    with pool.connection() as conn:
        row = conn.execute(SQL["database"]).fetchone()
    assert row is not None
    return data / f"checkpoints-{row[0]}-{row[1]}.txt"
