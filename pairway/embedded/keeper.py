"""The process that starts the servers, outlives the command behind it, and stops them after the last user."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pairway.embedded import children, locks, postgres, redis
from pairway.embedded.places import Places, places, sockets
from pairway.embedded.privileges import account_for, become, invoker
from pairway.embedded.programs import postgres_program, redis_program
from pairway.faults import Fault

# Seconds between two looks whether anyone is left: a command that ends says so, one that is killed does not.
LOOK = 0.2
LONG_LOG = 10 * 1024 * 1024  # bytes


def main(data: str) -> int:
    """Keeps the servers of one data folder; tells on standard output `ready`, or what is wrong."""
    place = places(Path(data))
    try:
        _keep(place)
    except Fault as fault:
        _tell(fault.sentence)
    except OSError as error:
        _tell(f"The embedded servers did not start: {error.strerror} ({error.filename or place.data}).")
    else:
        return 0
    return 1


def _keep(place: Places) -> None:
    mine, users = locks.opened(place.keeper), locks.opened(place.users)
    if not locks.take(mine, alone=True):
        return
    user = invoker()
    run_as = account_for(place.data, place.servers)
    _own_folder(place, run_as.uid, run_as.gid)
    become(run_as, (place.cluster, postgres_program("postgres"), redis_program()))
    # root, and whoever owns the data if that is an ordinary user; never `nobody`, whom we only borrow
    welcome = {user.name} if run_as.name == "nobody" else {user.name, run_as.name, "root"}
    woken = _wake_on(signal.SIGTERM, signal.SIGCHLD)
    for program in ("postgres", "redis"):
        _cut(place.log(program))
    run = sockets(place, run_as.uid)
    postgres.prepare(place, run_as, welcome)
    starts: dict[str, Callable[[], subprocess.Popen[bytes]]] = {
        "redis": lambda: redis.start(place, run),
        "postgres": lambda: postgres.start(place, run),
    }
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, begin in starts.items():
            running[name] = begin()
        _say_ready(place, run)
        while not _over(users, woken):
            for name, child in running.items():
                if child.poll() is not None:
                    running[name] = starts[name]()
    finally:
        place.ready.unlink(missing_ok=True)
        for name, numbers in (("postgres", postgres.STOP), ("redis", redis.STOP)):
            if name in running:
                children.stop(running[name], numbers)


def _own_folder(place: Places, uid: int, gid: int) -> None:
    """Makes the servers' folder, which belongs to whom they run as."""
    place.servers.mkdir(mode=0o700, exist_ok=True)
    if place.servers.stat().st_uid != uid:
        os.chown(place.servers, uid, gid)


def _cut(log: Path) -> None:
    """Puts a long log aside, over the one put aside before."""
    if log.exists() and log.stat().st_size > LONG_LOG:
        log.replace(log.with_suffix(".old.log"))


def _wake_on(*numbers: signal.Signals) -> int:
    """A pipe that can be read when one of the signals came: it holds their numbers."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, lambda *_: None)
    return reading


def _over(users: int, woken: int) -> bool:
    """Sleeps until there is something to see; True when asked to stop, or when nobody uses the servers."""
    came = b""
    if select.select([woken], [], [], LOOK)[0]:
        came = os.read(woken, 64)
    return signal.SIGTERM in came or locks.take(users, alone=True)


def _say_ready(place: Places, run: Path) -> None:
    beside = place.ready.with_suffix(".new")
    addresses = {
        "database_url": postgres.address(run),
        "redis_url": redis.address(run),
        "keeper": os.getpid(),
    }
    beside.write_text(json.dumps(addresses | {"keeper": os.getpid()}))
    beside.rename(place.ready)
    _tell("ready")


def _tell(sentence: str) -> None:
    """Says a line to the command that started us, which may be gone by now."""
    try:
        os.write(1, f"{sentence}\n".encode())
        # from now on nobody waits for this end of the pipe
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 1)
    except BrokenPipeError:
        return


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.exit(main(sys.argv[1]))
