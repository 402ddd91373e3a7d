"""Templates into pages, always escaped; the same for the service and for `pairway report`."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.web import words
from api.web.places import PLACES, WAYS

STATIC = Path(__file__).parent / "static"


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters.update(
        words=words.words,
        sentence=words.sentence,
        fact_words=words.fact_words,
        figure=words.figure,
        share=words.share,
        signed=words.signed,
        mean=words.mean,
        day=words.day,
        moment=words.moment,
        slices=words.slices,
        grouped=words.grouped,
        short=words.short,
        plainly=words.plainly,
        month=words.month,
        month_short=words.month_short,
    )
    templates.globals.update(MEANINGS=words.MEANINGS, PLACES=PLACES, WAYS=WAYS, part=words.part, version=_version())
    return templates


def _version() -> str:
    """Changes whenever a static file does, so that browsers may keep what they have."""
    digest = hashlib.sha256()
    for path in sorted(each for each in STATIC.rglob("*") if each.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def page(template: str, **shown: Any) -> str:
    """A page of the service; its style sheet is a file of its own."""
    return _templates().get_template(template).render(inline_style=None, **shown)


def document(template: str, **shown: Any) -> str:
    """The same page as one file that needs no service: the style is inside, and nothing leads elsewhere."""
    style = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("pairway.css", "report.css"))
    safe = Markup(style)  # noqa: S704 - the style sheets are our own files and hold no </style>
    return _templates().get_template(template).render(inline_style=safe, **shown)
