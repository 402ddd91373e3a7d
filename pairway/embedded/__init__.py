"""PostgreSQL and Redis from wheels, shared by all commands on a data folder, there while someone needs them.

Every command holds a shared lock on `locks/users` while it uses the servers; the kernel lets go of it when
the command dies, however it dies. The servers are children of a keeper process in a session of its own,
which stops them when it gets that lock alone, and whose own death takes them along.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pairway.embedded import locks
from pairway.embedded.places import Places, places
from pairway.faults import Fault, no_data_folder

__all__ = ["Addresses", "servers"]

PATIENCE = 360.0  # seconds: a start may have a long log to replay after a crash


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers answer."""

    database_url: str
    redis_url: str


@contextmanager
def servers(data: Path) -> Iterator[Addresses]:
    """The embedded servers of a data folder, started if need be, and stopped after the last who uses them."""
    place = places(data)
    _make_folders(place)
    users = locks.opened(place.users)
    try:
        with locks.held(place.door):
            # the keeper holds it alone while it stops the servers, and is gone when we get it
            if not locks.take(users, alone=False, within=PATIENCE):
                raise Fault(_stuck(place, "stopping"))
            addresses = _join(place) or _begin(place)
        try:
            yield addresses
        finally:
            _leave(place, users)
    finally:
        os.close(users)


def _make_folders(place: Places) -> None:
    try:
        # others may pass, as the servers of root run as another user; all that is inside is closed to them
        place.data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        place.locks.mkdir(mode=0o700, exist_ok=True)
        for path in (place.door, place.users, place.keeper):
            os.close(locks.opened(path))
    except OSError as error:
        raise no_data_folder(place.data, error) from error


def _join(place: Places) -> Addresses | None:
    """The addresses of servers that run, or will in a moment; None where there is no keeper."""
    until = time.monotonic() + PATIENCE
    while locks.is_held(place.keeper):
        if (addresses := _read(place)) is not None:
            return addresses
        if time.monotonic() > until:
            raise Fault(_stuck(place, "starting"))
        time.sleep(locks.WAIT)
    return None


def _begin(place: Places) -> Addresses:
    """Starts a keeper, which starts the servers, and waits until they answer."""
    with place.keeper_log.open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-P", "-m", "pairway.embedded.keeper", str(place.data)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            start_new_session=True,  # neither Ctrl-C nor a closed terminal is for the servers
        )
    assert keeper.stdout is not None
    with keeper.stdout as said:
        line = said.readline().decode("utf-8", "replace").strip()
    if line == "ready" and (addresses := _read(place)) is not None:
        # it may outlive us, and Popen would warn of that: tell it that all is well
        keeper.returncode = 0
        return addresses
    keeper.wait()
    raise Fault(line or f"The embedded servers did not start, and did not say why: see {place.keeper_log}.")


def _stuck(place: Places, doing: str) -> str:
    return f"The embedded servers under {place.data} have been {doing} for minutes: see {place.servers}."


def _read(place: Places) -> Addresses | None:
    try:
        said = json.loads(place.ready.read_text())
    except (OSError, ValueError):
        return None
    return Addresses(said["database_url"], said["redis_url"])


def _leave(place: Places, users: int) -> None:
    """Goes; the last one out has the servers stopped and waits for it, so that nothing is left running."""
    with locks.held(place.door):
        if not locks.take(users, alone=True):
            # others use them; or the keeper saw that nobody does, and a shared lock waits until it is done
            locks.take(users, alone=False, within=PATIENCE)
            return
        try:
            keeper = int(json.loads(place.ready.read_text())["keeper"])
        except (OSError, ValueError, KeyError):
            return
        if not locks.is_held(place.keeper):
            return
        os.kill(keeper, signal.SIGTERM)
        alone = locks.opened(place.keeper)
        try:
            if locks.take(alone, alone=True, within=PATIENCE):
                os.waitpid(keeper, 0)
        except ChildProcessError:
            pass  # another command had started it
        finally:
            os.close(alone)
