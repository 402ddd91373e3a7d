"""`make screenshots`: the pictures of the README, taken of the demo year."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.browsing import asked, service
from tests.browser.chromium import opened

TO = Path(__file__).parents[1] / "docs" / "screenshots"


def main() -> int:
    TO.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pairway-pictures-") as folder:
        data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder)
        with opened() as browser, service(data, "--demo") as address:
            programme = asked(f"{address}/api/v1/programmes")["programmes"][0]["id"]
            board = f"/programmes/{programme}/board"
            pairing = asked(f"{address}/api/v1{board}?flag=low_rating&size=1&sort=flags")["pairings"][0]["id"]
            pictures = {
                "overview": (f"/programmes/{programme}", 1180),
                "board": (f"{board}?group=department&behind=flagged", 760),
                "pairing": (f"/pairings/{pairing}", 900),
            }
            for name, (path, height) in pictures.items():
                page = browser.new_page(viewport={"width": 1120, "height": height}, color_scheme="light")
                page.goto(address + path)
                page.screenshot(path=TO / f"{name}.png")
                page.close()
                print(f"docs/screenshots/{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
