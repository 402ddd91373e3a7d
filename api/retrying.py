"""Tries facts of the inbox again: those that wait, and those that were invalid when they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from api.needs import Outcome
from api.problems import Problem
from domain.facts import FieldError
from eventstore import inbox
from eventstore.inbox import InboxRow
from eventstore.keys import Keyring, fact_place
from eventstore.pool import Pool
from eventstore.store import Store


@dataclass(frozen=True, slots=True)
class Tried:
    """A fact of the inbox as the outcome of having been tried again."""

    row: InboxRow
    seqs: tuple[int, ...]
    errors: tuple[FieldError, ...] = ()
    first: str | None = None

    @property
    def disposition(self) -> str:
        return self.row.disposition

    @property
    def reason(self) -> str | None:
        return self.row.reason

    @property
    def source(self) -> str | None:
        return self.row.source

    @property
    def id(self) -> str | None:
        return self.row.id

    @property
    def type(self) -> str | None:
        return self.row.type

    @property
    def subject(self) -> str | None:
        return self.row.subject

    @property
    def arrival(self) -> int | None:
        return self.row.arrival


@dataclass(frozen=True, slots=True)
class Retrying:
    """`take` and `bring_forward` as the service does them."""

    pool: Pool
    store: Store
    keyring: Keyring
    take: Callable[[Sequence[bytes]], Sequence[Outcome]]
    bring_forward: Callable[[str], None]

    def found(self, arrival: int) -> InboxRow:
        """The fact with this number. Raises Problem where there is none."""
        row = inbox.one(self.pool, arrival)
        if row is None:
            raise Problem("not-found", f"No fact arrived under the number {arrival}.")
        return row

    def one(self, row: InboxRow) -> Outcome:
        """Tries one again. Raises Problem where it neither waits nor was invalid."""
        if row.disposition == "invalid":
            return self.take([self.opened(row)])[0]
        if row.disposition != "parked":
            raise Problem(
                "not-waiting",
                f"This fact was {row.disposition}; only one that waits, or was invalid, is tried again.",
                disposition=row.disposition,
                href=f"/api/v1/facts/{row.arrival}",
            )
        self.move_on([row])
        row = self.found(row.arrival)
        caused = self.store.caused_by(row.source or "", row.id or "") if row.disposition == "accepted" else []
        return Tried(row, tuple(event.seq for event in caused))

    def move_on(self, rows: Iterable[InboxRow]) -> None:
        """What waits is tried whenever its pairing moves on, so moving it on is trying it."""
        for stream in sorted({row.waits_for for row in rows if row.waits_for}):
            kind, _, subject = stream.partition("-")
            if kind == "pairing":
                self.bring_forward(subject)

    def opened(self, row: InboxRow) -> bytes:
        """A fact as it came. Raises Problem where it was forgotten."""
        wrapped = self.store.key(row.stream or "inbox")
        if wrapped is None:
            raise Problem("not-waiting", "What this fact said was forgotten with the person it was about.")
        return self.keyring.open(self.keyring.unwrap(wrapped), row.body, fact_place(row.stream))
