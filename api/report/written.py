"""How a cell of the report is written for people, on the page and on paper alike."""

from __future__ import annotations

from api.report.tables import Cell
from api.web import words

WITHHELD = "•"
"""Where a figure is withheld from management."""


def written(cell: Cell) -> str:
    """The cell as text: a dot where it is withheld, a dash where there is nothing."""
    value = cell.value
    if cell.withheld:
        return WITHHELD
    if value is None:
        return words.NOTHING
    match cell.kind:
        case "share":
            return words.share(value)
        case "mean":
            return words.mean(value)
        case "change":
            return words.signed(value)
        case "percent":
            return f"{words.figure(value)} %"
        case "month":
            return f"{value:%b %Y}"
        case "count" | "days":
            return words.figure(value)
    return str(value)


def is_number(kind: str) -> bool:
    """Whether cells of this kind stand to the right, under each other."""
    return kind in ("", "count", "share", "mean", "change", "percent", "days")
