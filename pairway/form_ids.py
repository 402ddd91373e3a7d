"""Ids for the forms of the console: each is one fact's id to be, and only this service can have made it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

_PURPOSE = b"pairway form id"
_MARK = 20  # characters of the proof


@dataclass(frozen=True, slots=True)
class FormIds:
    """Made and known again by every process that has the same master key."""

    master_key: bytes = field(repr=False)

    def make(self) -> str:
        """A fresh id, with the proof that it was made here."""
        return self._proven(secrets.token_hex(16))

    def fact_id(self, form_id: str) -> str | None:
        """The id of the fact that the form sends; none where it was not made here."""
        fact_id = form_id.partition(".")[0]
        return fact_id if hmac.compare_digest(self._proven(fact_id).encode(), form_id.encode()) else None

    def _proven(self, fact_id: str) -> str:
        key = hmac.digest(self.master_key, _PURPOSE, hashlib.sha256)
        return f"{fact_id}.{hmac.new(key, fact_id.encode(), hashlib.sha256).hexdigest()[:_MARK]}"
