"""Tables as CSV that a spreadsheet opens without running anything that somebody wrote."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

# What a spreadsheet takes for the beginning of a formula.
_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutral(value: object) -> str:
    """A cell that is only ever read: a text that could be a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_STARTS) else text


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table with its heading, in UTF-8 that a spreadsheet knows as such."""
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(heading)
    out.writerows([neutral(value) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig", "replace")
