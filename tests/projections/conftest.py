"""A record of its own for every test of the read models."""

from __future__ import annotations

import pytest

from eventstore.pool import Pool
from tests.projections.record import Record, open_record


@pytest.fixture
def record(pool: Pool) -> Record:
    return open_record(pool)
