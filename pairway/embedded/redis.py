"""Redis from a wheel (Valkey, its open continuation): a queue between processes, with nothing to lose."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

from pairway.embedded import children
from pairway.embedded.places import Places
from pairway.embedded.programs import redis_program
from pairway.faults import Fault

STOP = (signal.SIGTERM, signal.SIGKILL)

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "databases": "16",
    "loglevel": "warning",
}


def address(run: Path) -> str:
    """How to connect over the socket in that folder."""
    return f"unix://{quote(str(run / 'redis.sock'))}?db=0"


def start(place: Places, run: Path) -> subprocess.Popen[bytes]:
    """Starts the server and waits until it answers."""
    pid_file, listening = place.servers / "redis.pid", run / "redis.sock"
    lock = children.clear_the_way(place.held_by("redis"), pid_file, "valkey-server", signal.SIGTERM)
    listening.unlink(missing_ok=True)
    arguments: list[str | Path] = [redis_program()]
    for name, value in SETTINGS.items():
        arguments += [f"--{name}", value]
    arguments += ["--unixsocket", listening, "--pidfile", pid_file, "--dir", place.servers]
    log = place.log("redis")
    child = children.start(arguments, lock, log, {"LC_ALL": "C", "TZ": "UTC"}, signal.SIGTERM)
    if not children.wait_until(lambda: _answers(listening), child, within=30.0):
        children.stop(child, STOP)
        told = children.last_lines(log, 1)
        raise Fault(f"The embedded Redis did not start: {told[0] if told else 'it did not say why'} (its log: {log}).")
    return child


def _answers(listening: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1.0)
        try:
            line.connect(str(listening))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False
