"""Settings: read once, checked, and told in a sentence where they cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pairway.faults import Fault
from pairway.settings import KNOWN, default_data_folder, read_settings


def test_without_anything_given_all_is_embedded_and_local() -> None:
    settings = read_settings({"HOME": "/home/ada"})
    assert (settings.database_url, settings.redis_url, settings.master_key) == (None, None, None)
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_what_is_given_is_taken() -> None:
    settings = read_settings(
        {
            "PAIRWAY_DATA": "~/mentoring",
            "PAIRWAY_DATABASE_URL": "postgresql://ada@db/pairway",
            "PAIRWAY_REDIS_URL": "redis://queue:6379/1",
            "PAIRWAY_PORT": " 9000 ",
            "PAIRWAY_LOG_LEVEL": "DEBUG",
            "PATH": "/usr/bin",
        }
    )
    assert settings.data == Path("~/mentoring").expanduser()
    assert settings.port == 9000
    assert settings.log_level == "debug"
    assert settings.database_url == "postgresql://ada@db/pairway"
    assert settings.redis_url == "redis://queue:6379/1"


def test_an_empty_value_is_one_that_was_not_given() -> None:
    assert read_settings({"PAIRWAY_PORT": "", "PAIRWAY_DATABASE_URL": " "}).port == 8000


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("PAIRWAY_DATABSE_URL", "x", "did you mean PAIRWAY_DATABASE_URL?"),
        ("PAIRWAY_ZZZ", "x", "the names are PAIRWAY_CHECKPOINT_FILE, "),
        ("PAIRWAY_PORT", "eight", "a port number from 0 to 65535, not 'eight'"),
        ("PAIRWAY_PORT", "65536", "a port number from 0 to 65535"),
        ("PAIRWAY_PORT", "-1", "a port number from 0 to 65535"),
        ("PAIRWAY_LOG_LEVEL", "loud", "one of debug, info, warning, error, not 'loud'"),
        ("PAIRWAY_CHECKPOINT_SECONDS", "0", "a number of seconds from 1 to 86400, not '0'"),
        ("PAIRWAY_CHECKPOINT_SECONDS", "often", "a number of seconds from 1 to 86400, not 'often'"),
        ("PAIRWAY_LOG_FORMAT", "xml", "one of auto, json, text, not 'xml'"),
        ("PAIRWAY_DATABASE_URL", "mysql://ada@db/x", "such as postgresql://user:password@host:5432/pairway"),
        ("PAIRWAY_DATABASE_URL", "http://[", "such as postgresql://"),
        ("PAIRWAY_REDIS_URL", "localhost:6379", "such as redis://host:6379/0"),
    ],
)
def test_a_setting_that_cannot_be_is_told_with_its_name(name: str, text: str, said: str) -> None:
    with pytest.raises(Fault) as told:
        read_settings({name: text})
    assert name in told.value.sentence
    assert said in told.value.sentence
    assert told.value.exit_code == 2


def test_a_wrong_address_is_not_shown_as_it_may_hold_a_password() -> None:
    with pytest.raises(Fault) as told:
        read_settings({"PAIRWAY_DATABASE_URL": "postgre://ada:hunter2@db/x"})
    assert "hunter2" not in told.value.sentence


def test_settings_shown_in_a_log_show_no_secret() -> None:
    shown = repr(
        read_settings({"PAIRWAY_MASTER_KEY": "hunter2", "PAIRWAY_DATABASE_URL": "postgresql://ada:hunter2@db"})
    )
    assert "hunter2" not in shown


@pytest.mark.skipif(sys.platform == "darwin", reason="the places of Linux")
def test_the_data_folder_is_where_xdg_says() -> None:
    home = {"HOME": "/home/ada"}
    assert default_data_folder(home) == Path("/home/ada/.local/share/pairway")
    assert default_data_folder({**home, "XDG_DATA_HOME": "/srv/ada"}) == Path("/srv/ada/pairway")
    assert default_data_folder({**home, "XDG_DATA_HOME": "srv"}) == Path("/home/ada/.local/share/pairway")


def test_every_setting_is_described_for_people() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    described = {word.strip("`") for word in page.split() if word.startswith("`PAIRWAY_") and word.endswith("`")}
    assert described - {"PAIRWAY_*"} == KNOWN
