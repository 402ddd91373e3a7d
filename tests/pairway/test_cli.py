"""The command line as a person meets it: help everywhere, exit codes that mean something, sentences for faults."""

from __future__ import annotations

import signal
import subprocess
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pairway import cli
from pairway.cli import main, parser
from pairway.commands import migrate
from pairway.faults import Fault
from pairway.settings import Settings

LINES = [
    "up",
    "import",
    "sweep",
    "report",
    "show",
    "audit",
    "audit verify",
    "audit export",
    "audit check",
    "projections",
    "projections status",
    "projections rebuild",
    "serve",
    "project",
    "work",
    "migrate",
    "facts",
    "facts generate",
]


@pytest.mark.parametrize("line", ["", *LINES])
def test_every_command_has_help(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*line.split(), "--help"])
    assert left.value.code == 0
    assert f"usage: pairway {line}".rstrip() in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "",
        "upp",
        "report",
        "report p-1 --format doc",
        "sweep --as-of yesterday",
        "sweep --as-of 2026-06-30T23:00:00",
        "up --port 65536",
        "audit export p-1",
        "facts generate --pairings 0",
    ],
)
def test_wrong_use_ends_with_2_and_says_how_it_goes(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(line.split())
    assert left.value.code == 2
    assert "usage: pairway" in capsys.readouterr().err


def test_an_instant_is_taken_with_its_offset() -> None:
    args = parser().parse_args(["sweep", "--as-of", "2026-06-30T23:00:00+02:00"])
    assert args.as_of == datetime(2026, 6, 30, 21, tzinfo=UTC)


@pytest.mark.parametrize("line", ["--data D migrate", "migrate --data D"])
def test_the_data_folder_may_be_named_before_or_after_the_command(line: str) -> None:
    assert parser().parse_args(line.split()).data == Path("D")


def test_an_unknown_setting_ends_any_command_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAIRWAY_PROT", "80")
    assert main(["migrate"]) == 2
    assert capsys.readouterr().err == "pairway: There is no setting PAIRWAY_PROT: did you mean PAIRWAY_PORT?\n"


def ends_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException) -> int:
    """Has `migrate` end with this error."""

    def run(_args: Namespace, _settings: Settings) -> int:
        raise error

    whole = parser()
    monkeypatch.setattr(migrate, "run", run)
    monkeypatch.setattr(cli, "parser", lambda _: whole)
    monkeypatch.setattr(whole, "parse_args", lambda _: Namespace(run=run, data=tmp_path))
    return main([])


def test_a_fault_is_one_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends_with(monkeypatch, tmp_path, Fault("The cup is empty: fill it.")) == 2
    assert capsys.readouterr().err == "pairway: The cup is empty: fill it.\n"


def test_a_file_that_is_not_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends_with(monkeypatch, tmp_path, FileNotFoundError(2, "No such file", "facts.ndjson")) == 2
    assert capsys.readouterr().err == "pairway: No such file: facts.ndjson.\n"


def test_a_bug_shows_where_it_is_and_is_no_wrong_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends_with(monkeypatch, tmp_path, ZeroDivisionError("bug")) == 70
    assert "ZeroDivisionError: bug" in capsys.readouterr().err


def test_ctrl_c_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends_with(monkeypatch, tmp_path, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_stops_reading_is_no_fault(tmp_path: Path) -> None:
    say = (
        "import sys; from pairway import cli; from argparse import Namespace\n"
        "def run(args, settings):\n"
        "    while True: print('x' * 1000)\n"
        "cli.parser = lambda _: type('P', (), {'parse_args': lambda self, a: Namespace(run=run)})()\n"
        "sys.exit(cli.main([]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", say], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"HOME": str(tmp_path)}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 128 + signal.SIGPIPE


def test_migrating_says_what_it_did_and_nothing_the_second_time(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAIRWAY_MASTER_KEY", "00" * 32)
    assert main(["migrate", "--data", str(data)]) == 0
    assert capsys.readouterr().out.startswith("applied: ")
    assert main(["migrate", "--data", str(data)]) == 0
    assert capsys.readouterr().out == "The database is up to date.\n"
