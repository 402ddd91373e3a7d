"""What is hashed of an event: every column, spelt in one way for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore import leaf, merkle
from eventstore.leaf import Row
from eventstore.pool import Pool
from eventstore.store import Store
from tests.eventstore.proving import behind_its_back, write

ROW = Row(
    position=7,
    seq=9,
    xid=745,
    version=2,
    at=datetime(2025, 3, 4, 12, 30, tzinfo=UTC),
    recorded_at=datetime(2025, 3, 4, 12, 30, 1, 5, tzinfo=UTC),
    stream="pairing-p1",
    programme="leaders",
    type="MeetingHeld",
    actor="upstream",
    cause_source="/hr",
    cause_id="f-1",
    correlation=None,
    data=b'{"held_on":"2025-03-04"}',
)


def test_an_entry_is_spelt_as_the_page_says() -> None:
    """The spelling of the first release: a change of it would make every proof ever given worthless."""
    assert leaf.entry(ROW) == b"".join(
        [
            b"pairway event 1\n",
            bytes.fromhex("00000008 0000000000000007"),
            bytes.fromhex("00000008 0000000000000009"),
            bytes.fromhex("00000008 00000000000002e9"),
            bytes.fromhex("00000004 00000002"),
            bytes.fromhex("00000008 0002d28233334200"),
            bytes.fromhex("00000008 0002d28233428445"),
            b"\0\0\0\x0apairing-p1\0\0\0\x07leaders\0\0\0\x0bMeetingHeld\0\0\0\x08upstream\0\0\0\x03/hr\0\0\0\x03f-1",
            b"\xff\xff\xff\xff",
            sha256(ROW.data).digest(),
        ]
    )
    assert merkle.leaf_hash(leaf.entry(ROW)).hex() == "8d3f22dcc4a7f132c686c2ea7ceab50d8f0958e81219eacd233904804e34d5ff"


def test_every_column_of_an_event_is_in_it(pool: Pool) -> None:
    with pool.connection() as conn:
        rows = conn.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'pairway' AND table_name = 'event'"
        ).fetchall()
    assert {row[0] for row in rows} | {"position"} == {*leaf.NUMBERS, *leaf.TEXTS, "data"} == set(Row.__struct_fields__)


def test_a_row_is_hashed_as_it_leaves_the_database(store: Store, pool: Pool, database_url: str) -> None:
    write(store, 30)
    with behind_its_back(database_url) as conn:
        conn.execute("UPDATE pairway.event SET correlation = 'größer', data = '' WHERE seq % 3 = 0")
        conn.execute("UPDATE pairway.event SET at = '1815-12-10 00:00:00.000001+00' WHERE seq % 5 = 0")
    with pool.connection() as conn:
        copied = list(leaf.copied(conn, "rows", {"after": 0, "until": 30}))
        events = store.read(0, 30)
        xids: dict[int, int] = dict(conn.execute("SELECT seq, xid::text::bigint FROM pairway.event").fetchall())
        assert list(leaf.copied(conn, "rows", {"after": 30, "until": 40})) == []
    assert len(copied) == 30
    for row, event in zip(copied, events, strict=True):
        read = leaf.unpack(row)
        assert read == Row(xid=xids[event.seq], **msgspec.structs.asdict(event))
        assert leaf.entry(read) == leaf.entry_of(row)
        assert leaf.place(row) == (
            event.position,
            event.version,
            event.stream.encode(),
            merkle.leaf_hash(leaf.entry(read)),
        )


def test_a_row_with_a_hole_is_told_by_its_position(store: Store, pool: Pool, database_url: str) -> None:
    write(store, 12)
    with behind_its_back(database_url) as conn:
        for column in ("version", "data", "stream", "recorded_at", "actor"):
            conn.execute(f"ALTER TABLE pairway.event ALTER {column} DROP NOT NULL".encode())
        conn.execute("UPDATE pairway.event SET version = NULL WHERE seq = 2")
        conn.execute("UPDATE pairway.event SET data = NULL WHERE seq = 3")
        conn.execute("UPDATE pairway.event SET recorded_at = NULL WHERE seq = 4")
        conn.execute("UPDATE pairway.event SET actor = NULL WHERE seq = 5")
        conn.execute("DELETE FROM pairway.event WHERE seq = 6")
    with pool.connection() as conn:
        rows = list(leaf.copied(conn, "rows", {"after": 0, "until": 12}))
    assert len(rows) == 12
    for position in (2, 3, 4, 5, 6):
        with pytest.raises(leaf.Unreadable, match=rf"Position {position} "):
            leaf.unpack(rows[position - 1])
    for position in (2, 3, 6):
        with pytest.raises(leaf.Unreadable, match=rf"Position {position} "):
            leaf.place(rows[position - 1])


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
NUMBER = st.integers(1, 2**40)
INSTANT = st.integers(-(2**50), 2**50).map(
    lambda micros: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
FIELDS = {
    **dict.fromkeys(("position", "seq", "xid"), NUMBER),
    "version": st.integers(1, 2**31 - 1),
    **dict.fromkeys(("at", "recorded_at"), INSTANT),
    **dict.fromkeys(leaf.TEXTS, TEXT),
    "correlation": TEXT | st.none(),
    "data": st.binary(max_size=6),
}
ROWS = st.builds(Row, **FIELDS)


@given(ROWS, ROWS)
def test_two_events_that_differ_have_two_entries(one: Row, other: Row) -> None:
    assert (leaf.entry(one) == leaf.entry(other)) == (one == other)


@given(ROWS, st.sampled_from([*leaf.TEXTS[:-1]]), st.integers(0, 5))
def test_a_text_cannot_reach_into_the_next(row: Row, field: str, at: int) -> None:
    after = leaf.TEXTS[leaf.TEXTS.index(field) + 1]
    both = getattr(row, field) + (getattr(row, after) or "")
    moved = msgspec.structs.replace(row, **{field: both[:at], after: both[at:]})
    assert (leaf.entry(row) == leaf.entry(moved)) == (row == moved)


def test_the_numbers_of_the_driver_are_those_of_the_entry(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        found = conn.execute("SELECT timestamptz '2025-03-04 12:30:01.000005+00'", binary=True).fetchone()
    assert found is not None
    assert found[0] == ROW.recorded_at
