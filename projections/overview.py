"""The overview of a programme, kept while the board moves on: what it costs is what has changed since it was asked."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any

from domain.marks import Mark
from domain.overview import Tally
from eventstore.pool import Pool
from projections.blobs import unpack_marks
from projections.read import SQL

MOST = 16  # programmes kept; ten thousand pairings take some 20 MB


@dataclass(slots=True)
class _Kept:
    """The marks of one programme as of a position of one table of the board."""

    lock: Lock = field(default_factory=Lock)
    number: int = 0
    position: int = -1
    marks: dict[str, Mark] = field(default_factory=dict)
    tally: Tally | None = None
    figures: dict[str, Any] = field(default_factory=dict)


class Overviews:
    """Asks the board for what changed, and counts it in. Holds figures alone: no name, and nothing anybody wrote."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = Lock()

    def figures(self, programme: str, today: date) -> dict[str, Any]:
        """Every figure of the overview; shared by all who ask, so not to be changed."""
        kept = self._of(programme)
        with kept.lock:
            changed = self._bring_up(kept, programme)
            tally = kept.tally
            if tally is None or tally.today != today:
                tally = kept.tally = Tally(today, kept.marks.values())
                changed = True
            if changed or not kept.figures:
                kept.figures = tally.figures()
            return kept.figures

    def marks(self, programme: str) -> Collection[Mark]:
        """Every pairing of a programme in these figures."""
        kept = self._of(programme)
        with kept.lock:
            self._bring_up(kept, programme)
            return list(kept.marks.values())

    def _of(self, programme: str) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(programme, _Kept())
            self._kept.move_to_end(programme)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return kept

    def _bring_up(self, kept: _Kept, programme: str) -> bool:
        """Reads the rows that were written since; whether there were any."""
        with self._pool.connection() as conn, conn.transaction():
            conn.execute(SQL["one_moment"])
            number, position = conn.execute(SQL["board_standing"], binary=True).fetchone() or (0, 0)
            if (number, position) == (kept.number, kept.position):
                return False
            if number != kept.number:
                # made anew: its rows may be others even where their positions are not
                kept.position, kept.marks, kept.tally = -1, {}, None
            found = conn.execute(SQL["marks"], (programme, kept.position), binary=True).fetchone()
        kept.number, kept.position = number, position
        changed = [] if found is None else _unpacked(*found)
        for one in changed:
            if kept.tally is not None:
                if one.pairing in kept.marks:
                    kept.tally.count(kept.marks[one.pairing], -1)
                kept.tally.count(one, 1)
            kept.marks[one.pairing] = one
        return bool(changed)


def _unpacked(number: int, packed: bytes) -> list[Mark]:
    """No garbage is among them, and looking for it would take as long as reading them."""
    was = gc.isenabled()
    gc.disable()
    try:
        return unpack_marks(number, packed)
    finally:
        if was:
            gc.enable()
