"""The report as CSV: a line a figure, named by its path, for spreadsheets and scripts alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

# A spreadsheet takes a cell that begins so for a formula, and what people wrote must not become one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(report: Mapping[str, Any]) -> bytes:
    """`figure,value` lines in UTF-8 with a byte order mark; what is withheld or has nothing to divide by is empty."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(("figure", "value"))
    lines.writerows((_cell(path), _cell(value)) for path, value in _figures(report, ""))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _figures(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping):
        for name, inner in node.items():
            yield from _figures(inner, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from _figures(inner, f"{path}[{place}]")
    else:
        yield path, node


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
