"""Opening a programme: a form in which every figure of the policy has its default and says what it decides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.acting import acting
from api.doing import Doing
from api.forms import Sent, SentForm
from api.pages.acts import STATUS, explained
from api.web.act_forms import Field
from api.web.policy_words import GROUPS, ROWS
from api.web.render import page
from domain.policy import Policy

ADDRESS, FACT = "/new-programme", "mentoring.programme.opened"
DEFAULTS = {name: str(value) for name, value in asdict(Policy()).items()}
FIELDS = (
    Field("name", "Name", hint="As people call it, such as Leaders 2026."),
    Field("id", "Id", hint="How other systems name it: letters, digits, dots and dashes. It never changes."),
    Field("purpose", "Purpose", "text", "What the organisation wants of it; it heads the report."),
    Field("starts_on", "Starts on", "day", "No pairing begins before."),
    Field("timezone", "Time zone", hint="A name of the IANA’s list, such as Europe/Berlin: when a day begins there."),
    Field(
        "competencies",
        "Competencies",
        "text",
        "What protégés are assessed in, one a line. An id of your own may come first: negotiation: Negotiating.",
    ),
)
LABELS = {
    **{field.name: field.label for field in FIELDS},
    "subject": "Id",
    **{f"policy.{name}": row.label for name, row in ROWS.items()},
}


def router(doing: Doing) -> APIRouter:
    """The form, and what becomes of it."""
    routes = APIRouter()

    @routes.get(ADDRESS)
    def form() -> Response:
        return shown({"timezone": "UTC"})

    @routes.post(ADDRESS)
    def send(request: Request, typed: SentForm) -> Response:
        told = doing.do(acting(request), typed.get("form"), FACT, typed.get("id"), data_of(typed))
        if told.done:
            return RedirectResponse(f"/programmes/{typed.get('id')}", 303)
        said, wrong = explained(told, LABELS)
        # several faults of one list are told at the one field in which it is typed
        for path in list(wrong):
            wrong.setdefault(re.split(r"[\[.]", path)[0], wrong[path])
        if "subject" in wrong:
            wrong["id"] = wrong["subject"]
        return shown(typed.fields, said, wrong, STATUS[told.disposition])

    def shown(
        typed: Mapping[str, str], told: str | None = None, wrong: Mapping[str, str] | None = None, status: int = 200
    ) -> Response:
        html = page(
            "new_programme.html",
            fields=FIELDS,
            groups=GROUPS,
            defaults=DEFAULTS,
            typed=typed,
            told=told,
            wrong=wrong or {},
            form_id=doing.form_id(),
        )
        return HTMLResponse(html, status)

    return routes


def data_of(typed: Sent) -> dict[str, Any]:
    """What the fact says; of the policy only what differs from its default."""
    data: dict[str, Any] = {
        name: typed.get(name) for name in ("name", "purpose", "starts_on", "timezone") if typed.get(name)
    }
    policy = {
        name: whole(typed.get(f"policy.{name}"), row.choices)
        for name, row in ROWS.items()
        if typed.get(f"policy.{name}") not in ("", DEFAULTS[name])
    }
    if policy:
        data["policy"] = policy
    if typed.get("competencies"):
        data["competencies"] = competencies(typed.get("competencies"))
    return data


def whole(text: str, choices: tuple[str, ...]) -> int | str:
    """A figure as a number; what is none stays as it was typed, and is told."""
    return int(text) if not choices and text.isascii() and text.isdigit() and len(text) < 10 else text


def competencies(text: str) -> list[dict[str, str]]:
    """One a line: a name, or an id and a name."""
    found = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        given, colon, name = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", given.strip()):
            found.append({"id": given.strip(), "name": name.strip()})
        else:
            found.append({"id": id_of(line) or f"competency-{number}", "name": line.strip()})
    return found


def id_of(name: str) -> str:
    """An id made of a name: its letters without accents, joined by dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64]
