"""The one key that wraps all others: given, or made once in the data folder, and never remade."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from pathlib import Path

from pairway.faults import Fault, no_data_folder
from pairway.settings import Settings

BYTES = 32
WHAT = "32 bytes as base64 (44 characters) or hexadecimal (64 characters)"
MAKE = "make one with: openssl rand -base64 32"


class OtherMasterKey(Fault):
    """The database's texts were protected with another master key than the one in force."""


def master_key(settings: Settings) -> bytes:
    """The master key of this installation: the one given, else the one in the data folder, made at the first start."""
    given = _given("PAIRWAY_MASTER_KEY", settings.master_key, settings.master_key_file)
    return given or _own(KeyFiles(settings), embedded=settings.database_url is None)


def other_master_keys(settings: Settings) -> tuple[bytes, ...]:
    """Those that open as well while keys are wrapped anew: the second one given, or those beside the own one."""
    given = _given("PAIRWAY_SECOND_MASTER_KEY", settings.second_master_key, settings.second_master_key_file)
    if is_given(settings):
        return () if given is None else (given,)
    if given is not None:
        raise Fault(
            "PAIRWAY_SECOND_MASTER_KEY is set, but PAIRWAY_MASTER_KEY is not: the key in the data folder is rotated "
            "with pairway keys rotate alone."
        )
    return KeyFiles(settings).read()[1:]


def is_given(settings: Settings) -> bool:
    """Whether the master key is given, and not the one kept in the data folder."""
    return settings.master_key is not None or settings.master_key_file is not None


def where(settings: Settings) -> str:
    """Where the master key is that is in force, in the words of somebody who has to put another one there."""
    if settings.master_key is not None:
        return "the one in force is that of PAIRWAY_MASTER_KEY"
    if settings.master_key_file is not None:
        return f"the one in force is that of PAIRWAY_MASTER_KEY_FILE, {settings.master_key_file}"
    return f"put it into {KeyFiles(settings).own}, or give it by PAIRWAY_MASTER_KEY or PAIRWAY_MASTER_KEY_FILE"


def _given(name: str, text: str | None, file: Path | None) -> bytes | None:
    if text is not None and file is not None:
        raise Fault(f"Both {name} and {name}_FILE are set: leave one of them out.")
    if text is not None:
        return _decoded(text, name)
    return None if file is None else _read(file)


class KeyFiles:
    """The master key in the data folder, and while it is rotated the next one, and then the former, beside it."""

    def __init__(self, settings: Settings) -> None:
        self.data = settings.data.expanduser().resolve()
        self.own = self.data / "master.key"
        self.next = self.data / "master.key.next"
        self.former = self.data / "master.key.former"
        self._seen: tuple[object, ...] = ()
        self._keys: tuple[bytes, ...] = ()

    def read(self) -> tuple[bytes, ...]:
        """The key in force, then the others; none where there is none yet. Reads only what has changed."""
        paths = (self.own, self.next, self.former)
        stats = tuple(_stat(path) for path in paths)
        if stats != self._seen:
            keys = [_read(path) for path, stat in zip(paths, stats, strict=True) if stat is not None]
            self._keys, self._seen = tuple(dict.fromkeys(keys)), stats
        return self._keys

    def make_next(self) -> None:
        """The key that is to be in force, written whole; one that is there stays."""
        _make(self.next)

    def switch(self) -> None:
        """Puts the next key in force, and keeps the one before; killed in the middle, it is done again."""
        with contextlib.suppress(FileExistsError):
            os.link(self.own, self.former)
        self.next.replace(self.own)
        _sync(self.data)

    def retire(self) -> None:
        """Removes the former key."""
        self.former.unlink(missing_ok=True)
        _sync(self.data)


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Fault(f"The key file {path} cannot be read: {error.strerror}.") from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _own(files: KeyFiles, *, embedded: bool) -> bytes:
    """The key kept in the data folder, made before the embedded database is."""
    path, data = files.own, files.data
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
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise no_data_folder(path.parent, error) from error
    try:
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
