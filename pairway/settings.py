"""All that can be set from outside, read once from the environment: a mistake is told at the start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pairway.faults import Fault

PREFIX = "PAIRWAY_"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set, checked; a None means "the embedded one", or "made at the first start"."""

    data: Path
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "info"
    log_format: str = "auto"
    master_key: str | None = field(default=None, repr=False)
    master_key_file: Path | None = None
    second_master_key: str | None = field(default=None, repr=False)
    second_master_key_file: Path | None = None
    checkpoint_seconds: int = 60
    checkpoint_file: Path | None = None


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process; raises Fault for an unknown name or a value that cannot be."""
    given = os.environ if environment is None else environment
    values = {name: text for name, text in given.items() if name.startswith(PREFIX)}
    for name in sorted(values):
        # those of the tests are not ours to know
        if name not in KNOWN and not name.startswith("PAIRWAY_TEST_"):
            raise Fault(_unknown(name))
    # an empty value is a value that was not given: `PAIRWAY_PORT= pairway up` is how shells take one away
    values = {name: text.strip() for name, text in values.items() if text.strip()}

    def value(name: str, read: Callable[[str, str], T], otherwise: T) -> T:
        text = values.get(PREFIX + name)
        return otherwise if text is None else read(PREFIX + name, text)

    return Settings(
        data=value("DATA", _folder, default_data_folder(given)),
        database_url=value("DATABASE_URL", _database_url, None),
        redis_url=value("REDIS_URL", _redis_url, None),
        host=value("HOST", _text, "127.0.0.1"),
        port=value("PORT", _port, 8000),
        log_level=value("LOG_LEVEL", _one_of("debug", "info", "warning", "error"), "info"),
        log_format=value("LOG_FORMAT", _one_of("auto", "json", "text"), "auto"),
        master_key=value("MASTER_KEY", _text, None),
        master_key_file=value("MASTER_KEY_FILE", _folder, None),
        second_master_key=value("SECOND_MASTER_KEY", _text, None),
        second_master_key_file=value("SECOND_MASTER_KEY_FILE", _folder, None),
        checkpoint_seconds=value("CHECKPOINT_SECONDS", _seconds, 60),
        checkpoint_file=value("CHECKPOINT_FILE", _folder, None),
    )


KNOWN = frozenset(
    PREFIX + name
    for name in (
        "DATA",
        "DATABASE_URL",
        "REDIS_URL",
        "HOST",
        "PORT",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "MASTER_KEY",
        "MASTER_KEY_FILE",
        "SECOND_MASTER_KEY",
        "SECOND_MASTER_KEY_FILE",
        "CHECKPOINT_SECONDS",
        "CHECKPOINT_FILE",
    )
)


def default_data_folder(environment: Mapping[str, str]) -> Path:
    """Where this user's programs keep their data: XDG's place on Linux, Application Support on macOS."""
    home = Path(environment.get("HOME") or Path("~").expanduser())
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "pairway"
    share = environment.get("XDG_DATA_HOME", "")
    # the XDG rules say that a relative path is to be ignored
    return (Path(share) if share.startswith("/") else home / ".local" / "share") / "pairway"


def _unknown(name: str) -> str:
    near = get_close_matches(name.removeprefix(PREFIX), [known.removeprefix(PREFIX) for known in KNOWN], n=1)
    meant = f"did you mean {PREFIX}{near[0]}?" if near else f"the names are {', '.join(sorted(KNOWN))}."
    return f"There is no setting {name}: {meant}"


def _text(_name: str, text: str) -> str:
    return text


def _folder(_name: str, text: str) -> Path:
    return Path(text).expanduser()


def _port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 <= int(text) <= 65535):
        raise Fault(f"{name} is to be a port number from 0 to 65535, not {text!r}.")
    return int(text)


def _seconds(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 86_400):
        raise Fault(f"{name} is to be a number of seconds from 1 to 86400, not {text!r}.")
    return int(text)


def _one_of(*choices: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text.lower() not in choices:
            raise Fault(f"{name} is to be one of {', '.join(choices)}, not {text!r}.")
        return text.lower()

    return read


def _url(name: str, text: str, schemes: tuple[str, ...], example: str) -> str:
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        scheme = ""
    if scheme not in schemes:
        # the text itself is not shown: it may hold a password
        raise Fault(f"{name} is to be an address such as {example}; what it holds does not begin so.")
    return text


def _database_url(name: str, text: str) -> str:
    return _url(name, text, ("postgresql", "postgres"), "postgresql://user:password@host:5432/pairway")


def _redis_url(name: str, text: str) -> str:
    return _url(name, text, ("redis", "rediss", "unix"), "redis://host:6379/0")
