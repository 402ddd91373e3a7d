"""Finds the browser that the tests of the pages drive, or gets one; run by `make test`, where it never fails.

The system's Chromium or Chrome is taken where there is one; else the distribution's package where it may be installed;
else Playwright's own. Where none is to be had, the reason is said, here and by the tests that are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
STARTING, INSTALLING = 60, 300  # seconds
# Letters to draw with come along: a bare machine has none.
PACKAGES = ("chromium", "fonts-dejavu-core")
# With it on, Chromium may leave a page open that is closed while it shows another: microsoft/playwright#42068.
ARGUMENTS = ("--disable-features=RenderDocument",)


class NoBrowser(Exception):
    """Why there is none, in a sentence."""


@contextmanager
def opened() -> Iterator[Browser]:
    """The browser without a window. Raises NoBrowser."""
    path = found()
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=ARGUMENTS) as browser:
        yield browser


def found() -> str:
    """A browser that starts. Raises NoBrowser."""
    tried = []
    for path in _candidates():
        if why := _fault(path):
            tried.append(f"{path} {why}")
        else:
            return path
    beside = f" ({'; '.join(tried)})" if tried else ""
    raise NoBrowser(f"There is no Chromium on this machine{beside}, and `make test` could not get one.")


def _candidates() -> Iterator[str]:
    for name in NAMES:
        if path := shutil.which(name):
            yield path
    yield from (place for place in PLACES if Path(place).exists())
    yield from (str(path) for path in _playwrights_own())


def _playwrights_own() -> list[Path]:
    """Where `playwright install chromium` puts it; looked for without starting Playwright."""
    given = os.getenv("PLAYWRIGHT_BROWSERS_PATH")
    home = Path.home()
    cache = home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    folder = Path(given) if given else cache
    patterns = ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/*.app/Contents/MacOS/*")
    return sorted((path for pattern in patterns for path in folder.glob(pattern)), reverse=True)


def _fault(path: str) -> str | None:
    """Why it does not start: some distributions have a file of that name that only points to a shop."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=STARTING, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not start ({type(error).__name__})"
    return None if done.returncode == 0 else f"does not start (exit code {done.returncode})"


def ways_to_get_one() -> Iterator[tuple[str, list[list[str]], Mapping[str, str]]]:
    """What may be tried where there is none: what it is called, its commands, and their further environment."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
        commands = [["apt-get", "update", "-q"], install]
        yield "the distribution's package", commands, {"DEBIAN_FRONTEND": "noninteractive"}
    yield "Playwright's own", [[sys.executable, "-m", "playwright", "install", "chromium"]], {}


def get_one() -> str:
    """A browser, installed if need be. Raises NoBrowser."""
    try:
        return found()
    except NoBrowser:
        pass
    for what, commands, more in ways_to_get_one():
        _say(f"There is no Chromium yet: trying {what}")
        if all(_done(command, more) for command in commands):
            try:
                return found()
            except NoBrowser:
                continue
    return found()


def _done(command: list[str], more: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run(
            command, env={**os.environ, **more}, capture_output=True, timeout=INSTALLING, check=False, text=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _say(f"  {command[0]}: {type(error).__name__}")
        return False
    if done.returncode:
        _say(f"  {' '.join(command[:2])}: " + (done.stderr.strip().splitlines() or ["it failed"])[-1])
    return done.returncode == 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        path = get_one()
    except NoBrowser as none:
        _say(f"{none} The tests of the pages in a browser will be skipped.")
    else:
        Path(sys.argv[1]).write_text(path + "\n", encoding="utf-8")
