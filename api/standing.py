"""Where one pairing or participant stands, folded from its own stream, for the API, pages and `show`."""

from __future__ import annotations

from typing import Any

from api.may_see import Reader, shown_name
from api.trail import Trail
from domain import events, health, intake
from domain.pairing import Pairing
from domain.participant import Participant
from domain.world import State
from eventstore import inbox
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from eventstore.store import Store, StoredEvent

MOST_WAITING = 1000


class Standing:
    """Reads streams as they are in the log, so that it is never behind it."""

    def __init__(self, pool: Pool, store: Store, codec: Codec, keyring: Keyring, trail: Trail) -> None:
        self._pool = pool
        self._store = store
        self._codec = codec
        self._keyring = keyring
        self._trail = trail

    def events(self, stream: str) -> list[StoredEvent]:
        """A stream's events, each with its position."""
        found = self._store.read_stream(stream)
        if any(event.position is None for event in found):
            self._store.seal(wait=True)
            found = self._store.read_stream(stream)
        return found

    def state(self, stream: str) -> State | None:
        """A stream's state as the rules see it; none where there is no such stream."""
        return self._fold(stream, self.events(stream))

    def pairing(self, pairing: str, recorded: list[StoredEvent] | None = None) -> dict[str, Any] | None:
        """Where a pairing stands; none where there is no such pairing."""
        stream = f"pairing-{pairing}"
        found = self.events(stream) if recorded is None else recorded
        state = self._fold(stream, found)
        if not isinstance(state, Pairing):
            return None
        programme = state.programme
        return {
            "id": state.id,
            "programme": programme,
            "mentor": state.mentor,
            "protege": state.protege,
            "state": health.state_of(state),
            "step": state.step,
            "health": health.health(state),
            "starts_on": state.starts_on.isoformat(),
            "ends_on": state.ends_on.isoformat(),
            "version": len(found),
            "steps": [
                {
                    "step": step,
                    "completed_on": done.completed_on.isoformat(),
                    "outcome": done.outcome,
                    "on_time": done.on_time,
                }
                for step, done in state.done.items()
            ],
            "deadlines": [
                {"kind": one.kind, "due_on": one.due_on.isoformat(), "missed": one.missed}
                for one in health.deadlines(state)
            ],
            "flags": [
                {
                    "signal": signal,
                    "since": self._trail.local(flag.since, programme),
                    "acknowledged": flag.acknowledged,
                    "detail": flag.detail,
                }
                for signal, flag in sorted(health.open_flags(state).items())
            ],
            "waiting": self._waiting(stream, programme),
        }

    def participant(self, participant: str, reader: Reader) -> dict[str, Any] | None:
        """Where a participant stands, and who they are for this reader; none where there is none."""
        stream = f"participant-{participant}"
        found = self.events(stream)
        state = self._fold(stream, found)
        if not isinstance(state, Participant):
            return None
        person = self._person(stream, found)
        return {
            "id": state.id,
            "programme": state.programme,
            "role": state.role,
            "state": _registered(state),
            "forgotten": state.forgotten,
            "person": state.person,
            "name": shown_name(reader, person["name"]),
            "email": shown_name(reader, person["email"]),
            "manager": state.manager,
            "department": person["department"],
            "capacity": state.capacity,
            "approved_on": _date(state.approved_on),
            "attended_on": _date(state.attended_on),
            "assessments": person["assessments"],
            "pairings": list(state.active),
            "version": len(found),
        }

    def name(self, participant: str, reader: Reader) -> str:
        """A participant's name for this reader."""
        stream = f"participant-{participant}"
        return shown_name(reader, self._person(stream, self._store.read_stream(stream))["name"])

    def _fold(self, stream: str, found: list[StoredEvent]) -> State | None:
        decode = self._codec.decode
        return intake.fold(stream, ((decode(event.type, event.data), event.at) for event in found))

    def _person(self, stream: str, found: list[StoredEvent]) -> dict[str, Any]:
        """Who a participant is; names are none where their key was destroyed."""
        wrapped = self._store.key(stream)
        key = None if wrapped is None else self._keyring.unwrap(wrapped)
        person: dict[str, Any] = {"name": None, "email": None, "department": None, "assessments": []}
        for stored in found:
            event = self._codec.decode(stored.type, stored.data)
            match event:
                case events.ParticipantRegistered() | events.ParticipantChanged():
                    told = self._codec.opened(stored.type, event, key, stream)
                    for field in ("name", "email", "department"):
                        if getattr(told, field) is not None:
                            person[field] = getattr(told, field)
                case events.CompetenciesAssessed():
                    person["assessments"].append(
                        {
                            "assessed_on": event.assessed_on.isoformat(),
                            "ratings": event.ratings,
                            "average": event.average,
                        }
                    )
        return person

    def _waiting(self, stream: str, programme: str) -> list[dict[str, Any]]:
        rows = inbox.page(self._pool, stream=stream, disposition="parked", limit=MOST_WAITING)
        return [
            {
                "source": row.source,
                "id": row.id,
                "type": row.type,
                "time": self._trail.local(row.time, programme),
                "reason": row.reason,
                "href": f"/api/v1/facts/{row.arrival}",
            }
            for row in reversed(rows)
        ]


def _registered(participant: Participant) -> str:
    if participant.left:
        return "left"
    if participant.declined:
        return "declined"
    return "approved" if participant.approved_on else "registered"


def _date(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())
