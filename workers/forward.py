"""Time moves on for some pairings, but not for those whose import is open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import structlog

from eventstore.rows import Held

log = structlog.get_logger(__name__)


class Deciding(Protocol):
    """The shell around the core, as far as time is concerned."""

    def bring_forward(self, pairings: Collection[str], instant: datetime) -> int:
        """Records what time alone causes in these pairings; raises Held while an import of theirs is open."""
        ...


def brought_forward(deciding: Deciding, pairings: Collection[str], instant: datetime) -> int:
    """Brings them forward together; where an import holds some, each by itself, and those have to wait."""
    try:
        return deciding.bring_forward(pairings, instant)
    except Held as held:
        log.info("not now: an import is open", programmes=list(held.programmes))
        if len(pairings) == 1:
            return 0
    events = 0
    for pairing in pairings:
        try:
            events += deciding.bring_forward([pairing], instant)
        except Held:
            continue
    return events
