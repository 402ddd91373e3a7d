"""The views for reporting tools: documented, alone readable, and of one mind with the MPM report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from eventstore.pool import Pool
from eventstore.roles import REPORTING, acting_as
from projections.runner import MODELS
from tests.examples.whole import THEN, Whole, expected, log
from tests.projections.record import Record

DOCS = (Path(__file__).parents[2] / "docs" / "reporting.md").read_text()
VIEWS = ("programmes", "pairings", "steps", "meetings", "deadlines", "flags", "feedback", "closures")


def documented() -> dict[str, list[tuple[str, str]]]:
    """The columns of each view with what they hold, as the page tells them."""
    _, *parts = re.split(r"^### (\w+)$", DOCS, flags=re.MULTILINE)
    return {
        name: re.findall(r"^\| `(\w+)` \| (.*) \|$", text, flags=re.MULTILINE)
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def columns(record: Record) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for view, column, comment in record.rows(
        "SELECT c.relname, a.attname, col_description(c.oid, a.attnum) FROM pg_class c JOIN pg_attribute a"
        " ON a.attrelid = c.oid WHERE c.relnamespace = 'reporting'::regnamespace AND a.attnum > 0"
        " ORDER BY c.relname, a.attnum"
    ):
        found.setdefault(view, []).append((column, comment))
    return found


def test_every_column_is_there_as_it_is_documented(record: Record) -> None:
    record.projector.prepare()
    assert columns(record) == documented()
    assert tuple(documented()) == VIEWS


def test_reporting_tools_read_the_views_and_nothing_else(record: Record, database_url: str) -> None:
    record.take("small.ndjson")
    record.projector.catch_up()
    with psycopg.connect(acting_as(database_url, REPORTING), autocommit=True) as conn:
        for view in VIEWS:
            assert conn.execute(f"SELECT count(*) > 0 FROM reporting.{view}".encode()).fetchone() == (True,), view
            for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"):
                row = conn.execute("SELECT has_table_privilege(%s, %s)", (f"reporting.{view}", right)).fetchone()
                assert row == (False,), (view, right)
        for model in MODELS:
            with pytest.raises(InsufficientPrivilege, match="permission denied for schema projection"):
                conn.execute(f"SELECT FROM projection.{model.name}".encode())
        with pytest.raises(InsufficientPrivilege, match="permission denied for schema pairway"):
            conn.execute("SELECT FROM pairway.event")


def test_no_name_address_person_or_word_of_a_pair_is_in_them(record: Record) -> None:
    record.take("corners.ndjson")
    record.sweep()
    record.projector.catch_up()
    shown = "\n".join(str(row) for view in VIEWS for row in record.rows(f"SELECT v::text FROM reporting.{view} v"))
    assert "sealed:" not in shown
    told = record.rows("SELECT participant, person, name, email FROM projection.people")
    assert told
    for participant, person, name, email in told:
        assert person == participant or person not in shown
        assert name not in shown
        assert email not in shown


def test_the_views_say_what_the_report_of_the_example_year_says(pool: Pool) -> None:
    whole, wanted = Whole(pool), expected("year")
    whole.take(log("year"))
    whole.sweep()
    for programme in wanted["reports"]:
        assert_of_one_mind(whole, programme, whole.report(programme, THEN))


def assert_of_one_mind(whole: Whole, programme: str, report: Any) -> None:
    def one(query: str) -> tuple[Any, ...]:
        with whole.pool.connection() as conn:
            row = conn.execute(query.encode(), (programme,)).fetchone()
        assert row is not None
        return tuple(row)

    def tally(query: str) -> dict[str, Any]:
        with whole.pool.connection() as conn:
            return {row[0]: row[1:] if len(row) > 2 else row[1] for row in conn.execute(query.encode(), (programme,))}

    of = "WHERE programme = %s"
    states = tally(f"SELECT state, count(*) FROM reporting.pairings {of} GROUP BY 1")
    for state in ("active", "paused", "completed", "closed_early"):
        assert states.get(state, 0) == report["pairings"][state]
    healths = tally(f"SELECT health, count(*) FROM reporting.pairings {of} GROUP BY 1")
    assert {name: healths.get(name, 0) for name in report["health"]} == report["health"]
    assert one(f"SELECT count(replaces) FROM reporting.pairings {of}") == (report["pairings"]["rematched"],)

    steps = tally(
        "SELECT step, count(*) FILTER (WHERE current), count(*) FILTER (WHERE outcome = 'done'),"
        " count(*) FILTER (WHERE outcome = 'done' AND on_time), count(*) FILTER (WHERE coalesce(contract, outcome) ="
        " 'waived' AND outcome IS NOT NULL), count(*) FILTER (WHERE coalesce(contract, outcome) = 'lapsed' AND outcome"
        " IS NOT NULL), percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE outcome = 'done')"
        f" FROM reporting.steps {of} GROUP BY 1"
    )
    for line in report["steps"]:
        found = steps.get(line["step"], (0, 0, 0, 0, 0, None))
        assert found[0] == line["current"], line["step"]
        if line["step"] != "feedback":
            wanted = [line[name] for name in ("completed", "on_time", "waived", "lapsed", "median_days")]
            assert list(found[1:]) == wanted, line["step"]

    missed = tally(
        "SELECT deadline, count(*) FILTER (WHERE state <> 'pending'), count(*) FILTER (WHERE state = 'rescinded')"
        f" FROM reporting.deadlines {of} GROUP BY 1"
    )
    for kind, figures in report["deadlines"].items():
        assert missed.get(kind, (0, 0)) == (figures["missed"], figures["rescinded"]), kind

    meetings = report["meetings"]
    assert one(
        "SELECT count(*) FILTER (WHERE held), count(*) FILTER (WHERE NOT held), coalesce(sum(minutes), 0)"
        f" FROM reporting.meetings {of}"
    ) == (meetings["held"], meetings["missed"], meetings["minutes"])

    for line in report["feedback"]:
        assert one(f"SELECT count(DISTINCT pairing) FROM reporting.feedback {of} AND quarter = {line['quarter']}") == (
            line["opened"],
        )
        for role in ("mentor", "protege"):
            given = line[role]
            assert one(
                "SELECT count(*) FILTER (WHERE given), count(*) FILTER (WHERE late),"
                " round(avg(satisfaction), 4)::float, round(avg(progress), 4)::float"
                f" FROM reporting.feedback {of} AND quarter = {line['quarter']}"
                f" AND role = '{role}'"
            ) == pytest.approx((given["given"], given["late"], given["mean_satisfaction"], given["mean_progress"]))

    closures = report["early_closures"]
    for what, column in (("by_reason", "reason"), ("by_initiator", "initiator"), ("by_step", "step")):
        found = tally(f"SELECT {column}, count(*) FROM reporting.closures {of} AND closure = 'closed_early' GROUP BY 1")
        assert found == {name: count for name, count in closures[what].items() if count}
    assert one(
        "SELECT count(*) FILTER (WHERE closure = 'closed_early'), count(*) FILTER (WHERE closure = 'fulfilled'),"
        " count(*) FILTER (WHERE closure = 'closed_early' AND open_flags > 0), count(reviewed_at),"
        " percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE closure = 'closed_early')"
        f" FROM reporting.closures {of}"
    ) == (
        closures["count"],
        closures["fulfilled"],
        closures["flagged_before"],
        closures["reviewed"],
        closures["median_days"],
    )

    flags = tally(
        "SELECT signal, count(*), count(*) FILTER (WHERE open), count(*) FILTER (WHERE open AND acknowledged)"
        f" FROM reporting.flags {of} GROUP BY 1"
    )
    for signal, figures in report["flags"].items():
        told = (figures["raised"], figures["open"], figures["acknowledged"])
        assert flags.get(signal, (0, 0, 0)) == told, signal


def test_pending_deadlines_are_those_of_the_pairing(record: Record) -> None:
    record.take("small.ndjson")
    record.sweep()
    record.projector.catch_up()
    shown = set(record.rows("SELECT pairing, deadline, due_on FROM reporting.deadlines WHERE state = 'pending'"))
    for (pairing,) in record.rows("SELECT pairing FROM reporting.pairings"):
        found = record.reader.pairing(pairing, names=False)
        assert found is not None
        pending = {(pairing, one.kind, one.due_on) for one in found.deadlines if not one.missed}
        assert {each for each in shown if each[0] == pairing} == pending


def test_a_rebuild_leaves_the_views_and_what_they_say(record: Record) -> None:
    record.take("small.ndjson", last=300)
    record.projector.catch_up()
    before = {view: sorted(map(str, record.rows(f"SELECT * FROM reporting.{view}"))) for view in VIEWS}
    record.projector.rebuild("all")
    for name in record.projector.models:
        record.projector.rebuild(name)
    after = {view: sorted(map(str, record.rows(f"SELECT * FROM reporting.{view}"))) for view in VIEWS}
    assert after == before


def test_a_read_model_of_another_shape_takes_the_views_along_and_brings_them_back(record: Record) -> None:
    record.take("small.ndjson", last=100)
    record.projector.catch_up()
    record.rows("UPDATE projection.model SET shape = 'another' WHERE name = 'board' RETURNING name")
    again = type(record.projector)(record.pool, record.store, record.codec, record.keyring)
    again.prepare()
    assert columns(record) == documented()
