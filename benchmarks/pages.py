"""What the pages cost with 10,000 pairings: at the server, over the wire and in Chromium, as Lighthouse counts it."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks.browsing import asked, service
from benchmarks.commands import PAIRINGS, command, written
from tests.browser.chromium import NoBrowser, opened

VISITS = 7
# The vitals as a browser keeps them; the largest paint and the shifts are told by observers only.
VITALS = """
() => new Promise(done => {
  let largest = 0, shift = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) largest = e.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver(list => { for (const e of list.getEntries()) shift += e.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => {
    const page = performance.getEntriesByType('navigation')[0];
    const files = performance.getEntriesByType('resource');
    done({
      server: page.responseStart - page.requestStart,
      first: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      largest, shift,
      bytes: files.reduce((sum, file) => sum + file.transferSize, page.transferSize),
    });
  }, 300);
})
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Times in milliseconds."""

    server: float
    first: float
    largest: float
    shift: float
    bytes: int


def main() -> int:
    """Prints the table; with a folder given, of the data that is there already."""
    with tempfile.TemporaryDirectory(prefix="pairway-pages-") as folder:
        data = Path(sys.argv[1]) if len(sys.argv) > 1 else _filled(Path(folder))
        try:
            with opened() as browser, service(data) as address:
                _table(browser, address)
        except NoBrowser as none:
            print(f"The pages are not measured: {none}")
    return 0


def _filled(folder: Path) -> Path:
    log, data = folder / "large.ndjson", folder / "data"
    written(log, pairings=PAIRINGS)
    command(data, "import", str(log))
    command(data, "sweep")
    return data


def _table(browser: Browser, address: str) -> None:
    programme = asked(f"{address}/api/v1/programmes")["programmes"][0]["id"]
    board = f"/programmes/{programme}/board"
    pairing = asked(f"{address}/api/v1{board}?health=at_risk&size=1")["pairings"][0]["id"]
    pages = {
        "overview": f"/programmes/{programme}",
        "board": board,
        "board, by department": f"{board}?group=department",
        "board, a name looked for": f"{board}?q=an",
        "board, behind a figure": f"{board}?behind=reached:goals&page=100",
        "pairing": f"/pairings/{pairing}",
    }
    print(f"\n{'page':<26}{'server ms':>11}{'best':>8}{'FCP ms':>9}{'LCP ms':>9}{'CLS':>7}{'KB at first':>13}")
    for name, path in pages.items():
        visits = [_visit(browser, address + path) for _ in range(VISITS)]
        server = [visit.server for visit in visits]
        print(
            f"{name:<26}{median(server):>11.0f}{min(server):>8.0f}{median(v.first for v in visits):>9.0f}"
            f"{median(v.largest for v in visits):>9.0f}{max(v.shift for v in visits):>7.3f}"
            f"{max(v.bytes for v in visits) / 1000:>13.0f}"
        )


def _visit(browser: Browser, address: str) -> Visit:
    """As somebody comes who was never there: nothing is kept from before."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(address)
        return Visit(**page.evaluate(VITALS))
    finally:
        context.close()


if __name__ == "__main__":
    sys.exit(main())
