"""An import takes a log in once, whatever happens to it on the way, and says what became of each fact."""

from __future__ import annotations

import json
import signal
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from eventstore import imports
from pairway.wiring import Parts
from tests.commands import count, run, started
from tests.parts import MakeParts, arrived, log, recorded
from tests.until import until


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of some thousand facts, with duplicates, disorder and malformed ones."""
    return written(tmp_path / "facts.ndjson", log(110, months=12))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return written(tmp_path / "small.ndjson", log(5))


def written(path: Path, facts: list[bytes]) -> Path:
    path.write_bytes(b"".join(fact + b"\n" for fact in facts))
    return path


def taken(parts: Parts, file: Path, *more: str | Path) -> dict[str, int]:
    """Runs an import to its end; the counts that it printed."""
    ended = run(parts, "import", file, "--format", "json", *more)
    assert ended.returncode == 0, ended.stderr.decode()
    counts: dict[str, int] = json.loads(ended.stdout)
    return counts


def swept(parts: Parts) -> dict[str, list[tuple[object, ...]]]:
    ended = run(parts, "sweep")
    assert ended.returncode == 0, ended.stderr.decode()
    return recorded(parts)


def rejects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def told(parts: Parts, *arguments: str | Path) -> str:
    """The sentence of a command that cannot do it."""
    ended = run(parts, *arguments)
    said = ended.stderr.decode()
    assert ended.returncode == 2, said
    assert ended.stdout == b""
    assert "Traceback" not in said
    assert said.startswith("pairway: ")
    assert len(said.strip().splitlines()) == 1
    return said


def test_an_import_counts_each_fact_as_it_was_on_arrival_and_leaves_nothing_open(parts: Parts, small: Path) -> None:
    counts = taken(parts, small)

    assert sum(counts.values()) == len(small.read_bytes().splitlines())
    assert Counter(str(row[2]) for row in arrived(parts)) == {
        name: number for name, number in counts.items() if name != "duplicate"
    }
    assert imports.open_imports(parts.pool) == []
    assert parts.store.head() == count(parts, "event"), "everything is sealed when it has ended"


def test_in_words_every_disposition_has_its_line(parts: Parts, small: Path) -> None:
    ended = run(parts, "import", small)

    words = [line.split() for line in ended.stdout.decode().splitlines()]
    assert [name for name, _ in words] == ["accepted", "duplicate", "parked", "refused", "invalid"]
    assert sum(int(number) for _, number in words) == len(small.read_bytes().splitlines())


def test_imported_twice_everything_valid_is_a_duplicate_and_no_stream_has_changed(parts: Parts, small: Path) -> None:
    first = taken(parts, small)
    before = recorded(parts)
    second = taken(parts, small)

    valid = sum(first.values()) - first.get("invalid", 0)
    assert second == {"duplicate": valid} | ({"invalid": first["invalid"]} if "invalid" in first else {})
    assert recorded(parts) == before


def test_killed_three_times_and_run_again_beside_workers_it_ends_as_if_never_broken(
    make_parts: MakeParts, path: Path, tmp_path: Path, redis_url: str
) -> None:
    unbroken, killed = make_parts(), make_parts()
    counts = taken(unbroken, path, "--rejects", tmp_path / "unbroken")

    with ExitStack() as stack:
        for command in ("work", "project"):
            beside = stack.enter_context(started(killed, command, redis_url=redis_url))
            assert beside.stdout is not None
            beside.stdout.readline()
        for facts in (1, 700, 1500):
            with started(killed, "import", path, "--rejects", tmp_path / "killed") as process:
                until(lambda facts=facts: count(killed, "inbox") >= facts)  # type: ignore[misc]  # mypy infers no lambda's default
                process.send_signal(signal.SIGKILL)
                process.wait()
            if facts > 1:
                assert [each.name for each in imports.open_imports(killed.pool)] == [str(path)]
        assert taken(killed, path, "--rejects", tmp_path / "killed") == counts
        assert swept(killed) == swept(unbroken)
    assert arrived(killed) == arrived(unbroken)
    assert rejects(tmp_path / "killed") == rejects(tmp_path / "unbroken")
    assert imports.open_imports(killed.pool) == []


def test_while_an_import_is_open_a_sweep_leaves_its_programmes_alone(parts: Parts, path: Path) -> None:
    with started(parts, "import", path) as process:
        until(lambda: count(parts, "inbox") >= 1000)
        process.send_signal(signal.SIGKILL)
        process.wait()
    parts.store.seal(wait=True)
    before = recorded(parts)

    ended = run(parts, "sweep")
    assert ended.returncode == 0
    assert b"Left alone: leaders-2024" in ended.stderr
    assert recorded(parts) == before

    gone = run(parts, "import", path, "--abandon")
    assert gone.returncode == 0, gone.stderr.decode()
    assert swept(parts) != before


def test_two_importers_at_once_with_half_of_the_pairs_each_end_as_one(make_parts: MakeParts, tmp_path: Path) -> None:
    opened, *facts = log(60, months=12)
    halves = by_company(facts)
    together, apart = make_parts(), make_parts()
    whole = taken(together, written(tmp_path / "whole", [opened, *facts]))

    counts = Counter(taken(apart, written(tmp_path / "opened", [opened])))
    files = [written(tmp_path / f"half{number}", half) for number, half in enumerate(halves)]
    assert all(file.stat().st_size for file in files)
    with ExitStack() as stack:
        running = [stack.enter_context(started(apart, "import", file, "--format", "json")) for file in files]
        for process in running:
            out, said = process.communicate(timeout=300)
            assert process.returncode == 0, said.decode()
            counts.update(json.loads(out))

    assert counts == whole
    assert swept(apart) == swept(together)


def by_company(facts: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Two halves of a log: whoever has to do with each other, by whatever fact, is in the same half."""
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    subjects = []
    for raw in facts:
        try:
            fact = json.loads(raw)
            own, data = str(fact.get("subject")), fact.get("data") or {}
        except (ValueError, AttributeError):
            own, data = "", {}
        subjects.append(own)
        if isinstance(data, dict):
            for name in ("mentor", "protege", "replaces"):
                if isinstance(data.get(name), str):
                    root[find(data[name])] = find(own)
    groups = Counter(find(own) for own in subjects)
    largest = {name for name, _ in groups.most_common()[::2]}
    return (
        [raw for raw, own in zip(facts, subjects, strict=True) if find(own) in largest],
        [raw for raw, own in zip(facts, subjects, strict=True) if find(own) not in largest],
    )


