"""Gives the API its parts, and runs it so that it starts with a sentence or not at all, and stops without a fight."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from ipaddress import ip_address
from threading import Thread
from types import FrameType

import redis
import uvicorn
from fastapi import FastAPI

from api.app import app
from api.needs import Needs
from eventstore.pool import Pool
from pairway.faults import Fault
from pairway.reports.files import FILES
from pairway.running import Loop, running
from pairway.wiring import Parts
from projections import schema

STOPPING = 5  # seconds that open requests have to end


def needs_of(parts: Parts, *, any_host: bool = False) -> Needs:
    """The parts of the service that the API speaks to."""
    return Needs(
        pool=parts.pool,
        store=parts.store,
        codec=parts.codec,
        keyring=parts.keyring,
        proofs=parts.proofs,
        take=parts.recorder.take,
        foresee=parts.recorder.foresee,
        form_ids=parts.form_ids,
        bring_forward=parts.recorder.bring_forward,
        forget=parts.forget,
        now=parts.now,
        reached=lambda: reached(parts.pool),
        database_url=parts.database_url,
        queue_trouble=lambda: queue_trouble(parts.redis_url),
        report_formats=FILES,
        any_host=any_host,
        version=version("pairway"),
    )


def reached(pool: Pool) -> int:
    """The position up to which every read model has come."""
    with pool.connection() as conn:
        return min((found.position for found in schema.standings(conn).values()), default=0)


def queue_trouble(url: str | None) -> str | None:
    """Why the queue does not answer; none where it does."""
    if url is None:
        return "No Redis was given to this process: set PAIRWAY_REDIS_URL, or use `pairway up`."
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()
    except redis.RedisError as error:
        return f"Redis does not answer ({type(error).__name__}); facts are taken, but nothing is sent to workers."
    return None


def listening(host: str, port: int, *, insecure: bool = False) -> socket.socket:
    """A socket that listens there; raises Fault where it may not or cannot."""
    if not insecure and not _own(host):
        raise Fault(
            f"There are no accounts yet, so Pairway listens on 127.0.0.1 only, not on {host}: "
            "whoever reaches it may do everything. Add --insecure to do it all the same."
        )
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except socket.gaierror:
        raise Fault(f"There is no address {host} to listen on.") from None
    opened = socket.socket(address[0], address[1])
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address[4])
        opened.listen(2048)
    except OSError as error:
        opened.close()
        raise Fault(
            f"Port {port} of {host} cannot be had ({error.strerror}): stop what listens there, "
            "or choose another with --port."
        ) from None
    return opened


def _own(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Server(uvicorn.Server):
    """Lets streams of events end before it waits for its connections to close."""

    def __init__(self, served: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                served,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=STOPPING,
                h11_max_incomplete_event_size=64 * 1024,
            )
        )
        self._end_streams: Callable[[], None] = served.state.tail.close
        self._warm: Callable[[], None] = served.state.warm

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # whoever looks meanwhile waits no longer than they would have without it
        Thread(target=self._warm, name="warm", daemon=True).start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stop()
        super().handle_exit(sig, frame)

    def stop(self) -> None:
        """Has it stop, from any thread."""
        self._end_streams()
        self.should_exit = True


@contextmanager
def serving(
    parts: Parts, opened: socket.socket, stop: threading.Event, loops: Mapping[str, Loop], *, any_host: bool
) -> Iterator[str | None]:
    """Serves the API on this socket, with the loops beside it, until the block is left.

    The block is entered once it answers, with its address; with none where it was told to stop before that.
    """
    server = Server(app(needs_of(parts, any_host=any_host)))
    with running(stop, {**loops, "api": lambda _stop: server.run(sockets=[opened])}):
        try:
            while not server.started and not stop.wait(0.02):
                pass
            yield address_of(opened) if server.started else None
        finally:
            server.stop()


def address_of(opened: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = opened.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - only told, not listened on
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
