"""`make bench`: every figure that the project speaks of, in one run, as a table."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path

import psutil

from pairway.generate import facts

FACTS = 100_000
PAIRINGS = 10_000
FACTS_OF_A_PAIRING = 22  # a year has some more
SEED = 20
ENDING = date(2026, 6, 1)
LATER = "2026-10-31T12:00:00Z"


@dataclass(frozen=True, slots=True)
class Run:
    """One command: seconds on the clock, and the largest memory of its process in MiB."""

    seconds: float
    memory: float
    output: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `reach` is what the specification wants of the rate."""

    what: str
    amount: str
    seconds: float
    rate: float
    unit: str
    reach: float


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="pairway-bench-") as folder:
        rows = list(_rows(Path(folder)))
    print(f"\n{'what':<42}{'amount':>18}{'seconds':>10}{'rate':>12}{'':>14}{'wanted':>10}{'ratio':>8}")
    for row in rows:
        ratio = row.rate / row.reach if row.reach else float("nan")
        print(
            f"{row.what:<42}{row.amount:>18}{row.seconds:>10.2f}{row.rate:>12,.0f}{row.unit:>14}"
            f"{row.reach:>10,.0f}{ratio:>8.2f}"
        )
    return 0


def _rows(folder: Path) -> Iterator[Row]:
    small, large = folder / "small.ndjson", folder / "large.ndjson"
    _write(small, pairings=FACTS // FACTS_OF_A_PAIRING, most=FACTS)
    _command(folder / "one", "projections", "status")
    idle = _command(folder / "one", "projections", "status")
    print(f"a command that does nothing takes {idle.seconds:.2f} s, which is taken off the ones below")
    whole = _command(folder / "one", "import", str(small))
    spent = whole.seconds - idle.seconds
    yield Row("import, end to end and sealed", f"{FACTS:,} facts", spent, FACTS / spent, "facts/s", 8_000)
    programme = _write(large, pairings=PAIRINGS)
    data = folder / "two"
    larger = _command(data, "import", str(large))
    print(f"memory of an import: {whole.memory:.0f} MiB for {FACTS:,} facts, ", end="")
    print(f"{larger.memory:.0f} MiB for {_lines(large):,}")
    _command(data, "projections", "rebuild", "all")
    swept = _command(data, "sweep", "--as-of", LATER)
    print(swept.output.strip().splitlines()[-1])
    spent = swept.seconds - idle.seconds
    yield Row("sweep", f"{PAIRINGS:,} pairings", spent, PAIRINGS / spent, "pairings/s", 1_000)

    reported = _command(data, "report", programme, "--out", str(folder / "report.json"))
    spent = reported.seconds - idle.seconds
    yield Row("report, live", f"{PAIRINGS:,} pairings", spent, PAIRINGS / spent, "pairings/s", 10_000)

    events = _events(data)
    rebuilt = _command(data, "projections", "rebuild", "all")
    spent = rebuilt.seconds - idle.seconds
    yield Row("rebuild of all read models", f"{events:,} events", spent, events / spent, "events/s", 50_000)


def _write(path: Path, pairings: int, most: int | None = None) -> str:
    """Writes a log and names its programme."""
    log = islice(facts(pairings, 12, SEED, ENDING), most)
    opened = next(log)
    with path.open("wb") as file:
        for line in chain((opened,), log):
            file.write(line + b"\n")
    return str(json.loads(opened)["subject"])


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _command(data: Path, *arguments: str) -> Run:
    begun = time.perf_counter()
    command = [str(Path(sys.executable).with_name("pairway")), *arguments, "--data", str(data)]
    with tempfile.TemporaryFile("w+") as said, subprocess.Popen(command, stdout=said) as process:
        # by asking, as the kernel's own maximum counts the servers that the command had to wait for
        asked, memory = psutil.Process(process.pid), 0
        while process.poll() is None:
            with suppress(psutil.Error):
                memory = max(memory, asked.memory_info().rss)
            time.sleep(0.02)
        seconds = time.perf_counter() - begun
        said.seek(0)
        output = said.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, memory / 2**20, output)


def _events(data: Path) -> int:
    """How many events the record holds."""
    status = _command(data, "projections", "status").output
    return max(int(word.replace(",", "")) for word in status.split() if word.replace(",", "").isdigit())


if __name__ == "__main__":
    sys.exit(main())
