"""PostgreSQL from its wheel: made once, started with settings for this use, reached by a socket only."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from pairway.embedded import children
from pairway.embedded.places import Places
from pairway.embedded.privileges import Account
from pairway.embedded.programs import postgres_program
from pairway.faults import Fault

MAJOR = "18"
ROLE = "pairway"
# Nothing of the user's own PG* variables or locale reaches the server.
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
STOP = (
    signal.SIGINT,
    signal.SIGQUIT,
)  # fast shutdown; then at once, which the log makes good at the next start

# What is lasting (fsync, synchronous_commit, full_page_writes) is on by PostgreSQL's own defaults.
SETTINGS = {
    "listen_addresses": "",
    "wal_level": "replica",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "jit": "off",
    # parallel queries want more of /dev/shm than a container has, and the second core is the importer's
    "max_parallel_workers_per_gather": "0",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
    "logging_collector": "off",
    "cluster_name": "pairway",
}


def address(run: Path) -> str:
    """How to connect to the database over the socket in that folder."""
    return f"postgresql://{ROLE}@/{ROLE}?host={quote(str(run), safe='')}"


def prepare(place: Places, run_as: Account, users: set[str]) -> None:
    """Makes the cluster where there is none, and says who may come in."""
    version = place.cluster / "PG_VERSION"
    if not place.cluster.exists():
        _make(place)
    elif not version.exists():
        raise Fault(f"{place.cluster} is no PostgreSQL data folder: move it away, or choose another with --data.")
    elif (found := version.read_text().strip()) != MAJOR:
        raise Fault(
            f"The data in {place.data} were written by PostgreSQL {found}, and this is {MAJOR}: "
            "move them over with pg_upgrade or a dump, or choose another folder with --data."
        )
    names = users if run_as.name not in users else users | {run_as.name}
    _write(place.cluster / "pg_hba.conf", "local all all peer map=pairway\n")
    _write(place.cluster / "pg_ident.conf", "".join(f'pairway "{name}" all\n' for name in sorted(names)))


def start(place: Places, run: Path) -> subprocess.Popen[bytes]:
    """Starts the server and waits until it takes connections."""
    pid_file = place.cluster / "postmaster.pid"
    lock = children.clear_the_way(place.held_by("postgres"), pid_file, "postgres", signal.SIGINT)
    (run / ".s.PGSQL.5432").unlink(missing_ok=True)
    (run / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    arguments: list[str | Path] = [postgres_program("postgres"), "-D", place.cluster, "-k", run]
    for name, value in SETTINGS.items():
        arguments += ["-c", f"{name}={value}"]
    log = place.log("postgres")
    before = log.stat().st_size if log.exists() else 0
    child = children.start(arguments, lock, log, ENVIRONMENT, signal.SIGINT)
    if not children.wait_until(lambda: _is_ready(pid_file), child, within=300.0):
        children.stop(child, STOP)
        raise Fault(_why(log, before))
    return child


def _make(place: Places) -> None:
    """Makes the cluster beside its place and moves it there whole, so that half a one is never used."""
    beside = place.cluster.with_name("postgres.new")
    shutil.rmtree(beside, ignore_errors=True)
    log = place.log("initdb")
    _run(
        [
            postgres_program("initdb"), "-D", beside, "-U", ROLE, "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth-local=peer",
            "--auth-host=reject", "--no-instructions", "--no-sync",
        ],
        log,
    )  # fmt: skip
    _run(
        [postgres_program("postgres"), "--single", "-D", beside, "-c", "fsync=off", "postgres"],
        log,
        f"CREATE DATABASE {ROLE}",
    )
    _run([postgres_program("initdb"), "-D", beside, "--sync-only"], log)
    beside.rename(place.cluster)


def _run(arguments: list[str | Path], log: Path, text: str = "") -> None:
    with log.open("ab") as out:
        before = out.tell()
        done = subprocess.run(
            [str(argument) for argument in arguments],
            input=text.encode(), stdout=out, stderr=out, cwd="/", env=ENVIRONMENT, check=False,
        )  # fmt: skip
    if done.returncode:
        raise Fault(_why(log, before))


def _is_ready(pid_file: Path) -> bool:
    try:
        return pid_file.read_text().splitlines()[7].strip() == "ready"
    except (OSError, IndexError):
        return False


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _why(log: Path, before: int) -> str:
    with log.open("rb") as lines:
        lines.seek(before)
        said = lines.read().decode("utf-8", "replace")
    if "No space left on device" in said:
        return f"The disk of {log.parent.parent} is full: make room, or choose another folder with --data."
    told = [line for line in said.splitlines() if any(word in line for word in ("FATAL", "PANIC", "error:"))]
    reason = told[-1].split(": ", 1)[-1].strip() if told else "it did not say why"
    return f"The embedded PostgreSQL did not start: {reason} (its log: {log})."
