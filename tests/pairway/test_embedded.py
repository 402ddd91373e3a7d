"""The embedded servers: shared, there while needed, and unharmed by every way in which a process can end."""

from __future__ import annotations

import os
import pwd
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from pairway.embedded import locks, servers
from pairway.embedded.places import LONGEST_SOCKET_PATH, places
from pairway.faults import Fault
from tests.pairway.conftest import Visitor, all_stopped, asked, keeper_of, server_of

Come = Callable[[Path], Visitor]


def test_a_first_start_brings_up_both_servers_and_leaves_nothing_running(tmp_path: Path) -> None:
    with servers(tmp_path / "new" / "data") as addresses:
        assert asked(addresses.database_url, "select current_database()") == "pairway"
        assert asked(addresses.database_url, "select current_setting('fsync')") == "on"
        assert asked(addresses.database_url, "select current_setting('synchronous_commit')") == "on"
        assert asked(addresses.database_url, "show server_encoding") == "UTF8"
        with redis.Redis.from_url(addresses.redis_url) as queue:
            assert queue.ping()
    assert all_stopped(tmp_path / "new" / "data", within=0)


def test_what_was_written_is_there_at_the_next_start(data: Path) -> None:
    with servers(data) as addresses, psycopg.connect(addresses.database_url) as connection:
        connection.execute("create table kept as select 42 as n")
    with servers(data) as addresses:
        assert asked(addresses.database_url, "select n from kept") == 42


def test_commands_at_the_same_time_share_one_server_and_the_last_stops_it(data: Path, visitor: Come) -> None:
    several = [visitor(data) for _ in range(5)]
    assert len({one.arrived() for one in several}) == 1
    keeper = keeper_of(data)
    for one in several[:-1]:
        assert one.goes() == 0
        assert keeper_of(data) == keeper
    assert several[-1].goes() == 0
    assert all_stopped(data, within=0)


def test_a_server_may_be_used_twice_in_one_process(data: Path) -> None:
    with servers(data) as outer:
        with servers(data) as inner:
            assert inner == outer
        assert asked(outer.database_url, "select 1") == 1


