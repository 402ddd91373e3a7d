"""Where the embedded servers keep what under the data folder, in one place, so that no two parts disagree."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pairway.faults import Fault

# A socket's path may have 107 bytes on Linux and 103 on macOS, the file's name included.
LONGEST_SOCKET_PATH = 100


@dataclass(frozen=True, slots=True)
class Places:
    """The folders and files of one data folder."""

    data: Path

    @property
    def locks(self) -> Path:
        return self.data / "locks"

    @property
    def door(self) -> Path:
        """Held by a command while it comes in or goes out: one at a time."""
        return self.locks / "door"

    @property
    def users(self) -> Path:
        """Shared by all commands that use the servers; nobody holds it once the last has gone or died."""
        return self.locks / "users"

    @property
    def keeper(self) -> Path:
        """Held by the keeper of the servers as long as it lives."""
        return self.locks / "keeper"

    @property
    def keeper_log(self) -> Path:
        return self.locks / "keeper.log"

    @property
    def servers(self) -> Path:
        """All that belongs to the user the servers run as."""
        return self.data / "servers"

    @property
    def cluster(self) -> Path:
        return self.servers / "postgres"

    @property
    def ready(self) -> Path:
        """Written by the keeper when both servers answer; holds their addresses."""
        return self.servers / "ready.json"

    def held_by(self, program: str) -> Path:
        """A lock that a server and all its children inherit: free only when the last of them is gone."""
        return self.servers / f"{program}.lock"

    def log(self, program: str) -> Path:
        return self.servers / f"{program}.log"


def places(data: Path) -> Places:
    """The places under a data folder, the folder's own path made whole."""
    return Places(data.expanduser().resolve())


def sockets(place: Places, owner: int) -> Path:
    """The folder for the sockets, private to one user; a short one where the data's own path is too long."""
    folder = place.servers / "run"
    if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) > LONGEST_SOCKET_PATH:
        mark = hashlib.sha256(os.fsencode(place.data)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()).resolve() / f"pairway-{owner}-{mark}"
        if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) > LONGEST_SOCKET_PATH:
            folder = Path("/tmp").resolve() / folder.name  # noqa: S108 - made private, and checked, below
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != owner:
        raise Fault(f"{folder} belongs to another user: it is where the servers' sockets go. Remove it.")
    folder.chmod(0o700)
    return folder
