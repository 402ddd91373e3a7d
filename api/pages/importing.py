"""Importing a file of facts from a browser: first a look at what it would do, then, if that is wanted, doing it."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.doing import Doing
from api.facts import Take
from api.forms import SentForm
from api.needs import Outcome
from api.pages.console import Console
from api.problems import Problem
from api.web.render import page
from api.web.words import sentence

ADDRESS = "/import"
MOST_FACTS, MOST_BYTES = 10_000, 4 * 1024 * 1024
MOST_SHOWN = 200
DISPOSITIONS = ("accepted", "parked", "refused", "invalid", "duplicate")
MEANS = {
    "accepted": "It is recorded.",
    "parked": "It waits for a later step, or for whom or what it is about, and is tried again by itself.",
    "refused": "The rules say no. It is kept with the reason.",
    "invalid": "It does not fit. A corrected one may come under the same id.",
    "duplicate": "The same fact came before; nothing more happens.",
}


class Line(NamedTuple):
    """A fact of the file, and where it stands there."""

    number: int
    fact: bytes


def lines_of(file: bytes) -> list[Line]:
    """The lines that are not blank, with their numbers."""
    lines = file.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [Line(number, line.rstrip(b"\r")) for number, line in enumerate(lines, start=1) if line.strip()]


def router(console: Console, doing: Doing, take: Take) -> APIRouter:
    """The page, what a file would do, and doing it."""
    routes = APIRouter()
    needs = console.needs

    @routes.get(ADDRESS)
    def begin(request: Request) -> Response:
        asked = {each: request.query_params.get(each, "") for each in DISPOSITIONS}
        return shown(done={each: int(told) for each, told in asked.items() if re.fullmatch("[0-9]{1,7}", told)})

    @routes.post(ADDRESS)
    def look(typed: SentForm) -> Response:
        file = typed.files.get("file", b"")
        lines = lines_of(file)
        if (trouble := _trouble(file, lines)) is not None:
            return shown(trouble=trouble, status=422)
        outcomes = needs.foresee([line.fact for line in lines])
        return shown(foreseen=_foreseen(lines, outcomes), file=urlsafe_b64encode(file).decode())

    @routes.post(f"{ADDRESS}/record")
    def record(typed: SentForm) -> Response:
        if needs.form_ids.fact_id(typed.get("form")) is None:
            raise Problem("cross-origin", "This form was not made by this service: choose the file again.")
        try:
            file = urlsafe_b64decode(typed.get("facts"))
        except (binascii.Error, ValueError):
            return shown(trouble="The file did not come through whole: choose it again.", status=422)
        lines = lines_of(file)
        if (trouble := _trouble(file, lines)) is not None:
            return shown(trouble=trouble, status=422)
        outcomes = take([line.fact for line in lines])
        counts = Counter(outcome.disposition for outcome in outcomes)
        return RedirectResponse(f"{ADDRESS}?{urlencode(counts)}", 303)

    def shown(
        *,
        foreseen: Mapping[str, Any] | None = None,
        file: str = "",
        trouble: str | None = None,
        done: Mapping[str, int] | None = None,
        status: int = 200,
    ) -> Response:
        html = page(
            "import.html",
            foreseen=foreseen,
            file=file,
            trouble=trouble,
            done=done or {},
            means=MEANS,
            most_facts=MOST_FACTS,
            most_mebibytes=MOST_BYTES // 1024 // 1024,
            form_id=doing.form_id(),
        )
        return HTMLResponse(html, status)

    return routes


def _trouble(file: bytes, lines: Sequence[Line]) -> str | None:
    """Why this file is not taken here, in a sentence."""
    if len(file) > MOST_BYTES or len(lines) > MOST_FACTS:
        return (
            f"A file of at most {MOST_FACTS:,} facts and {MOST_BYTES // 1024 // 1024} MiB is taken here; this one has "
            f"{len(lines):,} facts in {len(file) / 1024 / 1024:.1f} MiB. For a larger one use `pairway import FILE`."
        )
    if not lines:
        return "There is no fact in this file: choose one with a CloudEvent in JSON on each line."
    return None


def _foreseen(lines: Sequence[Line], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What the file would do: counts, by type too, and each fact that would not be accepted with its line."""
    counts = Counter(outcome.disposition for outcome in outcomes)
    kinds: dict[str, Counter[str]] = {}
    rest = []
    for line, outcome in zip(lines, outcomes, strict=True):
        kinds.setdefault(outcome.type or "", Counter())[outcome.disposition] += 1
        if outcome.disposition not in ("accepted", "duplicate"):
            said = [f"{error.field or 'it'} {error.reason}" for error in outcome.errors[:3]]
            why = "; ".join(said) if said else outcome.reason or ""
            rest.append((line.number, outcome.disposition, outcome.type, outcome.subject, sentence(why) if why else ""))
    rest.sort(key=lambda one: (-DISPOSITIONS.index(one[1]), one[0]))
    return {
        "facts": len(lines),
        "counts": {each: counts[each] for each in DISPOSITIONS},
        "kinds": sorted(kinds.items()),
        "rest": rest[:MOST_SHOWN],
        "rest_count": len(rest),
    }
