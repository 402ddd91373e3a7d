"""The pages that people look at, as one list: a new page joins it, and every test of the pages sees it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

PROGRAMME = "leaders-2025"
PAIRING = "pair-00003"
LONG = "wordswithoutanend" * 588
# What somebody may have typed who means no good, or who pasted too much.
HOSTILE = {
    "markup": "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>\"'&amp;",
    "right to left": "\u202eoverridden\u202c \u05d0\u05d1\u05d2 \u2067isolated",
    "10,000 characters": LONG[:9_990],
    "a formula": '=HYPERLINK("https://example.org";"click")',
}


class Listed(NamedTuple):
    """A page, by the name that a test shows."""

    name: str
    path: str


PAGES = [
    Listed("programmes", "/programmes"),
    Listed("overview", f"/programmes/{PROGRAMME}"),
    Listed("overview, hostile", "/programmes/hostile"),
    Listed("report", f"/programmes/{PROGRAMME}/report"),
    Listed("report for management", f"/programmes/{PROGRAMME}/report?audience=management"),
    Listed("report, hostile", "/programmes/hostile/report"),
    Listed("reports side by side", f"/programmes/{PROGRAMME}/report/compare?on=2025-06-30"),
    Listed("reports side by side, hostile", f"/programmes/{PROGRAMME}/report/compare?with=hostile&audience=management"),
    Listed("board", f"/programmes/{PROGRAMME}/board"),
    Listed("board, hostile", "/programmes/hostile/board"),
    Listed("pairing", f"/pairings/{PAIRING}"),
    Listed("pairing, hostile", "/pairings/hostile-0"),
    Listed("pairing, endless words", "/pairings/hostile-2"),
    Listed("pairing, as of a day", f"/pairings/{PAIRING}?as_of=2025-06-01"),
    Listed("event", "/events/100"),
    Listed("board, grouped", f"/programmes/{PROGRAMME}/board?group=mentor&sort=protege&behind=reached:goals"),
    Listed("act", f"/pairings/{PAIRING}/acts/close"),
    Listed("act on a participant", "/participants/h-new/acts/decline"),
    Listed("act on a programme", f"/programmes/{PROGRAMME}/acts/close"),
    Listed("participant", "/participants/h-new"),
    Listed("participant, hostile", "/participants/h-mentor-2"),
    Listed("acts of a programme", f"/programmes/{PROGRAMME}/acts"),
    Listed("acts of a programme, hostile", "/programmes/hostile/acts"),
    Listed("open a programme", "/new-programme"),
    Listed("import", "/import"),
    Listed("inbox", "/inbox"),
    Listed("inbox of a programme", f"/programmes/{PROGRAMME}/inbox?disposition=refused"),
    Listed("fact", "/inbox/1"),
]


def hostile_facts() -> list[bytes]:
    """A programme whose every text is hostile, with a pairing for each kind of hostility, and facts that are broken."""
    told: list[dict[str, Any]] = []

    def tell(kind: str, subject: str, time: str, **data: Any) -> None:
        told.append(
            {
                "specversion": "1.0",
                "source": "urn:hostile",
                "id": f"hostile-{len(told)}",
                "type": f"mentoring.{kind}",
                "subject": subject,
                "time": f"2025-{time}T09:00:00Z",
                "data": data,
            }
        )

    texts = list(HOSTILE.values())
    tell(
        "programme.opened",
        "hostile",
        "01-01",
        name=texts[0],
        purpose=texts[2],
        starts_on="2025-01-01",
        competencies=[{"id": "one", "name": texts[0]}],
    )
    for number, text in enumerate(texts):
        for role in ("mentor", "protege"):
            who = f"h-{role}-{number}"
            about = {"programme": "hostile", "role": role, "person": f"{who}{text}"[:200], "name": text}
            tell("participant.registered", who, "02-01", **about, email=text, department=text[:300])
            tell("participant.approved", who, "02-02", by=text)
        pairing = f"hostile-{number}"
        pair = {"programme": "hostile", "mentor": f"h-mentor-{number}", "protege": f"h-protege-{number}"}
        tell("pairing.proposed", pairing, "03-01", **pair, starts_on="2025-03-01", because=[text])
        tell("pairing.meeting_held", pairing, "04-20", held_on="2025-04-20", minutes=60, notes=text, agenda=text)
        tell("pairing.waived", pairing, "04-25", requirement="assessment", by=text, reason=text)
        tell("pairing.waived", pairing, "04-25", requirement="workshop", by=text, reason=text)
        tell("pairing.paused", pairing, "06-01", paused_on="2025-06-01", reason=text)
        tell("pairing.contract_signed", pairing, "06-01", by=text, signed_on="2025-06-01")
    new = {"programme": "hostile", "role": "mentor", "person": "h-new", "name": texts[0], "email": texts[1]}
    tell("participant.registered", "h-new", "08-01", **new)
    tell("pairing.closed", "hostile-1", "08-01", by="mpm", reason="other", closed_on="2025-08-01", note=texts[0])
    tell("pairing.<script>", "hostile-1", "08-01")
    told[-1]["source"] = texts[0]
    return [*(json.dumps(fact).encode() for fact in told), b'{"half": ', b"\xff\xfe\x00", texts[1].encode()]
