"""The file outside the database to which every checkpoint is added, where the database's owner cannot rewrite it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_END = 64 * 1024  # of the file; the last note is in it
_NOTE = re.compile(r"^[^\n]+\n[0-9]+\n[A-Za-z0-9+/=]+\n\n(?:— \S+ [A-Za-z0-9+/]+={0,2}\n)+", re.MULTILINE)


def add(file: Path, note: str) -> None:
    """Adds a note, for good: it is on the disk when this returns. OSError where it cannot."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        # what a crash has torn is marked, so that it is not taken for a note
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        data = (" (torn)\n" if torn else "").encode() + note.encode()
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def last(file: Path) -> str | None:
    """The last whole note of the file; none where there is no file, or nothing in it."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - _END))
            text = opened.read().decode(errors="replace")
    except FileNotFoundError:
        return None
    found = None
    for found in _NOTE.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found[0] if found else None


def notes(file: Path) -> Iterator[str]:
    """Every whole note of the file, from the first; what a crash tore is passed over."""
    try:
        with file.open(encoding="utf-8", errors="replace", newline="\n") as opened:
            lines: list[str] = []
            signed = False
            for line in opened:
                if signed and not line.startswith("— "):
                    yield from _whole(lines)
                    lines, signed = [], False
                lines.append(line)
                signed = line.startswith("— ")
            yield from _whole(lines)
    except FileNotFoundError:
        return


def _whole(lines: list[str]) -> Iterator[str]:
    for found in _NOTE.finditer("".join(lines)):
        yield found[0]