def test_ctrl_c_in_the_command_that_started_it_does_not_reach_the_server(data: Path, visitor: Come) -> None:
    first, second = visitor(data), None
    first.arrived()
    second = visitor(data)
    url = second.arrived().database_url
    os.killpg(first.process.pid, signal.SIGINT)
    first.process.communicate(timeout=60)
    assert asked(url, "select 1") == 1
    second.goes()
    assert all_stopped(data, within=0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_server_outlives_a_killed_starter_and_stops_after_the_last_killed_user(
    data: Path, visitor: Come, number: signal.Signals
) -> None:
    first = visitor(data)
    first.arrived()
    second = visitor(data)
    url = second.arrived().database_url
    first.is_killed(number)
    assert asked(url, "select 1") == 1
    second.is_killed(number)
    assert all_stopped(data)
    with servers(data) as addresses:
        assert asked(addresses.database_url, "select 1") == 1


def test_a_starter_killed_in_the_middle_of_the_start_blocks_nobody(tmp_path: Path, visitor: Come) -> None:
    visitor(tmp_path).is_killed()
    with servers(tmp_path) as addresses:
        assert asked(addresses.database_url, "select 1") == 1


def test_a_killed_keeper_takes_its_servers_along_and_loses_nothing(data: Path, visitor: Come) -> None:
    first = visitor(data)
    with psycopg.connect(first.arrived().database_url) as connection:
        connection.execute("create table kept as select 42 as n")
    keeper = keeper_of(data)
    keeper.kill()
    first.is_killed()
    psutil.wait_procs([keeper])
    with servers(data) as addresses:
        assert asked(addresses.database_url, "select n from kept") == 42


def test_a_killed_postgres_comes_back_for_those_who_use_it(data: Path) -> None:
    with servers(data) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("create table kept as select 42 as n")
        server_of(data, "postgres").kill()
        assert until_asked(addresses.database_url, "select n from kept") == 42


def test_a_killed_redis_comes_back_for_those_who_use_it(data: Path) -> None:
    with servers(data) as addresses:
        killed = server_of(data, "valkey")
        killed.kill()
        while True:
            try:
                with redis.Redis.from_url(addresses.redis_url) as queue:
                    assert queue.ping()
                break
            except redis.ConnectionError:
                assert keeper_of(data).is_running()


def test_everything_killed_at_once_loses_nothing_that_was_committed(data: Path, visitor: Come) -> None:
    only = visitor(data)
    with psycopg.connect(only.arrived().database_url) as connection:
        connection.execute("create table kept as select 42 as n")
    keeper = keeper_of(data)
    doomed = [keeper, *keeper.children(recursive=True)]
    only.is_killed()
    for process in doomed:
        if process.is_running():
            process.kill()
    psutil.wait_procs(doomed)
    with servers(data) as addresses:
        assert asked(addresses.database_url, "select n from kept") == 42


def test_a_pid_file_that_names_a_strangers_process_is_in_nobodys_way(data: Path) -> None:
    with servers(data):
        kept = (places(data).cluster / "postmaster.pid").read_text()
    lines = kept.splitlines()
    lines[0] = str(os.getpid())
    (places(data).cluster / "postmaster.pid").write_text("\n".join(lines) + "\n")
    (places(data).servers / "redis.pid").write_text(f"{os.getpid()}\n")
    with servers(data) as addresses:
        assert asked(addresses.database_url, "select 1") == 1


def test_an_unfinished_first_start_is_begun_anew(data: Path) -> None:
    with servers(data):
        pass
    place = places(data)
    place.cluster.rename(place.cluster.with_name("postgres.new"))
    (place.cluster.with_name("postgres.new") / "PG_VERSION").unlink()
    with servers(data) as addresses:
        assert asked(addresses.database_url, "select 1") == 1


def test_data_of_another_major_version_are_left_alone_and_told(tmp_path: Path) -> None:
    place = places(tmp_path)
    place.cluster.mkdir(parents=True)
    (place.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(Fault, match=r"written by PostgreSQL 17, and this is 18"), servers(tmp_path):
        pass
    assert [file.name for file in place.cluster.iterdir()] == ["PG_VERSION"]
    assert all_stopped(tmp_path, within=0)


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(Fault, match=r"data folder .*file/data cannot be used: Not a directory"),
        servers(tmp_path / "file" / "data"),
    ):
        pass


def test_a_server_that_cannot_start_says_why(data: Path) -> None:
    with servers(data):
        pass
    (places(data).cluster / "postgresql.conf").write_text("no_such_setting = on\n")
    with pytest.raises(Fault, match=r"did not start: configuration file .* contains errors \(its log: "), servers(data):
        pass
    assert all_stopped(data, within=0)


def test_a_long_path_gets_its_sockets_somewhere_short(tmp_path: Path) -> None:
    data = tmp_path / ("a" * 60) / ("é" * 60)
    with servers(data) as addresses:
        assert asked(addresses.database_url, "select 1") == 1
        folder = Path(str(asked(addresses.database_url, "show unix_socket_directories")))
        assert len(os.fsencode(folder)) < LONGEST_SOCKET_PATH
        assert folder.stat().st_mode & 0o077 == 0
    folder.rmdir()


def test_nobody_else_may_enter_the_folders_of_servers_and_locks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with servers(data) as addresses:
        assert places(data).servers.stat().st_mode & 0o077 == 0
        assert places(data).locks.stat().st_mode & 0o077 == 0
        assert asked(addresses.database_url, "show listen_addresses") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")
def test_servers_of_root_run_as_an_ordinary_user(data: Path) -> None:
    with servers(data):
        for name in ("postgres", "valkey"):
            assert server_of(data, name).uids().real == pwd.getpwnam("nobody").pw_uid
        assert keeper_of(data).uids().saved == pwd.getpwnam("nobody").pw_uid
        for folder in data.parents:
            assert folder.stat().st_uid == 0


def test_a_lock_turns_from_shared_to_alone_only_when_the_others_have_gone(tmp_path: Path) -> None:
    mine, other = locks.opened(tmp_path / "lock"), locks.opened(tmp_path / "lock")
    assert locks.take(mine, alone=False)
    assert locks.take(other, alone=False)
    assert not locks.take(mine, alone=True)
    threading.Timer(0.05, os.close, [other]).start()
    assert locks.take(mine, alone=True, within=30)
    assert locks.is_held(tmp_path / "lock")
    os.close(mine)
    assert not locks.is_held(tmp_path / "lock")


def until_asked(url: str, query: str) -> object:
    """The answer, as soon as the server gives one again."""
    while True:
        try:
            return asked(url, query)
        except psycopg.OperationalError:
            continue
