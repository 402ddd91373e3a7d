"""What the API is made of: it is given its parts, reads no setting and opens nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from domain.facts import FieldError
from domain.forgetting import Forgotten
from eventstore.checkpoints import Proofs
from eventstore.codec import Codec
from eventstore.keys import Keyring
from eventstore.pool import Pool
from eventstore.store import Store


class Outcome(Protocol):
    """What became of one fact."""

    @property
    def disposition(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def errors(self) -> tuple[FieldError, ...]: ...
    @property
    def source(self) -> str | None: ...
    @property
    def id(self) -> str | None: ...
    @property
    def type(self) -> str | None: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def arrival(self) -> int | None: ...
    @property
    def seqs(self) -> tuple[int, ...]: ...
    @property
    def first(self) -> str | None: ...


class FormIds(Protocol):
    """Makes the ids that forms carry, and knows them again."""

    def make(self) -> str: ...
    def fact_id(self, form_id: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Needs:
    """The parts of the service that the API speaks to."""

    pool: Pool
    store: Store
    codec: Codec
    keyring: Keyring
    proofs: Proofs
    take: Callable[[Sequence[bytes]], Sequence[Outcome]]
    foresee: Callable[[Sequence[bytes]], Sequence[Outcome]]
    """What would become of facts if they came now; nothing is recorded."""
    form_ids: FormIds
    bring_forward: Callable[[Collection[str], datetime], object]
    forget: Callable[[str, str, str], Forgotten]
    """Forgets a participant: who, asked for by whom, and why."""
    now: Callable[[], datetime]
    reached: Callable[[], int]
    """The position up to which every read model has come."""
    database_url: str
    queue_trouble: Callable[[], str | None] = lambda: None
    """Why the queue does not answer, in a sentence; none where it does."""
    report_formats: Mapping[str, Callable[[dict[str, Any]], bytes]] = field(default_factory=dict)
    """What else than JSON and HTML a report can be written as, by media type."""
    any_host: bool = False
    version: str = "0"
