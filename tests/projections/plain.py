"""The record as a few lists and dicts would keep it, one thing at a time: what the real one is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from domain.events import Event
from eventstore.rows import Append, StoredEvent
from projections.model import ReadModel

ACCOUNTS = [f"account-{name}" for name in "abcdef"]
SLOW = ["account-slow0", "account-slow1"]  # written by transactions that stay open for a while
PROGRAMMES = {name: "p" if name < "account-d" else "q" for name in [*ACCOUNTS, *SLOW]}


@dataclass(frozen=True)
class Deposited:
    """`total` is what the one who decided believed: it is true only if no update was lost."""

    amount: int
    total: int


@dataclass
class Account:
    amounts: list[int] = field(default_factory=list)
    revision: int = 0
    barred: bool = False
    key: bytes | None = None
    destroyed: bool = False

    @property
    def programme(self) -> bool:
        return bool(self.amounts)


@dataclass
class Fact:
    """A row of the inbox."""

    arrival: int
    id: str
    stream: str
    disposition: str
    waits_for: str | None


Told = tuple[str, frozenset[str]]  # "conflict" or "held", and the streams or programmes it names


@dataclass
class Plain:
    """All that was committed."""

    accounts: dict[str, Account] = field(default_factory=lambda: {name: Account() for name in PROGRAMMES})
    claims: dict[str, str] = field(default_factory=dict)
    inbox: list[Fact] = field(default_factory=list)
    order: list[tuple[int, str, int]] = field(default_factory=list)  # sealed: number, stream, amount
    pending: list[tuple[int, str, int]] = field(default_factory=list)  # committed, not sealed yet
    held: set[str] = field(default_factory=set)
    importing: int | None = None
    projected: int = 0

    def refuses(self, batch: Append) -> Told | None:
        """Why this append does not hold; none where it does."""
        stale = {name for name, revision in batch.expected.items() if self.accounts[name].revision != revision}
        if stale:
            return "conflict", frozenset(stale)
        programmes = {PROGRAMMES[name] for name in batch.expected if self.accounts[name].programme}
        if batch.by_time and programmes & self.held:
            return "held", frozenset(programmes & self.held)
        taken = {name for claim, name in batch.claims.items() if self.claims.get(claim, name) != name}
        if taken:
            return "conflict", frozenset(taken)
        keyed = {name for name in batch.keys if self.accounts[name].key or self.accounts[name].destroyed}
        if keyed:
            return "conflict", frozenset(keyed)
        if any(row.disposition != "invalid" and self.seen(row.id or "") for row in batch.inbox):
            return "conflict", frozenset(batch.expected)
        settled = {fact.stream for row in batch.settled for fact in [self.fact(row.arrival)] if not fact.waits_for}
        return ("conflict", frozenset(settled)) if settled else None

    def take(self, batch: Append, seqs: list[int], arrivals: list[int], amounts: list[int]) -> None:
        """What was appended."""
        for name in batch.written():
            self.accounts[name].revision += 1
        for seq, event, amount in zip(seqs, batch.events, amounts, strict=True):
            self.accounts[event.stream].amounts.append(amount)
            self.pending.append((seq, event.stream, amount))
        self.claims.update(batch.claims)
        for name, wrapped in batch.keys.items():
            self.accounts[name].key = wrapped
        for name, barred in batch.barred.items():
            self.accounts[name].barred = barred
        for arrival, row in zip(arrivals, batch.inbox, strict=True):
            self.inbox.append(Fact(arrival, row.id or "", row.stream or "", row.disposition, row.waits_for))
        for settled in batch.settled:
            fact = self.fact(settled.arrival)
            fact.disposition, fact.waits_for = settled.disposition, settled.waits_for
        if batch.import_id is not None:
            self.held |= {PROGRAMMES[name] for name in batch.expected if self.accounts[name].programme}

    def destroy(self, names: list[str]) -> None:
        """These accounts have no key, and never get one any more."""
        for name in names:
            account = self.accounts[name]
            account.revision, account.key, account.destroyed = account.revision + 1, None, True

    def seal(self) -> int:
        """Everything committed gets its place, in the order of writing."""
        fresh = sorted(self.pending)
        self.order += fresh
        self.pending.clear()
        return len(fresh)

    def seen(self, fact_id: str) -> Fact | None:
        return next((fact for fact in self.inbox if fact.id == fact_id and fact.disposition != "invalid"), None)

    def fact(self, arrival: int) -> Fact:
        return next(fact for fact in self.inbox if fact.arrival == arrival)

    def waiting(self, stream: str) -> list[int]:
        return [fact.arrival for fact in self.inbox if fact.waits_for == stream]

    def rows(self) -> list[tuple[str, int, int, int, int]]:
        """The read model, as far as it was projected."""
        found: dict[str, tuple[str, int, int, int, int]] = {}
        for position, (_, stream, amount) in enumerate(self.order[: self.projected], 1):
            _, version, _, total, _ = found.get(stream, (stream, 0, 0, 0, 0))
            found[stream] = (stream, version + 1, position, total + amount, total + amount)
        return sorted((row[0].partition("-")[2], *row[1:]) for row in found.values())


# The same as a read model of the real thing

SQL = {
    "create": b"CREATE TABLE {table} (account text COLLATE \"C\" NOT NULL, version integer NOT NULL,"
    b" position bigint NOT NULL, total bigint NOT NULL, said bigint NOT NULL)",
    "index": b"ALTER TABLE {table} ADD PRIMARY KEY (account)",
    "load": b"SELECT account, version, position, total, said FROM {table} WHERE account = ANY (%s::text[])",
    "clear": b"DELETE FROM {table} WHERE account = ANY (%s::text[])",
    "copy": b"COPY {table} FROM STDIN",
}  # fmt: skip


def _evolve(state: list[Any], stored: StoredEvent, event: Event) -> None:
    told: Any = event
    assert isinstance(told, Deposited)
    state[1:] = [stored.version, stored.position, state[3] + told.amount, told.total]


_begin: Callable[[str], list[Any]] = lambda name: [name, 0, 0, 0, 0]  # noqa: E731 - as the read model wants it
LEDGER = ReadModel(
    "ledger", "account", SQL, "1", _begin, list, _evolve, lambda state: "\t".join(map(str, state)) + "\n"
)
