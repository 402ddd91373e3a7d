"""The whole database as one file and back, with PostgreSQL's own programs of the right version."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pairway.embedded.programs import postgres_program
from pairway.faults import Fault

SCHEMAS = "pairway, projection, reporting"


def dump(url: str, file: Path) -> int:
    """Writes the database to a new file, whole or not at all; returns its size."""
    if file.exists():
        raise Fault(f"{file} is there already: give another name, a backup is never written over.")
    beside = file.with_name(f"{file.name}.part")
    try:
        # for oneself alone, before anything is in it
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={beside}")
        beside.rename(file)
    finally:
        beside.unlink(missing_ok=True)
    return file.stat().st_size


def restore(url: str, file: Path) -> None:
    """Puts what the file holds into a database without a record; roles and rights are for `bring_up`."""
    if not file.is_file():
        raise Fault(f"There is no file {file}.")
    with psycopg.connect(url, autocommit=True, application_name="pairway restore") as conn:
        _refuse_full(conn)
    empty(url)
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(file))


def empty(url: str) -> None:
    """Takes out what a restore has put in, or finds in its place."""
    with psycopg.connect(url, autocommit=True, application_name="pairway restore") as conn:
        conn.execute(f"DROP SCHEMA IF EXISTS {SCHEMAS} CASCADE".encode())


def _refuse_full(conn: psycopg.Connection[tuple[object, ...]]) -> None:
    # whatever arrived is in the inbox, also what caused no event
    row = conn.execute("SELECT to_regclass('pairway.inbox') IS NOT NULL").fetchone()
    if row == (True,) and conn.execute("SELECT 1 FROM pairway.inbox LIMIT 1").fetchone():
        raise Fault(
            "This database holds a record already, and a backup is restored into an empty one only: "
            "name another with PAIRWAY_DATABASE_URL, or another folder with --data."
        )


def _run(name: str, url: str, *arguments: str) -> None:
    with psycopg.connect(url, application_name="pairway") as conn:
        major = conn.info.server_version // 10000
    given = conninfo_to_dict(url)
    environment = dict(os.environ)
    # not on the command line, which everybody on the machine can read
    if password := given.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    address = make_conninfo("", **given)
    done = subprocess.run(
        [_program(name, major), f"--dbname={address}", "--no-password", *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines() or ["?"]
        raise Fault(f"{name} did not succeed: {said[0].partition('error: ')[2] or said[0]}.")


def _program(name: str, major: int) -> Path:
    """The program of the server's own version: an older one cannot read it, what a newer one writes may not load."""
    found = [postgres_program(name), Path(f"/usr/lib/postgresql/{major}/bin/{name}")]
    if on_path := shutil.which(name):
        found.append(Path(on_path))
    for program in found:
        if program.is_file():
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
            if f" {major}." in said or said.strip().endswith(f" {major}"):
                return program
    raise Fault(
        f"The server is PostgreSQL {major}, and there is no {name} of that version: install its client programs."
    )
