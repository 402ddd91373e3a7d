"""`make bench`: every figure that the project speaks of, in one run, as a table."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import PAIRINGS, command, written

FACTS = 100_000
FACTS_OF_A_PAIRING = 22  # a year has some more
LATER = "2026-10-31T12:00:00Z"


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
    written(small, pairings=FACTS // FACTS_OF_A_PAIRING, most=FACTS)
    command(folder / "one", "projections", "status")
    idle = command(folder / "one", "projections", "status")
    print(f"a command that does nothing takes {idle.seconds:.2f} s, which is taken off the ones below")
    whole = command(folder / "one", "import", str(small))
    spent = whole.seconds - idle.seconds
    yield Row("import, end to end and sealed", f"{FACTS:,} facts", spent, FACTS / spent, "facts/s", 8_000)
    programme = written(large, pairings=PAIRINGS)
    data = folder / "two"
    larger = command(data, "import", str(large))
    print(f"memory of an import: {whole.memory:.0f} MiB for {FACTS:,} facts, ", end="")
    print(f"{larger.memory:.0f} MiB for {_lines(large):,}")
    command(data, "projections", "rebuild", "all")
    swept = command(data, "sweep", "--as-of", LATER)
    print(swept.output.strip().splitlines()[-1])
    spent = swept.seconds - idle.seconds
    yield Row("sweep", f"{PAIRINGS:,} pairings", spent, PAIRINGS / spent, "pairings/s", 1_000)

    reported = command(data, "report", programme, "--out", str(folder / "report.json"))
    spent = reported.seconds - idle.seconds
    yield Row("report, live", f"{PAIRINGS:,} pairings", spent, PAIRINGS / spent, "pairings/s", 10_000)

    events = _events(data)
    rebuilt = command(data, "projections", "rebuild", "all")
    spent = rebuilt.seconds - idle.seconds
    yield Row("rebuild of all read models", f"{events:,} events", spent, events / spent, "events/s", 50_000)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _events(data: Path) -> int:
    """How many events the record holds."""
    status = command(data, "projections", "status").output
    return max(int(word.replace(",", "")) for word in status.split() if word.replace(",", "").isdigit())


if __name__ == "__main__":
    sys.exit(main())
