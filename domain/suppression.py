"""What management is not shown: figures over so few pairings or people that they would point at somebody.

A figure is withheld where fewer than `suppress_below` pairings or people stand behind it, none included. What
could be worked out again from what is left is withheld with it: in a breakdown that adds up to a figure that
is shown, the next smallest; and a figure that stands in several places is withheld in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Number = int | float | None


class Figure(NamedTuple):
    """A figure of the report, and how many pairings or people stand behind it."""

    value: Number
    over: int


class Breakdown(NamedTuple):
    """Paths of figures that add up to the figure at `total`."""

    total: str
    parts: tuple[str, ...]


def in_full(document: Any) -> Any:
    """The document with every figure as its value, for the MPM."""
    return _rendered(document, frozenset(), "")


def suppressed(
    document: Mapping[str, Any],
    below: int,
    breakdowns: Sequence[Breakdown],
    same: Sequence[tuple[str, ...]],
) -> dict[str, Any]:
    """The document for management: what is withheld is null, and listed by its path under `suppressed`.

    `same` holds paths of figures of which each tells the others.
    """
    figures = dict(_figures(document, ""))
    withheld = {path for path, figure in figures.items() if figure.over < below}
    while more := _given_away(figures, withheld, below, breakdowns, same):
        withheld |= more
    shown: dict[str, Any] = _rendered(document, withheld, "")
    shown["suppressed"] = [path for path in figures if path in withheld]
    return shown


def _given_away(
    figures: Mapping[str, Figure],
    withheld: set[str],
    below: int,
    breakdowns: Sequence[Breakdown],
    same: Sequence[tuple[str, ...]],
) -> set[str]:
    """What has to be withheld too, because it tells what is withheld already."""
    for paths in same:
        if not withheld.isdisjoint(paths) and (more := set(paths) - withheld):
            return more
    for total, parts in breakdowns:
        if (path := _next_smallest(figures, withheld, below, total, parts)) is not None:
            return {path}
    return set()


def _next_smallest(
    figures: Mapping[str, Figure], withheld: set[str], below: int, total: str, parts: tuple[str, ...]
) -> str | None:
    hidden = [path for path in parts if path in withheld]
    shown = [path for path in parts if path not in withheld]
    if not shown:
        return None
    if total in withheld:
        # The parts that are shown must not add up to the total that is not.
        needed = not hidden
    else:
        # What the shown parts leave of the total must hide more than one figure, and not be over few itself.
        rest = sum(figures[path].value or 0 for path in hidden)
        needed = len(hidden) == 1 or 0 < rest < below
    return min(shown, key=lambda path: figures[path].value or 0) if needed else None


def _figures(node: Any, path: str) -> Iterator[tuple[str, Figure]]:
    if isinstance(node, Figure):
        yield path, node
    elif isinstance(node, dict):
        for name, inner in node.items():
            yield from _figures(inner, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from _figures(inner, f"{path}[{place}]")


def _rendered(node: Any, withheld: set[str] | frozenset[str], path: str) -> Any:
    if isinstance(node, Figure):
        return None if path in withheld else node.value
    if isinstance(node, dict):
        return {name: _rendered(inner, withheld, f"{path}.{name}" if path else name) for name, inner in node.items()}
    if isinstance(node, list):
        return [_rendered(inner, withheld, f"{path}[{place}]") for place, inner in enumerate(node)]
    return node
