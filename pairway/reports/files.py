"""The files that the service can make of a report; whoever wants JSON alone need not load what makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pairway.reports import csv, pdf, xlsx

FILES: Mapping[str, Callable[[dict[str, Any]], bytes]] = {
    "application/pdf": pdf.render,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": xlsx.render,
    "text/csv": csv.render,
}
"""What the service can write beside JSON and HTML, by media type."""
