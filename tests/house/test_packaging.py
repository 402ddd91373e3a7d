"""What is handed out: the wheel, the locks, and the commands that the README promises."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ["pairway", "domain", "eventstore", "projections", "workers", "api"]
LOCKS = ["requirements.txt", "requirements-dev.txt"]
BENCH = "requirements-bench.txt"
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built as for a release."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_six_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    tracked = {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    assert tracked - set(wheel.namelist()) == set()


def test_the_wheel_cannot_be_uploaded_by_accident(wheel: zipfile.ZipFile) -> None:
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    assert "Classifier: Private :: Do Not Upload" in wheel.read(metadata).decode()


@pytest.mark.parametrize("lock", [*LOCKS, BENCH])
def test_a_lock_pins_and_hashes_everything_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"(?m)^(?=[a-z0-9])", text) if not entry.startswith("#")]
    assert len(entries) > (3 if lock == BENCH else 30)
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,-]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_all_that_the_project_asks_for(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    if lock == "requirements-dev.txt":
        asked += [one for one in project["dependency-groups"]["dev"] if isinstance(one, str)]
    names = {re.split(r"[^A-Za-z0-9.-]", one)[0].lower() for one in asked}
    locked = set(re.findall(r"(?m)^([a-z0-9.-]+)==", (ROOT / lock).read_text(encoding="utf-8")))
    assert names - locked == set()


def test_both_locks_agree() -> None:
    run, dev = (
        dict(re.findall(r"(?m)^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"))) for lock in LOCKS
    )
    assert {name: (number, dev.get(name)) for name, number in run.items() if dev.get(name) != number} == {}


def commands(text: str) -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines() if line]


def test_the_readme_has_its_two_commands() -> None:
    assert commands(README)[:2] == ["make run", "make test"]


@pytest.mark.parametrize("line", commands(README))
def test_a_command_of_the_readme_works(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        # setting up inside a test would be setting up without end: that the way is there is enough
        done = subprocess.run(["make", "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return
    assert words[0] == ".venv/bin/pairway"
    done = subprocess.run([str(Path(sys.executable).parent / "pairway"), *words[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_page_that_the_readme_points_to_is_there() -> None:
    pointed = [target for target in re.findall(r"\]\(([^)#]+)", README) if "://" not in target]
    assert pointed
    assert [target for target in pointed if not (ROOT / target).exists()] == []


def test_ci_runs_what_people_run() -> None:
    run = ROOT / ".ci" / "run"
    assert run.stat().st_mode & 0o111
    assert run.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"


def test_a_machine_without_a_new_enough_python_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text(encoding="utf-8"))
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).write_text("")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "make", "cat", "rm", "test", "echo"):
        for folder in (Path("/bin"), Path("/usr/bin")):
            if (folder / tool).exists() and not (tmp_path / "bin" / tool).exists():
                (tmp_path / "bin" / tool).symlink_to(folder / tool)
    done = subprocess.run(
        ["make", "setup"], cwd=tmp_path, env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "Pairway needs Python 3.11 or later" in done.stdout
