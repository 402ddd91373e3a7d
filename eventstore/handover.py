"""A new signing key vouches for the one before it, so that what that one signed stays good."""

from __future__ import annotations

from typing import Any

import psycopg

from eventstore import queries
from eventstore.notes import BadNote, Signer, Verifier

SQL = queries.load("proofs.sql")


def hand_over(old: Verifier, new: Signer) -> str:
    """The note in which the new key vouches for the old one."""
    return new.sign(f"{new.verifier}\nfollows\n{old}\n")


def trusted(conn: psycopg.Connection[Any], *verifiers: Verifier) -> tuple[Verifier, ...]:
    """These keys, and those before them for which each in turn was vouched."""
    found = list(verifiers)
    for (note,) in conn.execute(SQL["handovers"]):
        for key in found:
            try:
                new, _, old = key.text(note).splitlines()
            except (BadNote, ValueError):
                continue
            if new == str(key):
                found.append(Verifier.read(old))
                break
    return tuple(found)
