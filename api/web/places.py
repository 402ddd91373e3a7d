"""The navigation of a programme: a place is named here once its page is there."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """`ending`: what follows `/programmes/{id}` in its address."""

    code: str
    name: str
    ending: str


PLACES = (
    Place("overview", "Overview", ""),
    Place("board", "Board", "/board"),
    Place("report", "Report", "/report"),
    Place("acts", "Acts", "/acts"),
    Place("inbox", "Inbox", "/inbox"),
)


class Way(NamedTuple):
    """A page of no one programme."""

    code: str
    name: str
    address: str


WAYS = (
    Way("inbox", "Inbox", "/inbox"),
    Way("import", "Import", "/import"),
    Way("new-programme", "Open a programme", "/new-programme"),
)
