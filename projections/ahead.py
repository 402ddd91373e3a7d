"""Reads ahead in a thread, so that the database and the fold work at the same time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

One = TypeVar("One")

CHUNK = 2000
CHUNKS = 4
PATIENCE = 0.1  # seconds after which a reader looks whether anybody still listens


@contextmanager
def ahead(source: Iterable[One]) -> Iterator[Iterator[One]]:
    """The same items; the source is read, and closed, in a thread of its own until the block is left."""
    chunks: Queue[list[One] | BaseException | None] = Queue(CHUNKS)
    left = Event()

    def read() -> None:
        try:
            chunk: list[One] = []
            for one in source:
                chunk.append(one)
                if len(chunk) == CHUNK:
                    if not put(chunk):
                        return
                    chunk = []
            put(chunk)
            put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where the items are wanted
            put(error)
        finally:
            if isinstance(source, Generator):
                source.close()

    def put(what: list[One] | BaseException | None) -> bool:
        while not left.is_set():
            try:
                chunks.put(what, timeout=PATIENCE)
                return True
            except Full:
                continue
        return False

    def items() -> Iterator[One]:
        while (chunk := chunks.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            yield from chunk

    reader = Thread(target=read, name="reading ahead", daemon=True)
    reader.start()
    try:
        yield items()
    finally:
        left.set()
        reader.join()
