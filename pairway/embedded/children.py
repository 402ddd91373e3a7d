"""A server as a child of the keeper: started when the last is wholly gone, stopped with nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from pairway.embedded import locks
from pairway.embedded.privileges import stop_with_parent
from pairway.faults import Fault


def clear_the_way(lock: Path, pid_file: Path, program: str, number: int, within: float = 30.0) -> int:
    """Waits until no process of an earlier server lives, asking it to stop; returns the lock, taken.

    The lock's descriptor was inherited by that server and all its children, so it is free exactly when all
    are gone; then the pid in its file is nobody's, or a stranger's by now, and only stands in the way.
    """
    descriptor = locks.opened(lock)
    if not locks.take(descriptor, alone=True):
        _ask_to_stop(pid_file, program, number)
        if not locks.take(descriptor, alone=True, within=within):
            os.close(descriptor)
            raise Fault(f"The {program} server of an earlier run does not stop: end process {_pid(pid_file)} by hand.")
    pid_file.unlink(missing_ok=True)
    return descriptor


def start(
    arguments: Sequence[str | Path], lock: int, log: Path, environment: dict[str, str], number: int
) -> subprocess.Popen[bytes]:
    """Starts a server that inherits the lock and stops, in its own good order, when the keeper dies."""
    with log.open("ab") as out:
        child = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            env=environment,
            pass_fds=(lock,),
            preexec_fn=lambda: stop_with_parent(number),  # noqa: PLW1509 - the keeper has one thread
        )
    os.close(lock)
    return child


def wait_until(ready: Callable[[], bool], child: subprocess.Popen[bytes], within: float) -> bool:
    """Waits until the server answers; False where it ended, or the time is up."""
    for _ in range(int(within / locks.WAIT)):
        if ready():
            return True
        try:
            child.wait(locks.WAIT)
        except subprocess.TimeoutExpired:
            continue
        return False
    return False


def stop(child: subprocess.Popen[bytes], numbers: Sequence[signal.Signals], within: float = 60.0) -> None:
    """Stops a server with the first signal, and with the next where it takes too long."""
    for number in numbers:
        if child.poll() is not None:
            return
        child.send_signal(number)
        for _ in range(int(within / locks.WAIT)):
            # a longer wait looks every 50 ms only, and most servers are gone after 20
            with suppress(subprocess.TimeoutExpired):
                child.wait(locks.WAIT)
                return


def last_lines(log: Path, count: int = 200) -> list[str]:
    """The end of a server's log."""
    try:
        with log.open("rb") as lines:
            lines.seek(max(0, log.stat().st_size - 64 * 1024))
            return lines.read().decode("utf-8", "replace").splitlines()[-count:]
    except OSError:
        return []


def _pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _ask_to_stop(pid_file: Path, program: str, number: int) -> None:
    import psutil  # which takes as long to load as a server to start, and is needed after a crash only

    pid = _pid(pid_file)
    if pid is None:
        return
    try:
        # the number may belong to a stranger by now
        if program in psutil.Process(pid).name():
            os.kill(pid, number)
    except (psutil.Error, ProcessLookupError, PermissionError):
        return
