"""Everything that can be done to the record, in any order, against a plain model of it: nothing is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from itertools import count
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from eventstore import imports
from eventstore.codec import Codec
from eventstore.follow import Follower
from eventstore.keys import Keyring
from eventstore.pool import open_pool
from eventstore.roles import acting_as
from eventstore.rows import Append, Appended, Conflict, Forgetting, Held, NewEvent, NewInbox, Settled, Stream
from eventstore.store import Store
from projections.runner import Projector
from tests.eventstore.writing import NOON, append_in
from tests.projections.plain import ACCOUNTS, LEDGER, PROGRAMMES, SLOW, Deposited, Plain, Told

LONG = 60.0
CLIENTS = st.integers(0, 1)
NAMES = st.sampled_from(ACCOUNTS)
SOME = st.lists(NAMES, min_size=1, max_size=3, unique=True)
AMOUNTS = st.integers(1, 9)
DISPOSITIONS = st.sampled_from(["accepted", "refused", "invalid"])
CODEC = Codec({"Deposited": Deposited}, {})


class Machine(RuleBasedStateMachine):
    """Two clients that decide on what they know, which the other may have made stale."""

    def __init__(self, fresh: Callable[[], AbstractContextManager[str]]) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.owner = self.stack.enter_context(fresh())
        self.url = acting_as(self.owner)
        self.plain = Plain()
        self.numbers = count(1)
        self.known: list[dict[str, Stream]] = [{}, {}]
        self.slow: dict[str, tuple[psycopg.Connection[Any], Append, list[int], list[int]]] = {}
        self.process = ExitStack()
        self.begin()

    def begin(self) -> None:
        """A process of its own, that knows nothing."""
        self.pool = self.process.enter_context(open_pool(self.url, name="machine", largest=4))
        self.store = Store(self.pool)
        self.projector = Projector(self.pool, self.store, CODEC, Keyring(bytes(32)), [LEDGER])
        self.follower = self.process.enter_context(Follower(self.url))
        self.known[0] = {}

    # What a client does

    def look(self, client: int, names: list[str]) -> None:
        self.known[client].update(self.store.load(names))

    def total(self, stream: Stream) -> int:
        return CODEC.decode("Deposited", stream.events[-1].data).total if stream.events else 0

    def decided(self, client: int, names: list[str], amounts: list[int]) -> Append:
        """A deposit in each account, on what the client believes is there."""
        known = self.known[client]
        self.look(client, [name for name in names if name not in known])
        totals = {name: self.total(known[name]) for name in names}
        events = []
        for name, amount in zip(names, amounts, strict=False):
            totals[name] += amount
            events.append(deposit(name, amount, totals[name]))
        return Append(
            expected={name: known[name].revision for name in names},
            events=events,
            programmes={name: PROGRAMMES[name] for name in names[: len(amounts)]},
        )

    def send(self, client: int, batch: Append) -> Appended | None:
        """Appends as the model says it must: it holds, or the client is told why not, and by which streams."""
        refused = self.plain.refuses(batch)
        told: Told | None = None
        appended = Appended([], [])
        try:
            appended = self.store.append(batch, NOON)
        except Conflict as conflict:
            told = "conflict", frozenset(conflict.streams)
        except Held as held:
            told = "held", frozenset(held.programmes)
        assert told == refused
        if told is not None:
            if told[0] == "conflict":
                self.forget(client, batch)
            return None
        amounts = [CODEC.decode("Deposited", event.data).amount for event in batch.events]
        self.plain.take(batch, appended.seqs, appended.arrivals, amounts)
        self.forget(client, batch)
        return appended

    def forget(self, client: int, batch: Append) -> None:
        for name in batch.expected:
            self.known[client].pop(name, None)

    # Rules

    @rule(client=CLIENTS, names=SOME)
    def loads(self, client: int, names: list[str]) -> None:
        self.look(client, names)
        for name in names:
            account, stream = self.plain.accounts[name], self.known[client][name]
            assert (stream.revision, stream.version) == (account.revision, len(account.amounts))
            assert (stream.barred, stream.key, stream.key_destroyed) == (account.barred, account.key, account.destroyed)
            assert [CODEC.decode(event.type, event.data).amount for event in stream.events] == account.amounts
            assert [waiting.arrival for waiting in stream.waiting] == self.plain.waiting(name)

    @rule(client=CLIENTS, names=SOME, amounts=st.lists(AMOUNTS, min_size=1, max_size=3))
    def deposits_and_decides_again_until_it_holds(self, client: int, names: list[str], amounts: list[int]) -> None:
        for _ in range(2):
            if self.send(client, self.decided(client, names, amounts)) is not None:
                return
        raise AssertionError("a decision on what has just been read does not hold, and nobody else writes")

    @rule(client=CLIENTS, names=SOME, amount=AMOUNTS, claim=st.sampled_from("xyz"))
    def claims(self, client: int, names: list[str], amount: int, claim: str) -> None:
        batch = self.decided(client, names, [amount])
        batch.claims = {claim: names[0]}
        self.send(client, batch)
        held = {each: name for each, name in self.plain.claims.items() if each == claim}
        assert self.store.holders([claim]) == held

    @rule(client=CLIENTS, name=NAMES, amount=AMOUNTS)
    def makes_a_key(self, client: int, name: str, amount: int) -> None:
        batch = self.decided(client, [name], [amount])
        batch.keys = {name: b"key %d" % next(self.numbers)}
        self.send(client, batch)
        assert self.store.key(name) == self.plain.accounts[name].key

    @rule(client=CLIENTS, names=SOME)
    def destroys_keys(self, client: int, names: list[str]) -> None:
        """Of all or none; also those that were never made, which then never are."""
        batch = self.decided(client, names, [])
        refused = self.plain.refuses(batch)
        there = sorted(name for name in names if self.plain.accounts[name].key)
        told: Told | None = None
        try:
            assert self.store.forget(Forgetting(None, batch.expected, tuple(names)), NOON) == (there, None)
        except Conflict as conflict:
            told = "conflict", frozenset(conflict.streams)
        assert told == refused
        self.forget(client, batch)
        if told is None:
            self.plain.destroy(names)

    @rule(client=CLIENTS, name=NAMES, barred=st.booleans())
    def bars(self, client: int, name: str, barred: bool) -> None:
        batch = self.decided(client, [name], [])
        batch.barred = {name: barred}
        self.send(client, batch)

    @rule(client=CLIENTS, names=SOME, amount=AMOUNTS, fact=st.integers(1, 6), disposition=DISPOSITIONS)
    def tells_a_fact(self, client: int, names: list[str], amount: int, fact: int, disposition: str) -> None:
        batch = self.decided(client, names, [amount] if disposition == "accepted" else [])
        batch.inbox = [row(f"fact-{fact}", names[0], disposition)]
        self.send(client, batch)
        first, seen = self.plain.seen(f"fact-{fact}"), self.store.seen([("/hr", f"fact-{fact}")])
        assert [(each.arrival, each.disposition) for each in seen.values()] == (
            [(first.arrival, first.disposition)] if first else []
        )

    @rule(client=CLIENTS, name=NAMES, about=NAMES)
    def parks_a_fact(self, client: int, name: str, about: str) -> None:
        batch = self.decided(client, [name], [])
        batch.inbox = [row(f"parked-{next(self.numbers)}", about, "parked", waits_for=name)]
        self.send(client, batch)

    @precondition(lambda self: any(fact.id.startswith("parked") for fact in self.plain.inbox))
    @rule(client=CLIENTS, which=st.integers(0, 99), to=st.sampled_from(["accepted", "refused", *ACCOUNTS]))
    def settles_a_fact(self, client: int, which: int, to: str) -> None:
        parked = [fact for fact in self.plain.inbox if fact.id.startswith("parked")]
        fact = parked[which % len(parked)]
        name = fact.waits_for or fact.stream
        further = to if to.startswith("account-") else None
        batch = self.decided(client, list(dict.fromkeys([name, further or name])), [])
        batch.touched = {name}
        batch.settled = [Settled(fact.arrival, "parked" if further else to, waits_for=further)]
        self.send(client, batch)

    @rule(client=CLIENTS, names=SOME, amount=AMOUNTS)
    def lets_time_cause_something(self, client: int, names: list[str], amount: int) -> None:
        batch = self.decided(client, names, [amount])
        batch.by_time = True
        self.send(client, batch)

    @rule(client=CLIENTS, names=SOME, amount=AMOUNTS)
    def takes_in_an_import(self, client: int, names: list[str], amount: int) -> None:
        self.plain.importing = imports.open_import(self.pool, "log", None, NOON)
        batch = self.decided(client, names, [amount])
        batch.import_id, batch.lines = self.plain.importing, 1
        self.send(client, batch)
        assert imports.held_programmes(self.pool) == self.plain.held

    @precondition(lambda self: self.plain.importing is not None)
    @rule(end=st.sampled_from([imports.finish, imports.abandon]))
    def ends_the_import(self, end: Callable[..., bool]) -> None:
        assert end(self.pool, self.plain.importing, NOON)
        self.plain.importing, self.plain.held = None, set()
        assert imports.held_programmes(self.pool) == set()

    # Transactions that stay open

    @rule(name=st.sampled_from(SLOW), amounts=st.lists(AMOUNTS, min_size=1, max_size=3))
    def begins_slowly(self, name: str, amounts: list[int]) -> None:
        if name in self.slow:
            return
        self.known[1].pop(name, None)
        batch = self.decided(1, [name], [])
        total = sum(self.plain.accounts[name].amounts)
        assert self.total(self.known[1][name]) == total
        batch.events = [deposit(name, amount, total + sum(amounts[: n + 1])) for n, amount in enumerate(amounts)]
        batch.programmes = {name: PROGRAMMES[name]}
        conn = psycopg.connect(self.owner)
        conn.execute("SELECT pg_current_xact_id()")
        self.slow[name] = conn, batch, append_in(conn, batch), amounts

    @rule(name=st.sampled_from(SLOW), how=st.sampled_from(["commits", "commits", "rolls back", "is killed"]))
    def ends_slowly(self, name: str, how: str) -> None:
        if name not in self.slow:
            return
        conn, batch, seqs, amounts = self.slow.pop(name)
        if how == "commits":
            conn.commit()
            self.plain.take(batch, seqs, [], amounts)
        elif how == "rolls back":
            conn.rollback()
        else:
            with psycopg.connect(self.owner) as other:
                other.execute("SELECT pg_terminate_backend(%s, 60000)", (conn.info.backend_pid,))
        conn.close()

    # The global order, and those who read it

    @rule(wait=st.booleans())
    def seals(self, wait: bool) -> None:
        assert self.store.seal(wait=wait) == self.plain.seal()
        assert self.store.head() == len(self.plain.order)

    @rule(after=st.integers(0, 40), limit=st.integers(1, 20))
    def reads(self, after: int, limit: int) -> None:
        found = [(event.position, event.seq, event.stream) for event in self.store.read(after, limit)]
        wanted = enumerate(self.plain.order[after : after + limit], after + 1)
        assert found == [(position, seq, stream) for position, (seq, stream, _) in wanted]

    @rule()
    def follows(self) -> None:
        head = len(self.plain.order)
        assert head == 0 or self.follower.wait(head - 1, LONG) == head

    @rule(limit=st.integers(1, 5))
    def projects(self, limit: int) -> None:
        moved = min(limit, len(self.plain.order) - self.plain.projected)
        assert self.projector.step(limit) == moved
        self.plain.projected += moved
        self.check_rows()

    @rule()
    def rebuilds(self) -> None:
        assert self.projector.rebuild("ledger") == len(self.plain.order)
        self.plain.projected = len(self.plain.order)
        self.check_rows()

    @rule()
    def begins_anew(self) -> None:
        """The process ends, and another comes: one of the clients goes with it, the other knows what it knew."""
        self.process.close()
        self.begin()

    @rule()
    def looks_at_everything(self) -> None:
        whole = list(self.store.by_position())
        assert [(event.position, event.seq, event.stream) for event in whole] == [
            (position, seq, stream) for position, (seq, stream, _) in enumerate(self.plain.order, 1)
        ]
        for name, stream in self.store.load(list(PROGRAMMES)).items():
            account = self.plain.accounts[name]
            events = [CODEC.decode(event.type, event.data) for event in stream.events]
            assert [event.amount for event in events] == account.amounts
            assert [event.version for event in stream.events] == list(range(1, len(events) + 1))
            assert self.total(stream) == sum(account.amounts), f"an update of {name} was lost"
            assert stream.revision == account.revision

    def check_rows(self) -> None:
        with self.pool.connection() as conn:
            found = conn.execute("SELECT * FROM projection.ledger ORDER BY account").fetchall()
        assert found == self.plain.rows()

    def teardown(self) -> None:
        try:
            for name in list(self.slow):
                self.ends_slowly(name, "commits")
            self.seals(True)
            self.looks_at_everything()
            self.projector.catch_up()
            self.plain.projected = len(self.plain.order)
            self.check_rows()
        finally:
            for conn, *_ in self.slow.values():
                conn.close()
            self.process.close()
            self.stack.close()


def deposit(stream: str, amount: int, total: int) -> NewEvent:
    data = msgspec.json.encode(Deposited(amount, total))
    return NewEvent(stream, "Deposited", NOON, "upstream", "/bank", "1", None, data)


def row(fact: str, stream: str, disposition: str, waits_for: str | None = None) -> NewInbox:
    return NewInbox(
        "/hr", fact, "told", stream, stream, None, NOON, NOON, b"sealed", disposition, waits_for=waits_for
    )  # fmt: skip


@pytest.mark.parametrize(
    ("examples", "steps", "phases"),
    # a failure is made smaller by night only, which takes minutes
    [(15, 40, set(Phase) - {Phase.shrink}), pytest.param(100, 100, set(Phase), marks=pytest.mark.nightly)],
    ids=["quick", "nightly"],
)
def test_the_record_does_what_a_plain_model_of_it_does(
    fresh: Callable[[], AbstractContextManager[str]], examples: int, steps: int, phases: set[Phase]
) -> None:
    run_state_machine_as_test(
        partial(Machine, fresh),  # type: ignore[arg-type]  # whatever makes one will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            phases=phases,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
