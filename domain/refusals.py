"""How the rules say no, and how they say not yet."""

from __future__ import annotations


class Refused(Exception):
    """The rules forbid it; the message is a sentence for the person who sent the fact."""

    @property
    def reason(self) -> str:
        return str(self)


class Waits(Exception):
    """The fact is for a later moment: it is kept under `stream` and tried again."""

    def __init__(self, stream: str, reason: str) -> None:
        super().__init__(reason)
        self.stream = stream
        self.reason = reason
