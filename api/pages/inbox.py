"""The inbox: what waits, what was refused and what did not fit, with the reasons, and trying it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import ConfigDict
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.asks import IdText, Position, ProgrammeId, Text
from api.facts import Arrival, row_of
from api.forms import Sent, SentForm
from api.may_see import shown_fact
from api.needs import Needs
from api.pages.console import Console, Form
from api.problems import Problem
from api.programmes import known
from api.retrying import Retrying
from api.web.render import page
from api.web.words import sentence
from domain import wire
from eventstore import inbox
from eventstore.inbox import InboxRow

ADDRESS = "/inbox"
DISPOSITIONS = ("parked", "refused", "invalid")
SIZE = 50
MOST_TRIED = 1000
MOST_SOURCES = 30
LONGEST_SHOWN = 600
# What becomes of a fact that is tried again, in a sentence.
AFTER = {
    "accepted": "The fact was accepted.",
    "parked": "It still waits.",
    "refused": "It was refused.",
    "invalid": "It still does not fit. Send a corrected one under the same id.",
    "duplicate": "A corrected one came meanwhile.",
}


class AskInboxPage(Form):
    model_config = ConfigDict(extra="forbid")
    disposition: Literal["parked", "refused", "invalid"] | None = None
    source: Text | None = None
    programme: IdText | None = None
    before: Position | None = None
    tried: Position | None = None
    taken: Position | None = None


class AskFactPage(Form):
    model_config = ConfigDict(extra="forbid")
    now: Literal["accepted", "parked", "refused", "invalid", "duplicate"] | None = None


def router(console: Console, retrying: Retrying) -> APIRouter:
    """The inbox of all programmes, and of one."""
    routes = APIRouter()
    needs, trail = console.needs, console.trail

    @routes.get(ADDRESS)
    def everywhere(ask: Annotated[AskInboxPage, Query()]) -> Response:
        return shown(ask, ADDRESS, None)

    @routes.get("/programmes/{programme}/inbox")
    def of_one(programme: ProgrammeId, ask: Annotated[AskInboxPage, Query()]) -> Response:
        found = known(console.reader, programme)
        here = {"id": programme, "name": found.programme.name}
        return shown(ask.model_copy(update={"programme": programme}), f"/programmes/{programme}/inbox", here)

    def shown(ask: AskInboxPage, address: str, programme: dict[str, str] | None) -> Response:
        rows = inbox.page(
            needs.pool,
            disposition=ask.disposition,
            programme=ask.programme,
            source=ask.source,
            unsettled=True,
            before=ask.before,
            limit=SIZE + 1,
        )
        asked = {"disposition": ask.disposition, "source": ask.source}
        if programme is None:
            asked["programme"] = ask.programme
        asked = {name: value for name, value in asked.items() if value is not None}

        def at(**more: object) -> str:
            query = {name: value for name, value in {**asked, **more}.items() if value}
            return f"{address}?{urlencode(query)}" if query else address

        counts = by_source(inbox.by_source(needs.pool, ask.programme))
        return HTMLResponse(
            page(
                "inbox.html",
                programme=programme,
                programmes=[] if programme else [each.programme.id for each in console.reader.programmes()],
                rows=[{**shown_row(row), "received_at": received(row, programme)} for row in rows[:SIZE]],
                next_href=at(before=rows[SIZE - 1].arrival) if len(rows) > SIZE else None,
                first_href=at() if ask.before else None,
                counts=counts[:MOST_SOURCES],
                sources=[source for source, _ in counts if source is not None][:MOST_SOURCES],
                totals={each: sum(row[each] for _, row in counts) for each in DISPOSITIONS},
                dispositions=DISPOSITIONS,
                ask=ask,
                asked=asked,
                filtered=bool(asked),
                address=address,
                at=at,
                form_id=needs.form_ids.make(),
                done=_after_all(ask),
            )
        )

    @routes.get("/inbox/{arrival}")
    def one(arrival: Arrival, ask: Annotated[AskFactPage, Query()]) -> Response:
        row = retrying.found(arrival)
        return HTMLResponse(
            page(
                "fact.html",
                programme=console.programme(row.programme) if row.programme else None,
                row=shown_row(row),
                said=said_by(console, retrying, row),
                done=AFTER[ask.now] if ask.now else None,
                form_id=needs.form_ids.make(),
            )
        )

    @routes.post("/inbox/{arrival}/retry")
    def retry(arrival: Arrival, typed: SentForm) -> Response:
        _ours(needs, typed)
        row = retrying.found(arrival)
        # what would not fit now either need not be kept a second time
        if row.disposition == "invalid" and needs.foresee([retrying.opened(row)])[0].disposition == "invalid":
            now = "invalid"
        else:
            now = retrying.one(row).disposition
        return RedirectResponse(f"{ADDRESS}/{arrival}?now={now}", 303)

    @routes.post("/inbox/retry")
    def retry_all(typed: SentForm) -> Response:
        _ours(needs, typed)
        programme, source = typed.get("programme") or None, typed.get("source") or None
        rows = inbox.page(needs.pool, disposition="parked", programme=programme, source=source, limit=MOST_TRIED)
        retrying.move_on(rows)
        left = {
            row.arrival
            for row in inbox.page(
                needs.pool, disposition="parked", programme=programme, source=source, limit=MOST_TRIED
            )
        }
        told: dict[str, Any] = {"tried": len(rows), "taken": sum(row.arrival not in left for row in rows)}
        if source:
            told["source"] = source
        here = f"/programmes/{programme}/inbox" if typed.get("of") == "programme" and programme else ADDRESS
        if programme and here == ADDRESS:
            told["programme"] = programme
        return RedirectResponse(f"{here}?{urlencode(told)}", 303)

    def received(row: InboxRow, programme: dict[str, str] | None) -> str | None:
        """In the programme's zone on its own page; where programmes meet, in one zone, as they stand in one order."""
        return trail.local(row.received_at, programme["id"] if programme else None)

    def shown_row(row: InboxRow) -> dict[str, Any]:
        return {
            **row_of(row, trail),
            "about": about(row),
            "reason": sentence(row.reason) if row.reason else None,
            "errors": row.errors or [],
            "may_retry": row.disposition in ("parked", "invalid"),
        }

    return routes


