"""A made-up log in a file, and the commands run on it as a person would."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path

import psutil

from pairway.generate import facts

PAIRINGS = 10_000
SEED = 20
ENDING = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class Run:
    """One command: seconds on the clock, and the largest memory of its process in MiB."""

    seconds: float
    memory: float
    output: str


def written(path: Path, pairings: int, most: int | None = None) -> str:
    """Writes a log and names its programme."""
    log = islice(facts(pairings, 12, SEED, ENDING), most)
    opened = next(log)
    with path.open("wb") as file:
        for line in chain((opened,), log):
            file.write(line + b"\n")
    return str(json.loads(opened)["subject"])


def command(data: Path, *arguments: str) -> Run:
    """Runs it to its end. Raises SystemExit where it fails."""
    begun = time.perf_counter()
    line = [str(Path(sys.executable).with_name("pairway")), *arguments, "--data", str(data)]
    with tempfile.TemporaryFile("w+") as said, subprocess.Popen(line, stdout=said) as process:
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
        raise SystemExit(f"{' '.join(line)} ended with {process.returncode}")
    return Run(seconds, memory / 2**20, output)
