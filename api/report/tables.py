"""What a section of the report is made of: columns that say where a figure stands, rows, and cells of a kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from api.web.words import words
from domain.report_parts import ratio

Document = Mapping[str, Any]


class Row(NamedTuple):
    """A row before its cells are read: the `code` by which it is known, its `heads` in words, its node and where
    that stands in the document; `kind` and `per` where they are the row's own and not the column's."""

    code: str
    heads: tuple[str | date, ...]
    node: Any
    path: str
    kind: str = ""
    per: str = ""


class Line(NamedTuple):
    """A single figure: where it stands, what it is called, its kind, and of what its share is told."""

    path: str
    title: str
    kind: str = "count"
    per: str = ""


class Column(NamedTuple):
    """`at`: where its figure stands in a row's node, or what finds it; `per`: the figure that it is a share of, in the
    row or, after a slash, in the document; `group` stands over several; `board`: by what the board finds who is behind.
    """

    title: str
    kind: str = "count"
    at: str | Callable[[Any], Any] = ""
    per: str = ""
    group: str = ""
    board: str = ""


class Cell(NamedTuple):
    """A figure or a text: `path` says where it stands, or how it was worked out."""

    value: Any
    kind: str
    path: str = ""
    withheld: bool = False
    board: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section as it is described. `says` explains its figures; `heads` are the titles of the leading texts;
    `long`: too long for paper; `place`: `tiles`, `half`, `wide` or `said`; `only_if`: the part that it needs."""

    code: str
    title: str
    says: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Callable[[Document], Iterable[Row]]
    place: str = "half"
    long: bool = False
    empty: str = "Nothing yet."
    only_if: str = ""


class Filled(NamedTuple):
    """A row with its cells, the heads among them."""

    code: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A section as it stands in one report; `columns` are those of the heads and of the figures."""

    section: Section
    columns: tuple[Column, ...]
    rows: tuple[Filled, ...]
    heads: int


def at(node: Any, path: str) -> Any:
    """What stands at a path such as `steps[0].completed`; none where nothing does."""
    for name, place in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        if place:
            node = node[int(place)] if isinstance(node, list) and int(place) < len(node) else None
        else:
            node = node.get(name) if isinstance(node, Mapping) else None
    return node


def joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def filled(section: Section, document: Document, withheld: frozenset[str]) -> Table:
    """The section's table in this report."""
    heads = tuple(Column(title, "text") for title in section.heads)
    rows = tuple(
        Filled(
            row.code,
            (
                *(Cell(head, "month" if isinstance(head, date) else "text") for head in row.heads),
                *(_cell(column, row, document, withheld) for column in section.columns),
            ),
        )
        for row in section.rows(document)
    )
    return Table(section, (*heads, *section.columns), rows, len(heads))


def _cell(column: Column, row: Row, document: Document, withheld: frozenset[str]) -> Cell:
    kind = column.kind or row.kind
    per = column.per or row.per if column.kind == "share" else ""
    board = f"{column.board}={row.code}" if column.board else ""
    if callable(column.at):
        found = column.at(row.node)
        path = f"{row.path}: {column.title}"
        return Cell(found, kind, path, found is None and _any(withheld, row.path))
    path = joined(row.path, column.at)
    value = at(row.node, column.at) if column.at else row.node
    if column.kind != "share" or not (column.per or row.per):
        if column.kind == "share" and not column.at:
            return Cell(None, kind)  # this row has no share
        return Cell(value, kind, path, path in withheld, board)
    whole_path = per[1:] if per.startswith("/") else joined(row.path, per)
    whole = at(document, whole_path)
    shown = ratio(value, whole) if value is not None and whole else None
    return Cell(shown, kind, f"{path} / {whole_path}", bool({path, whole_path} & withheld))


def _any(withheld: frozenset[str], below: str) -> bool:
    return any(path.startswith(below) for path in withheld)


def side_by_side(found: Iterable[Table]) -> Iterator[list[Table]]:
    """The tables in order, two narrow ones beside each other."""
    waiting: list[Table] = []
    for table in found:
        match table.section.place:
            case "half":
                waiting.append(table)
                if len(waiting) < 2:
                    continue
                yield waiting
            case "wide":
                if waiting:
                    yield waiting
                yield [table]
            case _:
                continue
        waiting = []
    if waiting:
        yield waiting


# Where rows come from


def listed(path: str, code: str, head: Callable[[Any], str] | None = None) -> Callable[[Document], list[Row]]:
    """A row for each of a list; `code` is the field by which it is known."""

    def rows(document: Document) -> list[Row]:
        return [
            Row(str(node[code]), (head(node) if head else words(node[code]),), node, f"{path}[{place}]")
            for place, node in enumerate(at(document, path) or ())
        ]

    return rows


def mapped(*sources: tuple[str, str]) -> Callable[[Document], list[Row]]:
    """A row for each name in a mapping, or in several, each then with a word before it."""

    def rows(document: Document) -> list[Row]:
        return [
            Row(
                f"{path}.{code}" if word else code,
                (word, words(code)) if word else (words(code),),
                node,
                f"{path}.{code}",
            )
            for word, path in sources
            for code, node in (at(document, path) or {}).items()
        ]

    return rows


def lines(*wanted: Line) -> Callable[[Document], list[Row]]:
    """A row for each single figure."""

    def rows(document: Document) -> list[Row]:
        return [
            Row(line.path, (line.title,), at(document, line.path), line.path, line.kind, line.per) for line in wanted
        ]

    return rows


def texts(*sources: tuple[str, str]) -> Callable[[Document], Sequence[Row]]:
    """A row for each text in several lists."""

    def rows(document: Document) -> list[Row]:
        return [
            Row(f"{path}[{place}]", (word,), text, f"{path}[{place}]")
            for word, path in sources
            for place, text in enumerate(at(document, path) or ())
        ]

    return rows
