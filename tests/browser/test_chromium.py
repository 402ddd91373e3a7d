"""A browser is found, or it is said why there is none; in CI that is a failure, elsewhere the tests are skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.conftest import without_browser


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its path but what the test puts there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setattr(chromium, "PLACES", ())
    return tmp_path


def a_program(path: Path, exit_code: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return path


def test_where_there_is_none_it_is_said(bare: Path) -> None:
    with pytest.raises(chromium.NoBrowser, match="no Chromium on this machine"):
        chromium.found()


def test_one_that_does_not_start_is_passed_over_and_named(bare: Path) -> None:
    a_program(bare / "chromium", 1)
    with pytest.raises(chromium.NoBrowser, match=r"chromium does not start \(exit code 1\)"):
        chromium.found()
    another = a_program(bare / "google-chrome", 0)
    assert chromium.found() == str(another)


def test_playwrights_own_is_taken_where_the_system_has_none(bare: Path) -> None:
    own = a_program(bare / "playwright" / "chromium-1234" / "chrome-linux64" / "chrome", 0)
    assert chromium.found() == str(own)


def test_without_a_browser_tests_are_skipped_with_the_reason_and_in_ci_they_fail() -> None:
    with pytest.raises(pytest.skip.Exception, match="none here"):
        without_browser("none here", ci=None)
    with pytest.raises(pytest.fail.Exception, match="none here"):
        without_browser("none here", ci="true")
