"""A log with a text of somebody's wherever one can stand, and all that anybody could read of it."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import count
from typing import Any

from eventstore.keys import CannotOpen, Keyring, fact_place, rest_place
from pairway.sweeping import caught_up
from pairway.wiring import Parts
from projections.reporting import Reports
from tests.parts import MASTER

PROGRAMME = "leaders"
# Of every text that is to be forgotten, something that stands nowhere else.
SECRETS = {
    "name": "Zaphira Quellwasser",
    "email": "zaphira@quell.example",
    "agenda": "agenda-9f31",
    "notes": "notes-77aa",
    "comment": "comment-c0de",
    "worked": "worked-1ce5",
    "did_not": "did-not-b0b0",
    "why": "why-5eed",
    "new name": "Zaphira Brunnental",
    "new email": "brunnental@quell.example",
    "parked notes": "parked-e1e1",
    "in no fact": "unread-4d4d",
    "unknown field": "unknown-3b3b",
}
_numbers = count(1)
STREAMS = ("participant-t1", "participant-t9", "participant-m1", "pairing-p1", "pairing-p2")


def fact(kind: str, subject: str, time: str, **data: Any) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "source": "urn:test",
            "id": f"f{next(_numbers)}",
            "type": f"mentoring.{kind}",
            "subject": subject,
            "time": f"{time}T09:00:00+01:00" if len(time) == 10 else time,
            "data": data,
        },
        ensure_ascii=False,
    ).encode()


def person(who: str, role: str, name: str, email: str, **more: Any) -> bytes:
    return fact(
        "participant.registered",
        who,
        "2025-01-02",
        programme=PROGRAMME,
        role=role,
        person=f"hr-{who}",
        name=name,
        email=email,
        **more,
    )


def pair(pairing: str, mentor: str, protege: str) -> list[bytes]:
    """From the proposal into the monthly meetings, with all that a pair may write."""
    on = "2025-01-20"
    return [
        fact(
            "pairing.proposed",
            pairing,
            "2025-01-06",
            programme=PROGRAMME,
            mentor=mentor,
            protege=protege,
            starts_on="2025-01-06",
        ),
        fact("participant.assessed", protege, "2025-01-07", ratings={"delegation": 3}),
        *(
            fact("participant.trained", who, "2025-01-08", workshop="intro", attended_on="2025-01-08")
            for who in (mentor, protege)
        ),
        fact(
            "pairing.goals_agreed",
            pairing,
            "2025-01-09",
            agreed_on="2025-01-09",
            strengths=["calm"],
            needs=["delegating"],
            goals=[{"id": "g1", "title": "Delegate", "actions": ["Hand over a project"]}],
        ),
        fact(
            "pairing.meeting_held",
            pairing,
            on,
            held_on=on,
            minutes=60,
            agenda=SECRETS["agenda"] + pairing,
            notes=SECRETS["notes"] + pairing,
            diary=SECRETS["unknown field"] + pairing,
        ),
        fact("pairing.contract_signed", pairing, on, by="mentor", signed_on=on),
        fact("pairing.contract_signed", pairing, on, by="protege", signed_on=on),
    ]


def whole_log() -> list[bytes]:
    """Two pairs: p1 with the one who will be forgotten, p2 with others."""
    return [
        fact(
            "programme.opened",
            PROGRAMME,
            "2025-01-01",
            name="Leaders",
            purpose="Grow our own",
            starts_on="2025-01-01",
            timezone="Europe/Berlin",
            policy={"term_months": 6, "feedback_every_months": 3},
            competencies=[{"id": "delegation", "name": "Delegation"}],
        ),
        person("m1", "mentor", "Ivo Petrov", "ivo@example.org"),
        person("t1", "protege", SECRETS["name"], SECRETS["email"]),
        person("m2", "mentor", "Noor Haddad", "noor@example.org"),
        person("t2", "protege", "Kim Park", "kim@example.org"),
        *(fact("participant.approved", who, "2025-01-03", by="mpm") for who in ("m1", "t1", "m2", "t2")),
        *pair("p1", "m1", "t1"),
        *pair("p2", "m2", "t2"),
        fact("participant.changed", "t1", "2025-02-01", name=SECRETS["new name"], email=SECRETS["new email"]),
        *(
            fact(
                "pairing.feedback_given",
                pairing,
                "2025-04-08",
                quarter=1,
                by="protege",
                satisfaction=4,
                progress=4,
                comment=SECRETS["comment"] + pairing,
            )
            for pairing in ("p1", "p2")
        ),
        # a fact for a later step, which waits
        *(
            fact(
                "pairing.evaluation_given",
                pairing,
                "2025-06-02",
                by="protege",
                satisfaction=5,
                recommend=True,
                worked=SECRETS["worked"] + pairing,
                did_not=SECRETS["did_not"] + pairing,
                why=SECRETS["why"] + pairing,
            )
            for pairing in ("p1", "p2")
        ),
        # what is wrong with a fact may quote it, under a key of nobody's
        fact("pairing.meeting_held", "p1", "2025-03-01", held_on=SECRETS["notes"], minutes=SECRETS["notes"]),
        fact("participant.renamed", "t1", "2025-03-01", name=SECRETS["name"], other=SECRETS["in no fact"]),
        # the same person again, under another id: refused, and kept
        json.dumps(
            {
                **json.loads(person("t9", "protege", SECRETS["name"], SECRETS["email"])),
                "data": {
                    **json.loads(person("t9", "protege", SECRETS["name"], SECRETS["email"]))["data"],
                    "person": "hr-t1",
                },
            }
        ).encode(),
    ]


def begun(parts: Parts, until: str = "2025-06-10T12:00:00+00:00") -> Parts:
    parts.recorder.take(whole_log())
    sweep(parts, until)
    return parts


def sweep(parts: Parts, until: str) -> None:
    parts.recorder.bring_forward(["p1", "p2"], datetime.fromisoformat(until))
    caught_up(parts)


def report(parts: Parts) -> dict[str, Any]:
    found = Reports(parts.pool, parts.store, parts.codec, parts.keyring).live(PROGRAMME, parts.now())
    assert found is not None
    return found


def dump(parts: Parts) -> str:
    """The whole database as text, with what is encoded there decoded too."""
    with parts.pool.connection() as conn:
        tables = conn.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema IN ('pairway', 'projection', 'reporting') AND table_type = 'BASE TABLE'"
        ).fetchall()
        texts = []
        for schema, table in tables:
            with conn.cursor().copy(f'COPY "{schema}"."{table}" TO STDOUT'.encode()) as copy:
                data = b"".join(bytes(block) for block in copy).decode()
            texts.append(data)
            words = [word for word in data.replace("\t", "\n").splitlines() if word.startswith("\\\\x")]
            texts += [bytes.fromhex(word[3:]).decode("utf-8", "replace") for word in words]
        return "\n".join(texts)


def readable(parts: Parts) -> str:
    """All that somebody can read who has the whole database and the master key."""
    ring = Keyring(MASTER)
    with parts.pool.connection() as conn:
        wrapped = conn.execute("SELECT wrapped FROM pairway.subject_key WHERE wrapped IS NOT NULL").fetchall()
        bodies = conn.execute("SELECT body FROM pairway.inbox").fetchall()
    keys = [ring.unwrap(row[0]) for row in wrapped]
    found = [dump(parts)]
    places = [fact_place(None), *(place(stream) for stream in STREAMS for place in (fact_place, rest_place))]
    for (body,) in bodies:
        found += [text for key in keys for aad in places if (text := opened(ring, key, body, aad)) is not None]
    for event in parts.store.by_position():
        decoded = parts.codec.decode(event.type, event.data)
        for key in keys:
            try:
                found.append(repr(parts.codec.opened(event.type, decoded, key, event.stream)))
            except CannotOpen:
                continue
    return "\n".join(found)


def opened(ring: Keyring, key: bytes, body: bytes, aad: bytes) -> str | None:
    try:
        return ring.open(key, body, aad).decode("utf-8", "replace")
    except CannotOpen:
        return None


def of_theirs() -> list[str]:
    """What is to be gone: of the pair's texts only those of their own pairing."""
    own = {"name", "email", "new name", "new email", "in no fact"}
    return [text if what in own else text + "p1" for what, text in SECRETS.items() if what != "parked notes"]


def owners(parts: Parts) -> str:
    """The address by which one is the owner of the record."""
    assert parts.settings.database_url is not None
    return parts.settings.database_url


def row(parts: Parts, arrival: int | None) -> tuple[Any, ...]:
    with parts.pool.connection() as conn:
        found: tuple[Any, ...] | None = conn.execute(
            "SELECT disposition, reason, body, errors FROM pairway.inbox WHERE arrival = %s", (arrival,)
        ).fetchone()
    assert found is not None
    return found
