"""The demo year: made up once beside the data, then taken in as any other log, up to today."""

from __future__ import annotations

import json
import os
import threading
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from eventstore import imports
from pairway.faults import Fault
from pairway.generate import ZONE, facts
from pairway.importing import Counts, take_log
from pairway.progress import Tell, progress
from pairway.sweeping import sweep
from pairway.wiring import Parts

PAIRINGS, MONTHS, SEED = 120, 12, 2026
FILE = "demo.ndjson"


def load_demo(parts: Parts, stop: threading.Event) -> None:
    """Loads the demo unless it is there; one that was interrupted goes on where it stopped."""
    path = parts.settings.data.expanduser().resolve() / FILE
    _make(path, parts.now().astimezone(ZoneInfo(ZONE)).date())
    if not _is_loaded(parts, path):
        size = path.stat().st_size
        with path.open("rb") as file, progress("loading the demo year", size) as tell:
            take_log(parts, file, path, None, lambda so_far, read: _tell(tell, so_far, read, stop))
    if stop.is_set():
        return
    with progress("bringing it to today") as tell:
        sweep(parts, parts.now(), lambda swept: tell(swept.pairings, f"{swept.pairings:,} pairings"))


def _make(path: Path, ending: date) -> None:
    """Makes the log up, whole or not at all; one that is there stays as it is, so that it can be gone on with."""
    if path.exists():
        return
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.writelines(line + b"\n" for line in facts(PAIRINGS, MONTHS, SEED, ending))
        beside.rename(path)
    except OSError as error:
        raise Fault(f"The demo's log cannot be written to {path}: {error.strerror}.") from error


def _is_loaded(parts: Parts, path: Path) -> bool:
    """Whether its programme is in the record and no import of it was left open."""
    with path.open("rb") as file:
        opened = json.loads(file.readline())
    begun = any(each.name == str(path) for each in imports.open_imports(parts.pool))
    return not begun and bool(parts.store.read_stream(f"programme-{opened['subject']}", limit=1))


def _tell(tell: Tell, so_far: Counts, read: int, stop: threading.Event) -> None:
    if stop.is_set():
        # between two batches, so that it goes on from here the next time
        raise KeyboardInterrupt
    tell(read, f"{so_far.facts:,} facts")
