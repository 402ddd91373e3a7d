"""`python -m benchmarks.beside`: the record beside the bare floor and a peer, as a table of ratios."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from benchmarks.beside.floor import Floor
from benchmarks.beside.ours import Ours
from benchmarks.beside.rounds import FLOOR, Line, Turn, interleaved
from pairway.embedded import servers

WRITERS = 32
OURS, PEER, FUNCTIONS = "pairway", "eventsourcing", "with functions"
SIDES = (FLOOR, OURS, PEER, FUNCTIONS)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    options.add_argument("lines", nargs="*", help="only these lines (append, batches, load, bulk, catch-up)")
    options.add_argument("--rounds", type=int, default=5, help="rounds that count, after one to warm up")
    options.add_argument("--seconds", type=float, default=0.4, help="that each side has in a round of a line")
    options.add_argument("--events", type=int, default=200_000, help="to append in bulk, and to catch up on")
    options.add_argument("--no-peer", action="store_true", help="leave the peer out")
    chosen = options.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="pairway-beside-") as folder, servers(Path(folder)) as addresses:
        for line in _lines(addresses.database_url, chosen, Spent(Path(folder))):
            print(_told(line), flush=True)
    print(f"({time.perf_counter() - begun:.0f} s in all; {os.cpu_count()} cores; ratios are medians over the rounds)")
    return 0


def _told(line: Line) -> str:
    cells = [
        f"{line.rates[name]:>9,.0f} {line.ratios[name]:>6.2f} {line.work[name]:>6,.0f}"
        if name in line.rates
        else " " * 23
        for name in SIDES[1:]
    ]
    floor = f"{line.rates[FLOOR]:>10,.0f} {line.work[FLOOR]:>6,.0f}"
    return f"{line.what:<40}{floor} |{' |'.join(cells)} |{line.reach:>6.2f}  {line.unit}"


class Spent:
    """Processor time of this process and of the server's, in seconds."""

    def __init__(self, folder: Path) -> None:
        pid_file = next(folder.rglob("postmaster.pid"))
        self._postmaster = psutil.Process(int(pid_file.read_text().split()[0]))
        self._ended: dict[int, float] = {}

    def __call__(self) -> float:
        for one in (*self._postmaster.children(), *psutil.Process().children(), psutil.Process()):
            with suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                self._ended[one.pid] = times.user + times.system
        return sum(self._ended.values())


def _lines(url: str, chosen: argparse.Namespace, spent: Spent) -> Iterator[Line]:
    with ExitStack() as stack:
        floor = stack.enter_context(closing(Floor(_database(url, "floor"), WRITERS)))
        ours = stack.enter_context(closing(Ours(_database(url, "ours"), WRITERS)))
        peers = {}
        if not chosen.no_peer:
            # only here, so that the rest can be run without it
            from benchmarks.beside.peer import Peer

            peers[PEER] = stack.enter_context(closing(Peer(_database(url, "peer"), WRITERS)))
            peers[FUNCTIONS] = stack.enter_context(closing(Peer(_database(url, "functions"), WRITERS, functions=True)))

        def wanted(line: str) -> bool:
            return not chosen.lines or line in chosen.lines

        def line(what: str, unit: str, reach: float, call: str, *asked: float, events: int = 1) -> Line:
            """A line whose sides are all asked for the same."""

            def turn(side: object) -> Turn:
                def taken() -> tuple[int, float]:
                    done, seconds = getattr(side, call)(*asked)
                    return done * events, seconds

                return taken

            gc.collect()
            return interleaved(
                what, unit, reach, {name: turn(side) for name, side in sides.items()}, chosen.rounds, spent
            )

        sides: dict[str, object] = {FLOOR: floor, OURS: ours, **peers}
        each, many = chosen.seconds, chosen.events // 4
        heads = " |".join(f"{name:>23}" for name in SIDES[1:])
        print(f"{'rate, ratio to the floor, µs of work':<40}{FLOOR:>17} |{heads} | reach")
        if wanted("append"):
            yield line("append 1 event, 1 writer", "events/s", 0.6, "append", 1, each)
            yield line("append 1 event, 8 writers", "events/s", 1.0, "append", 8, each)
            yield line("append 1 event, 32 writers", "events/s", 1.0, "append", 32, each)
        if wanted("batches"):
            yield line("new streams of 20 events, 1 writer", "events/s", 0.5, "new_streams", 1, each, 20, events=20)
            yield line("new streams of 20 events, 8 writers", "events/s", 0.7, "new_streams", 8, each, 20, events=20)
        if wanted("load"):
            yield line("load a stream of 60 events and fold it", "streams/s", 0.6, "load", each, 60)
        if wanted("bulk"):
            yield line("bulk append, sealed and signed", "events/s", 0.4, "bulk", many, 20)
        if wanted("catch-up"):
            floor.begin_anew()
            after = ours.store.head()
            ends = {name: peer.head() for name, peer in peers.items()}
            for _ in range(4):
                floor.bulk(many, 20)
                ours.bulk(many, 20)
            for peer in peers.values():
                peer.bulk(many, 20)
            floor.settle()
            ours.settle()
            gc.collect()
            asked: dict[str, Turn] = {FLOOR: floor.catch_up, OURS: partial(ours.catch_up, after)}
            asked |= {name: partial(peer.catch_up, ends[name], many // 2) for name, peer in peers.items()}
            what = f"catch up on {4 * many:,} events, decoded"
            yield interleaved(what, "events/s", 0.7, asked, chosen.rounds, spent)


def _database(url: str, name: str) -> str:
    """A new database on the server of this URL."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    before, _, after = url.partition("?")
    return f"{before.rsplit('/', 1)[0]}/{name}?{after}"


if __name__ == "__main__":
    sys.exit(main())