def test_rejects_name_the_line_the_reason_and_the_fact_as_it_came(parts: Parts, tmp_path: Path) -> None:
    opened = log(1)[0]
    late = {**json.loads(opened), "id": "again"}
    file = written(tmp_path / "bad", [b"", opened, b"{ no json", b"\xff\x00", json.dumps(late).encode(), b"[1]"])

    (tmp_path / "rejects").touch(0o644)

    counts = taken(parts, file, "--rejects", tmp_path / "rejects")

    assert counts == {"accepted": 1, "refused": 1, "invalid": 3}
    assert (tmp_path / "rejects").stat().st_mode & 0o777 == 0o600
    found = rejects(tmp_path / "rejects")
    assert [(each["line"], each["disposition"]) for each in found] == [
        (3, "invalid"),
        (4, "invalid"),
        (5, "refused"),
        (6, "invalid"),
    ]
    assert found[0]["fact"] == "{ no json"
    assert found[0]["errors"][0]["reason"]
    assert found[2]["fact"] == late
    assert "open already" in found[2]["reason"]


def test_what_comes_down_a_pipe_is_taken_in_and_known_again(parts: Parts, small: Path) -> None:
    log_bytes = small.read_bytes()
    first = run(parts, "import", "-", "--format", "json", stdin=log_bytes)
    again = run(parts, "import", "-", "--format", "json", stdin=log_bytes)

    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    assert sum(json.loads(first.stdout).values()) == len(log_bytes.splitlines())
    assert set(json.loads(again.stdout)) <= {"duplicate", "invalid"}


def test_an_empty_log_is_no_fault(parts: Parts, tmp_path: Path) -> None:
    assert taken(parts, written(tmp_path / "empty", [b"", b"  "])) == {}
    assert imports.open_imports(parts.pool) == []


def test_a_log_that_changed_since_it_was_stopped_is_not_gone_on_with(parts: Parts, path: Path) -> None:
    with started(parts, "import", path) as process:
        until(lambda: count(parts, "inbox") >= 500)
        process.send_signal(signal.SIGKILL)
        process.wait()
    written(path, log(3))

    said = told(parts, "import", path)
    assert "has changed since its import stopped" in said
    assert "--abandon" in said

    assert run(parts, "import", path, "--abandon").returncode == 0
    assert taken(parts, path)


def test_an_import_that_another_command_is_at_is_not_taken_over(parts: Parts, path: Path) -> None:
    with started(parts, "import", path) as process:
        until(lambda: count(parts, "inbox") >= 1)
        process.send_signal(signal.SIGSTOP)
        try:
            assert "is being imported by another command" in told(parts, "import", path)
        finally:
            process.send_signal(signal.SIGCONT)
        assert process.wait(120) == 0


def test_what_cannot_be_read_or_given_up_is_told_in_a_sentence(parts: Parts, tmp_path: Path) -> None:
    assert "There is no file" in told(parts, "import", tmp_path / "nowhere")
    assert "is a folder" in told(parts, "import", tmp_path)
    assert "none to give up" in told(parts, "import", tmp_path / "nowhere", "--abandon")
    file = written(tmp_path / "log", [])
    assert "cannot be written" in told(parts, "import", file, "--rejects", tmp_path / "no" / "rejects")


def test_the_rejects_never_take_the_place_of_the_log(parts: Parts, tmp_path: Path) -> None:
    file = written(tmp_path / "log", log(1))
    whole = file.read_bytes()
    (tmp_path / "link").symlink_to(file)
    for rejected in (file, tmp_path / "link"):
        assert "is the log that is to be imported" in told(parts, "import", file, "--rejects", rejected)
    assert file.read_bytes() == whole
