"""The loops of the service: plain functions that end when told, in threads that start and stop together."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter
from types import FrameType
from typing import Protocol

import psycopg
import redis
import structlog

from eventstore import queries
from eventstore.checkpoints import Forked, Proofs
from eventstore.follow import Follower
from eventstore.notes import BadNote

log = structlog.get_logger(__name__)
FOLLOW = queries.load("follow.sql")

Loop = Callable[[threading.Event], None]
_Handler = Callable[[int, FrameType | None], object] | int | None

QUICK, SLOW = 0.005, 0.1  # seconds between two seals while there is something to seal, and while there is not
REST = 3  # times as long as a seal took is the pause after it: where the disk is slow, writers wait for its commit
LOOK = 1.0  # seconds after which even a silent record is looked at
HASHING = 0.1  # seconds between two looks for what is to be hashed while there is something; LOOK while there is not
LISTENING = 0.2  # seconds after which a loop that listens looks whether it is to stop
LONGEST_PAUSE = 10.0
STOPPING = 10.0  # seconds that a loop has to end

# Servers that went away come back: a service waits for them, where a command would give up.
ABSENT = (psycopg.OperationalError, psycopg.InterfaceError, redis.ConnectionError, redis.TimeoutError)


class Projecting(Protocol):
    """What keeps the read models up to date."""

    def step(self) -> int:
        """Brings one batch of sealed events into every read model; 0 at the head."""
        ...


def keep_sealing(seal: Callable[[], int]) -> Loop:
    """Gives positions to what was committed: soon while there is something, seldom while there is not."""

    def loop(stop: threading.Event) -> None:
        pause = QUICK
        while not stop.wait(pause):
            begun = perf_counter()
            sealed = seal()
            took = perf_counter() - begun
            pause = min(max(QUICK, REST * took) if sealed else pause * 2, SLOW)

    return loop


def keep_projecting(projector: Projecting, database_url: str) -> Loop:
    """Brings the read models up to the head, and again after every seal."""

    def loop(stop: threading.Event) -> None:
        with Follower(database_url) as follower:
            while not stop.is_set():
                # read before the work: what is sealed meanwhile wakes us at once
                head = follower.head
                while projector.step() and not stop.is_set():
                    pass
                follower.wait(head, LOOK)

    return loop


def keep_keys_fresh(database_url: str, let_go: Callable[[], None]) -> Loop:
    """Lets go of what is kept in memory whenever somebody, in whatever process, was forgotten."""

    def loop(stop: threading.Event) -> None:
        with psycopg.connect(database_url, autocommit=True, application_name="pairway keys") as conn:
            conn.execute(FOLLOW["listen_to_keys"])
            let_go()  # what was told before we listened
            while not stop.is_set():
                for _ in conn.notifies(timeout=LISTENING, stop_after=1):
                    let_go()

    return loop


def keep_signing(proofs: Proofs, now: Callable[[], datetime], seconds: float) -> Loop:
    """Has the head of the record signed every so often, where there is something new, and hashes it soon."""

    def loop(stop: threading.Event) -> None:
        while not stop.is_set():
            begun = perf_counter()
            try:
                # another process may be at it: one is enough
                proofs.make(now, wait=False)
                pause = HASHING
                while (left := begun + seconds - perf_counter()) > 0 and not stop.wait(min(pause, left)):
                    pause = HASHING if proofs.grow() else min(pause * 2, LOOK)
            except (Forked, BadNote) as error:
                log.error("no checkpoint", fault=str(error))
                stop.wait(seconds)
            except OSError as error:
                log.error("no checkpoint", fault=f"{proofs.file} cannot be written: {error.strerror}")
                stop.wait(seconds)

    return loop


@contextmanager
def running(stop: threading.Event, loops: Mapping[str, Loop]) -> Iterator[None]:
    """Runs the loops beside the block; if one breaks, all are stopped, and the end raises what broke it."""
    broken: list[BaseException] = []

    def run(name: str, loop: Loop) -> None:
        try:
            _patiently(name, loop, stop)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            broken.append(error)
            stop.set()

    threads = [threading.Thread(target=run, args=each, name=each[0], daemon=True) for each in loops.items()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(STOPPING)
    if broken:
        raise broken[0]


def _patiently(name: str, loop: Loop, stop: threading.Event) -> None:
    """Runs a loop, and begins it again where a server was not there for a while."""
    pause = 0.5
    while not stop.is_set():
        try:
            loop(stop)
        except ABSENT as error:
            log.warning("a server does not answer", loop=name, error=type(error).__name__, again_in=pause)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, for the time of the block; a second one ends the process."""
    stop = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    # Heard by a thread of its own: a signal that comes just before the main thread begins to wait does not wake it,
    # and a handler that set the event could interrupt that thread while it holds the event's lock.
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)

    def hear() -> None:
        while heard := ear.recv(1):
            if heard[0] in signals:
                stop.set()

    def told(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, before[number])

    hearing = threading.Thread(target=hear, name="signals", daemon=True)
    hearing.start()
    before_mouth = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    before: dict[int, _Handler] = {number: signal.signal(number, told) for number in signals}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before_mouth)
        mouth.close()
        hearing.join()
        ear.close()