def about(row: InboxRow) -> str | None:
    """The page of what a fact is about, once it is known."""
    kind, _, subject = (row.stream or "").partition("-")
    known_kind = kind in ("pairing", "participant", "programme") and row.waits_for != row.stream
    return f"/{kind}s/{subject}" if known_kind and row.disposition != "invalid" else None


def by_source(counts: Sequence[tuple[str | None, str, int]]) -> list[tuple[str | None, dict[str, int]]]:
    """A row a source, those with most first."""
    found: dict[str | None, dict[str, int]] = {}
    for source, disposition, facts in counts:
        found.setdefault(source, dict.fromkeys(DISPOSITIONS, 0))[disposition] = facts
    return sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0] or ""))


def said_by(console: Console, retrying: Retrying, row: InboxRow) -> list[tuple[str, str]] | None:
    """What the fact said, as far as it may be seen; none where it was forgotten."""
    try:
        value = wire.parse(retrying.opened(row))
    except wire.NoJson:
        return []
    except Problem:
        return None
    data = value.get("data") if isinstance(value, dict) else None
    return [(name, in_words(each)) for name, each in shown_fact(console.looking, row.type, data).items()]


def in_words(value: object) -> str:
    """A value of a fact as it came, shortened."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _after_all(ask: AskInboxPage) -> str | None:
    if ask.tried is None:
        return None
    tried = "1 fact was" if ask.tried == 1 else f"{ask.tried:,} facts were"
    return f"{tried} tried again; {ask.taken or 0:,} no longer {'waits' if ask.taken == 1 else 'wait'}."


def _ours(needs: Needs, typed: Sent) -> None:
    if needs.form_ids.fact_id(typed.get("form")) is None:
        raise Problem("cross-origin", "This form was not made by this service: open its page again, and send that.")
