"""What the recorder has loaded: streams as they stood at a revision, kept while memory allows.

A stream kept too long is no danger: an append names the revision of everything that a decision rests on, and whoever
was too slow is told, forgets what changed and decides again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from domain import facts, intake
from domain.pairing import Pairing
from domain.participant import Participant
from eventstore.codec import Codec
from eventstore.keys import INBOX, CannotOpen, Keyring, fact_place, rest_place
from eventstore.rows import Stream, Waiting
from eventstore.store import Store

# Streams, of some 3 KiB each: enough for 10,000 pairings that are under way at once, and their people. A log goes round
# all of them, so that with less room each would be gone just before it is wanted again.
KEPT = 32_000


@dataclass(slots=True)
class Known:
    """A stream at a revision; no key where none was made yet, or where it was destroyed (`forgotten`)."""

    place: intake.Place
    revision: int
    programme: str | None
    key: bytes | None
    forgotten: bool


class Streams:
    """Loads streams, folds them, and keeps those most recently used."""

    def __init__(self, store: Store, codec: Codec, keyring: Keyring) -> None:
        self._store = store
        self._codec = codec
        self._keyring = keyring
        self._kept: OrderedDict[str, Known] = OrderedDict()

    def __getitem__(self, stream: str) -> Known:
        return self._kept[stream]

    def get(self, stream: str) -> Known | None:
        return self._kept.get(stream)

    def forget(self, streams: Iterable[str]) -> None:
        for stream in streams:
            self._kept.pop(stream, None)

    def let_go(self) -> None:
        """Lets go of everything."""
        self._kept.clear()

    def trim(self) -> None:
        """Lets go of what was not used for long; only ever between two batches."""
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def load(self, streams: Collection[str]) -> None:
        """Loads those that are not kept, with what a decision on them will want to see as well."""
        wanted = []
        for stream in dict.fromkeys(streams):
            if stream in self._kept:
                self._kept.move_to_end(stream)
            else:
                wanted.append(stream)
        while wanted:
            loaded = self._store.load(wanted)
            waiting = [one for stream in loaded.values() for one in stream.waiting]
            keys = {name: self._key(stream) for name, stream in loaded.items()}
            others = [one.stream for one in waiting if one.stream is not None and one.stream not in keys]
            if any(one.stream is not None and keys.get(one.stream) is None for one in waiting):
                others.append(INBOX)  # what is left of facts whose people were forgotten
            if others:
                keys.update({name: self._key(stream) for name, stream in self._store.load(others).items()})
            for name, found in loaded.items():
                self._kept[name] = self._known(found, keys)
            near = {other for name in loaded for other in _near(self._kept[name].place.state)}
            wanted = sorted(near - self._kept.keys())

    def _key(self, stream: Stream) -> bytes | None:
        return None if stream.key is None else self._keyring.unwrap(stream.key)

    def _known(self, stream: Stream, keys: dict[str, bytes | None]) -> Known:
        decode = self._codec.decode
        recorded = ((decode(event.type, event.data), event.at) for event in stream.events)
        state = intake.fold(stream.name, recorded)
        waiting = [self._opened(one, keys) for one in stream.waiting]
        return Known(
            place=intake.Place(stream.name, state, tuple(one for one in waiting if one), stream.barred),
            revision=stream.revision,
            programme=stream.programme,
            key=keys[stream.name],
            forgotten=stream.key_destroyed,
        )

    def _opened(self, waiting: Waiting, keys: dict[str, bytes | None]) -> intake.Waiting | None:
        """The fact that waits, or what is left of it; None where nothing is."""
        key, place = keys[waiting.stream] if waiting.stream is not None else None, fact_place(waiting.stream)
        if key is None:
            key, place = keys.get(INBOX), rest_place(waiting.stream)
        try:
            body = self._keyring.open(key, waiting.body, place) if key is not None else b""
        except CannotOpen:
            return None
        if not body:
            return None
        fact = facts.decode(body, waiting.received_at)
        assert isinstance(fact, facts.Fact), "only valid facts are parked"
        return intake.Waiting(fact, waiting.arrival)


def _near(state: intake.State | None) -> tuple[str, ...]:
    """The streams that a decision on this one is likely to need too."""
    match state:
        case Pairing():
            people = (f"participant-{state.mentor}", f"participant-{state.protege}")
            return (*people, f"programme-{state.programme}")
        case Participant():
            return (f"programme-{state.programme}", *(f"pairing-{pairing}" for pairing in state.active))
        case _:
            return ()
