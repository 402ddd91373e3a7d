"""The master key: made once, kept to oneself, and never replaced behind anyone's back."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eventstore.pool import Pool
from pairway.faults import Fault
from pairway.master_key import master_key
from pairway.settings import Settings
from pairway.wiring import put_together

KEY = bytes(range(32))


def test_the_key_of_the_embedded_database_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    first = master_key(settings)
    assert len(first) == 32
    assert master_key(settings) == first
    assert (tmp_path / "data" / "master.key").stat().st_mode & 0o777 == 0o600


def test_commands_that_start_in_the_same_moment_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as several:
        keys = set(several.map(lambda _: master_key(Settings(data=tmp_path)), range(8)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_a_lost_key_is_not_replaced_where_there_are_data_it_protects(tmp_path: Path) -> None:
    (tmp_path / "servers" / "postgres").mkdir(parents=True)
    with pytest.raises(Fault, match=r"master\.key is gone"):
        master_key(Settings(data=tmp_path))
    assert not (tmp_path / "master.key").exists()


def test_a_data_folder_that_is_a_file_is_told_before_any_key_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        Fault, match=r"data folder .*/file cannot be used: there is a file of that name\. Choose another"
    ):
        master_key(Settings(data=tmp_path / "file"))
    with pytest.raises(Fault, match=r"data folder .*/file/data cannot be used: Not a directory\. Choose another"):
        master_key(Settings(data=tmp_path / "file" / "data"))


@pytest.mark.parametrize("text", [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode()])
def test_a_given_key_may_be_hexadecimal_or_base64(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text + "\n")
    assert master_key(Settings(data=tmp_path, master_key=text)) == KEY
    assert master_key(Settings(data=tmp_path, master_key_file=tmp_path / "key")) == KEY


@pytest.mark.parametrize("text", ["hunter2", "00" * 31, "ä" * 64, base64.b64encode(KEY[:31]).decode()])
def test_a_key_of_another_length_is_told_without_being_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(Fault, match="PAIRWAY_MASTER_KEY is to hold 32 bytes") as told:
        master_key(Settings(data=tmp_path, master_key=text))
    assert text not in told.value.sentence


def test_with_a_database_of_ones_own_the_key_is_kept_in_the_data_folder_too(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url="postgresql://ada@db/pairway")
    assert master_key(settings) == master_key(settings)
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_a_database_is_tied_to_the_key_of_its_first_start(database_url: str, pool: Pool, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    put_together(settings, database_url, None, KEY, pool)
    put_together(settings, database_url, None, KEY, pool)
    with pytest.raises(Fault, match=r"another master key.*PAIRWAY_MASTER_KEY"):
        put_together(settings, database_url, None, bytes(32), pool)


def test_two_keys_given_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="Both PAIRWAY_MASTER_KEY and PAIRWAY_MASTER_KEY_FILE"):
        master_key(Settings(data=tmp_path, master_key=KEY.hex(), master_key_file=tmp_path / "key"))


def test_a_key_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"nokey cannot be read: No such file"):
        master_key(Settings(data=tmp_path, master_key_file=tmp_path / "nokey"))
