"""The board: a row a pairing, with what the screen shows, when it is due, and its figures for the report."""

from __future__ import annotations

from typing import Any

import msgspec

from domain.accounts import account, on_time
from domain.events import Event
from domain.figures import PairingFigures, evolve, pairing_figures
from domain.health import health, next_deadline, open_flags, state_of
from domain.marks import mark
from domain.pairing import Pairing
from domain.passing_of_time import next_instant
from domain.steps import NUMBER, STEPS
from eventstore.rows import StoredEvent
from projections import queries
from projections.blobs import SHAPE, pack_account, pack_mark, pack_pairing, pack_said, unpack_pairing
from projections.model import Folded, ReadModel, plain, raw, text, words

_json = msgspec.json.Encoder().encode


def _begin(name: str) -> Folded:
    return Folded(name, pairing_figures(name))


def _restore(row: tuple[Any, ...]) -> Folded:
    name, version, position, figures = row
    return Folded(name, unpack_pairing(figures), version, position)


def _evolve(folded: Folded, stored: StoredEvent, event: Event) -> None:
    evolve(folded.state, event, stored.at)
    folded.version, folded.position = stored.version, stored.position or 0


def _standing(pairing: Pairing) -> str:
    """The steps completed and the one at hand, and what is due, for reporting tools."""
    steps = [
        {
            "number": NUMBER[step],
            "step": step,
            "outcome": done.outcome if done else None,
            "completed_on": pairing.term_ended_on if step == "meetings" else done.completed_on if done else None,
            "on_time": on_time(pairing, step) if done else None,
            "contract": pairing.contract if step == "first_meeting" else None,
        }
        for step in STEPS
        if (done := pairing.done.get(step)) or step == pairing.step
    ]
    return _json({"steps": steps, "due": pairing.due}).decode()


def _lines(folded: Folded) -> str:
    figures: PairingFigures = folded.state
    pairing = figures.pairing
    due = next_deadline(pairing)
    return (
        f"{text(folded.id)}\t{text(pairing.programme)}\t{text(pairing.mentor)}\t{text(pairing.protege)}"
        f"\t{text(pairing.replaces)}\t{state_of(pairing)}\t{pairing.step}\t{plain(NUMBER.get(pairing.step))}"
        f"\t{health(pairing)}\t{plain(due.due_on if due else None)}\t{text(due.kind if due else None)}"
        f"\t{words(tuple(sorted(open_flags(pairing))))}"
        f"\t{pairing.proposed_on}\t{pairing.starts_on}\t{pairing.ends_on}\t{plain(pairing.ended_on)}"
        f"\t{plain(next_instant(pairing))}\t{pairing.clock}\t{folded.version}\t{folded.position}"
        f"\t{text(_standing(pairing))}\t{raw(pack_mark(mark(figures)))}\t{raw(pack_account(account(figures)))}"
        f"\t{raw(pack_said(figures.said) if figures.said else None)}\t{raw(pack_pairing(figures))}\n"
    )


BOARD = ReadModel("board", "pairing", queries.load("board.sql"), SHAPE, _begin, _restore, _evolve, _lines)
