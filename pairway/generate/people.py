"""The made-up company: who there is, whom they report to, and which mentors have a place free."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

from pairway.generate.words import DEPARTMENTS, FIRST_NAMES, LAST_NAMES

_PLACES = len(FIRST_NAMES) * len(LAST_NAMES)
# Coprime to the number of names, so that each pair of names comes once before any comes again.
_STRIDE = 1_000_003
MOST_ASKED = 20
_BEFORE_DECOMPOSING = str.maketrans({"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "đ": "d", "Đ": "D", "'": None})


@dataclass(slots=True)
class Person:
    """One participant; `load` and `capacity` count a mentor's pairings, `ready` is one approved and trained."""

    id: str
    person: str
    name: str
    email: str
    department: str
    manager: str
    capacity: int = 2
    load: int = 0
    ready: bool = False
    gone: bool = False


def plain(name: str) -> str:
    """A name as its e-mail address has it."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_BEFORE_DECOMPOSING))
    return "".join(c for c in decomposed if c.isascii() and (c.isalnum() or c == "-")).lower()


class Company:
    """Hands out new people, and mentors with a place free."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.hired = 0
        self.roles = {"mentor": 0, "protege": 0}
        self.offset = rng.randrange(_PLACES)
        self.free: list[Person] = []

    def join(self, role: str) -> Person:
        rng = self.rng
        number = self.hired
        self.hired += 1
        place = (self.offset + number * _STRIDE) % _PLACES
        first, last = FIRST_NAMES[place % len(FIRST_NAMES)], LAST_NAMES[place // len(FIRST_NAMES)]
        again = number // _PLACES
        email = f"{plain(first)}.{plain(last)}{again + 1 if again else ''}@example.org"
        department = rng.choice(DEPARTMENTS)
        serial = self.roles[role]
        self.roles[role] = serial + 1
        return Person(
            f"{role[0]}{serial + 1:04d}",
            f"e{number + 1001}",
            f"{first} {last}",
            email,
            department,
            # A head of department for every forty people or so, each with a staff number of their own.
            f"h{DEPARTMENTS.index(department) + 1:02d}{rng.randrange(1 + number // 40):02d}",
            rng.choices((1, 2, 3, 4), (25, 45, 20, 10))[0] if role == "mentor" else 2,
        )

    def take_mentor(self, ready: bool) -> Person | None:
        """A mentor with a place free (and ready, if asked), who then has one fewer; none if none is found."""
        for _ in range(MOST_ASKED):
            if not self.free:
                break
            index = self.rng.randrange(len(self.free))
            mentor = self.free[index]
            if ready and not mentor.ready:
                continue
            if not mentor.gone and mentor.load < mentor.capacity:
                mentor.load += 1
                if mentor.load >= mentor.capacity:
                    self._drop(index)
                return mentor
            self._drop(index)
        return None

    def _drop(self, index: int) -> None:
        self.free[index] = self.free[-1]
        self.free.pop()

    def welcome(self, mentor: Person) -> None:
        """A new mentor, who begins with one pairing taken."""
        mentor.load = 1
        if mentor.capacity > 1:
            self.free.append(mentor)

    def give_back(self, mentor: Person) -> None:
        """One of the mentor's pairings is over."""
        was_full = mentor.load >= mentor.capacity
        mentor.load -= 1
        if was_full and not mentor.gone:
            self.free.append(mentor)
