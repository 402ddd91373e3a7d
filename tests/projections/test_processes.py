"""Processes that work for another do not outlive it, however it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.until import until

WORKING = """
import sys, time
from projections.processes import working

if __name__ == "__main__":
    with working(2, str) as executor:
        for _ in range(2):
            executor.submit(time.sleep, float(sys.argv[1]))
        executor.submit(time.sleep, 0).result() if sys.argv[1] == "0" else None
        print("at work", flush=True)
        time.sleep(600)
"""


@pytest.mark.parametrize("seconds", ["0", "600"], ids=["waiting for work", "at work"])
def test_they_are_gone_when_whom_they_work_for_is_killed(seconds: str, tmp_path: Path) -> None:
    script = tmp_path / "working.py"
    script.write_text(WORKING, encoding="utf-8")
    with subprocess.Popen([sys.executable, script, seconds], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "at work\n"
            working = psutil.Process(process.pid).children(recursive=True)
            assert len(working) >= 2
        finally:
            process.kill()
        until(lambda: not psutil.wait_procs(working, timeout=0)[1], "they are gone")
