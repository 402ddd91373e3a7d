"""The record's own tests go behind its back, too: their connections are the owner's (test_roles has the others)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eventstore.pool import Pool, open_pool


@pytest.fixture
def pool(database_url: str) -> Iterator[Pool]:
    """Connections with the rights of the owner, who is superuser here."""
    with open_pool(database_url, name="pairway test") as opened:
        yield opened
