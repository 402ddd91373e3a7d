"""Puts the parts together, once, from the settings; whoever needs a part gets it as an argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from domain import events
from domain.upcasts import UPCASTS
from eventstore.checkpoints import Proofs
from eventstore.codec import Codec
from eventstore.keys import Keyring, WrongMasterKey
from eventstore.migrate import NewerDatabase, migrate, pending
from eventstore.pool import open_pool
from eventstore.roles import APP, NoRole, acting, acting_as, may_act, ready
from eventstore.store import Store
from pairway.backing import backing
from pairway.faults import Fault
from pairway.forgetting import Forget
from pairway.form_ids import FormIds
from pairway.master_key import KeyFiles, OtherMasterKey, is_given, other_master_keys, where
from pairway.recorder import Recorder
from pairway.settings import Settings
from pairway.signing import checkpoint_file, signer
from projections.runner import Projector


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a command may need, ready to use."""

    settings: Settings
    database_url: str
    redis_url: str | None
    pool: ConnectionPool[Any]
    store: Store
    codec: Codec
    keyring: Keyring
    recorder: Recorder
    projector: Projector
    proofs: Proofs
    form_ids: FormIds
    forget: Forget
    now: Callable[[], datetime]
    master_keys: Callable[[], tuple[bytes, ...]] | None = None

    def let_go(self) -> None:
        """Keeps nothing in memory that could outlive who is forgotten, and looks which master key is in force."""
        self.recorder.let_go()
        self.keyring.let_go()
        if self.master_keys is not None and (keys := self.master_keys()):
            self.keyring.use(*keys)
            self.proofs.use(signer(keys[0]), tuple(signer(key).verifier for key in keys[1:]))


def now() -> datetime:
    """The service's clock, in UTC."""
    return datetime.now(UTC)


@contextmanager
def open_parts(
    settings: Settings, *, queue: bool = False, clock: Callable[[], datetime] = now, connections: int = 10
) -> Iterator[Parts]:
    """The parts on the servers of the settings, or on the embedded ones; `queue` where Redis is needed.

    Raises Fault for whatever a person can put right.
    """
    with backing(settings, queue=queue) as behind:
        bring_up(behind.database_url)
        # from here on nothing acts as the owner of the record
        database_url = acting_as(behind.database_url)
        with open_pool(database_url, largest=connections) as pool:
            yield put_together(settings, database_url, behind.redis_url, behind.master_key, pool, clock)


def put_together(
    settings: Settings,
    database_url: str,
    redis_url: str | None,
    master_key: bytes,
    pool: ConnectionPool[Any],
    clock: Callable[[], datetime] = now,
) -> Parts:
    """The parts on a database that is up to date. Raises OtherMasterKey where its texts need another."""
    files, others = KeyFiles(settings), other_master_keys(settings)
    # a key of the data folder may be rotated while we run; one that was given stays until we start again
    reread = files.read if not is_given(settings) and files.read()[:1] == (master_key,) else None
    store, keyring = Store(pool), Keyring(master_key, *others, reread=reread)
    try:
        # the first start ties the database to its master key, so that a wrong one is told at once ever after
        keyring.unwrap(store.key("inbox") or store.keep_key("inbox", keyring.make()[1]))
    except WrongMasterKey as error:
        raise OtherMasterKey(f"{error} As to that key: {where(settings)}.") from error
    codec = Codec(events.EVENTS, events.SEALED, UPCASTS)
    recorder = Recorder(store, codec, keyring, clock)
    projector = Projector(pool, store, codec, keyring)
    proofs = Proofs(
        pool, signer(master_key), checkpoint_file(settings, pool), tuple(signer(key).verifier for key in others)
    )
    forget = Forget(store, codec, keyring, clock, recorder.let_go)
    return Parts(
        settings,
        database_url,
        redis_url,
        pool,
        store,
        codec,
        keyring,
        recorder,
        projector,
        proofs,
        FormIds(master_key),
        forget,
        clock,
        reread,
    )


def bring_up(url: str) -> None:
    """Applies what the record's tables and roles lack. Raises Fault where it cannot, or where they are too new."""
    try:
        with psycopg.connect(url, autocommit=True, application_name="pairway") as conn:
            lacking = bool(pending(conn)) or not ready(conn)
        if lacking:
            migrate(url)
        _acts(url)
    except (NewerDatabase, NoRole) as error:
        raise Fault(str(error)) from error
    except psycopg.errors.InsufficientPrivilege as error:
        try:
            _acts(url)
        except NoRole as missing:
            raise Fault(str(missing)) from error
        raise Fault(
            "The user of PAIRWAY_DATABASE_URL may not bring Pairway's tables up to date: "
            f"{error.diag.message_primary}. Run pairway migrate with the address of their owner."
        ) from error


def _acts(url: str) -> None:
    """Sees to it that connections act as the service's role. Raises Fault or NoRole where they would not."""
    with psycopg.connect(url, autocommit=True, application_name="pairway") as conn:
        may_act(conn)
    with psycopg.connect(acting_as(url), autocommit=True, application_name="pairway") as conn:
        acts = acting(conn)
    if acts != APP:
        raise Fault(
            f"What stands between Pairway and its database drops the option -c role={APP}, so that the service would "
            "have all rights of the user: let PAIRWAY_DATABASE_URL name the server itself."
        )
