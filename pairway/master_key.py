"""The one key that wraps all others: given, or made once in the data folder, and never remade."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from pathlib import Path

from pairway.faults import Fault
from pairway.settings import Settings

BYTES = 32
WHAT = "32 bytes as base64 (44 characters) or hexadecimal (64 characters)"
MAKE = "make one with: openssl rand -base64 32"


def master_key(settings: Settings) -> bytes:
    """The master key of this installation: the one given, else the one in the data folder, made at the first start."""
    if settings.master_key is not None and settings.master_key_file is not None:
        raise Fault("Both PAIRWAY_MASTER_KEY and PAIRWAY_MASTER_KEY_FILE are set: leave one of them out.")
    if settings.master_key is not None:
        return _decoded(settings.master_key, "PAIRWAY_MASTER_KEY")
    if settings.master_key_file is not None:
        return _read(settings.master_key_file)
    return _own(settings.data.expanduser().resolve(), embedded=settings.database_url is None)


def _own(data: Path, *, embedded: bool) -> bytes:
    """The key kept in the data folder, made before the embedded database is."""
    path = data / "master.key"
    if not path.exists():
        if embedded and (data / "servers" / "postgres").exists():
            raise Fault(
                f"The key {path} is gone, and what it protects in {data} cannot be read without it: "
                "put it back from a copy."
            )
        _make(path)
    return _read(path)


def _make(path: Path) -> None:
    """Writes a new key whole, or leaves the one that another command wrote in the same moment."""
    beside = path.with_name(f"master.key.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
        beside.unlink()
    except OSError as error:
        raise Fault(f"The key file {path} cannot be written: {error.strerror}.") from error


def _read(path: Path) -> bytes:
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise Fault(f"The key file {path} cannot be read: {error.strerror}.") from error
    return _decoded(text.strip(), str(path))


def _decoded(text: str, where: str) -> bytes:
    key = b""
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        key = bytes.fromhex(text)
    else:
        with contextlib.suppress(binascii.Error, ValueError):
            key = base64.b64decode(text, validate=True)
    if len(key) != BYTES:
        # what it holds is not shown: it may be a key
        raise Fault(f"{where} is to hold {WHAT}; {MAKE}")
    return key
