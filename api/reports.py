"""The report in the formats that can be asked for, and which one an Accept header wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.answers import JSON, json_bytes
from api.problems import Problem
from api.report.page import as_page

HTML = "text/html"
_ENDINGS = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    JSON: "json",
    HTML: "html",
}
Writers = Mapping[str, Callable[[dict[str, Any]], bytes]]


def available(writers: Writers) -> list[str]:
    """Every format, the one for who has no wish first."""
    return [JSON, HTML, *writers]


def described(writers: Writers) -> dict[str, Any]:
    """The formats other than JSON, for the OpenAPI."""
    return {media: {"schema": {"type": "string"}} for media in available(writers)[1:]}


def chosen(accept: str | None, writers: Writers) -> str:
    """The format that is wanted most among those there are; a problem where none is."""
    formats = available(writers)
    if not accept or not accept.strip():
        return formats[0]
    ranges = [_range(each) for each in accept.split(",")]
    ranked = {media: _wish(media, ranges) for media in formats}
    best = max(formats, key=lambda media: ranked[media])
    if ranked[best] <= 0:
        raise Problem("not-acceptable", f"The report is to be had as {', '.join(formats)}.", available=formats)
    return best


def _range(text: str) -> tuple[str, float]:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    wish = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                wish = min(max(float(value), 0.0), 1.0)
            except ValueError:
                wish = 0.0
    return media, wish


def _wish(media: str, ranges: list[tuple[str, float]]) -> float:
    """What the most specific range that fits says."""
    for fits in (media, media.split("/")[0] + "/*", "*/*"):
        for found, wish in ranges:
            if found == fits:
                return wish
    return 0.0


def by_ending(writers: Writers) -> dict[str, str]:
    """The formats that are files, by how their names end."""
    there = available(writers)
    return {ending: media for media, ending in _ENDINGS.items() if media in there}


def rendered(report: dict[str, Any], media: str, writers: Writers) -> bytes:
    """The report in one of its formats."""
    if media == JSON:
        return json_bytes(report)
    if media == HTML:
        return as_page(report, files=by_ending(writers)).encode()
    return writers[media](report)
