"""One act of somebody at the console, as the fact that it is: told through the recorder like any other."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.acting import Actor
from api.facts import Take
from api.fresh import Fresh
from api.needs import Needs
from api.problems import Problem
from domain import facts


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an act; `errors` by field of the fact, `again` where the same form had been sent before."""

    disposition: str
    reason: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    again: bool = False

    @property
    def done(self) -> bool:
        return self.disposition == "accepted"


class Doing:
    """Sends the facts of the console.

    What does not fit, or what the rules would refuse, is told beside the form and not recorded: a slip of the pen is
    no fact. A form that is sent twice is one act: its id is the fact's.
    """

    def __init__(self, needs: Needs, take: Take) -> None:
        self._needs = needs
        self._take = take
        self._fresh = Fresh(needs.reached)
        self._turn = threading.Lock()

    def form_id(self) -> str:
        """The id of a form that is about to be shown."""
        return self._needs.form_ids.make()

    def do(self, actor: Actor, form_id: str, kind: str, subject: str, data: Mapping[str, Any]) -> Told:
        """Tells that it happened now. Raises Problem where the form was not made here."""
        needs = self._needs
        fact_id = needs.form_ids.fact_id(form_id)
        if fact_id is None:
            raise Problem("cross-origin", "This form was not made by this service: open its page again, and send that.")
        # one at a time, so that the second of two presses of a button finds the first
        with self._turn:
            seen = needs.store.seen({(actor.source, fact_id)}).get((actor.source, fact_id))
            if seen is not None:
                return Told(seen.disposition, seen.reason, again=True)
            now = needs.now()
            told = {
                "specversion": "1.0",
                "source": actor.source,
                "id": fact_id,
                "type": kind,
                "subject": subject,
                "time": now.isoformat(),
                "data": data,
            }
            raw = json.dumps(told).encode()
            read = facts.decode(raw, now)
            if isinstance(read, facts.Invalid):
                return Told("invalid", errors={_field(one.field): one.reason for one in read.errors})
            foreseen = needs.foresee([raw])[0]
            if foreseen.disposition != "accepted":
                return Told(foreseen.disposition, foreseen.reason)
            outcome = self._take([raw])[0]
        self._wait_for(outcome.seqs)
        return Told(outcome.disposition, outcome.reason)

    def _wait_for(self, seqs: tuple[int, ...]) -> None:
        """The page that is shown next is to show what was done; if the read models are late it will soon after."""
        positions = self._needs.store.sealed(seqs)
        if positions:
            try:
                self._fresh.wait(max(positions.values()))
            except Problem:
                return


def _field(path: str) -> str:
    return path.removeprefix("data.") if path != "data" else ""
