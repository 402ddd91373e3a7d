"""A service of its own and a browser before it, for what is measured of the pages and for their pictures."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STARTING = 600  # seconds; read models may be made anew first


@contextmanager
def service(data: Path, *arguments: str) -> Iterator[str]:
    """`pairway up` on a free port, until the block is left; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [str(Path(sys.executable).with_name("pairway")), "up", "--data", str(data), "--port", port, *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _until_ready(process, address)
            yield address
        finally:
            process.send_signal(signal.SIGINT)


def _until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"the service ended with {process.returncode}")
        try:
            if asked(f"{address}/readyz")["ready"]:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the service did not become ready")


def asked(address: str) -> Any:
    """What the API answers."""
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  # our own service
        return json.load(answer)
