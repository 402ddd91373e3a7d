"""A wire to PostgreSQL that a test cuts at the worst moment: just before a commit gets there, or just after."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

Moment = Literal["before", "after"]

# How the server says that it waits for the next statement: with no transaction open, and within one.
IDLE, WITHIN = b"Z\x00\x00\x00\x05I", b"Z\x00\x00\x00\x05T"


@dataclass
class Wire:
    """Passes everything on; once armed, it cuts the connection of the first statement that holds all the marks.

    `before`: the statement never gets there. `after`: it does, the server commits, and its answer never comes back.
    """

    beyond: str
    url: str = ""
    cuts: int = 0
    _moment: Moment = "after"
    _marks: tuple[bytes, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cut(self, moment: Moment, *marks: str) -> None:
        """Arms it, for once."""
        with self._lock:
            self._moment, self._marks = moment, tuple(mark.encode() for mark in marks)

    def pass_on(self, client: socket.socket) -> None:
        """One connection, until one of its ends has gone or it is cut."""
        with client, suppress(OSError), _connected(self.beyond) as server:
            asked, kept, deaf = b"", b"", False
            while True:
                for end in select.select([client, server], [], [])[0]:
                    if not (data := end.recv(1 << 16)):
                        return
                    if end is client:
                        asked += data
                        if not deaf and self._is_it(asked):
                            if self._moment == "before":
                                return
                            deaf = True
                        server.sendall(data)
                        continue
                    if data.endswith((IDLE, WITHIN)):
                        asked = b""
                    if deaf:
                        kept += data
                        if kept.endswith(IDLE):
                            return
                        if not kept.endswith(WITHIN):
                            continue
                        data, kept = kept, b""
                    client.sendall(data)

    def _is_it(self, asked: bytes) -> bool:
        with self._lock:
            if not self._marks or not all(mark in asked for mark in self._marks):
                return False
            self._marks = ()
            self.cuts += 1
            return True


@contextmanager
def wire(url: str) -> Iterator[Wire]:
    """A wire to the database of this URL; its own URL leads through it."""
    made = Wire(url)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        made.url = make_conninfo(url, host=host, port=port, sslmode="disable", gssencmode="disable")

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    threading.Thread(target=made.pass_on, args=(client,), name="wire", daemon=True).start()

        accepting = threading.Thread(target=accept, name="wires", daemon=True)
        accepting.start()
        try:
            yield made
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _connected(url: str) -> socket.socket:
    told = conninfo_to_dict(url)
    host, port = str(told.get("host") or "127.0.0.1"), int(str(told.get("port") or 5432))
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.connect(f"{host}/.s.PGSQL.{port}")
    return server
