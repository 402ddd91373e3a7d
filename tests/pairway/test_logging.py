"""The log: one line an occurrence, and nothing of what a person is or said, whatever is passed to it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from pairway.logging import PERSONAL, configure_logging, without_personal_data

SECRET = "Grace Hopper said so"
FIELDS = ("name", "email", "notes", "agenda", "comment", "worked", "did_not", "why", "body")
SPELLINGS: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.title,
    lambda name: name.replace("_", "-"),
    lambda name: f" {name} ",
    lambda name: "".join([name[0], *(word for word in name[1:].title().replace("_", ""))]),
]


@dataclass
class Meeting:
    notes: str = SECRET


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def log() -> io.StringIO:
    """A log for machines."""
    out = io.StringIO()
    configure_logging("debug", "json", to=out)
    return out


def last(log: io.StringIO) -> dict[str, object]:
    line: dict[str, object] = json.loads(log.getvalue().splitlines()[-1])
    return line


def test_a_line_is_json_with_its_time_level_and_what_was_bound(log: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(correlation="c-1")
    structlog.get_logger().info("facts taken", count=500, programme="p-1")
    line = last(log)
    assert line.pop("timestamp")
    assert line == {
        "event": "facts taken",
        "count": 500,
        "programme": "p-1",
        "level": "info",
        "correlation": "c-1",
    }


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("spelled", SPELLINGS)
def test_a_personal_field_is_hidden_however_it_is_spelled_and_wherever_it_is(
    log: io.StringIO, field: str, spelled: Callable[[str], str]
) -> None:
    name = spelled(field)
    say = structlog.get_logger()
    say.info("x", **{name: SECRET})
    say.info("x", inner={name: SECRET})
    say.info("x", inner=[{"deep": {name: [SECRET]}}])
    say.info("x", **{f"participant.{name}": SECRET})
    structlog.contextvars.bind_contextvars(**{name: SECRET})
    say.info("x")
    assert "Grace" not in log.getvalue()
    assert log.getvalue().count("(not logged)") == 5


@pytest.mark.parametrize(
    "hostile",
    [
        Meeting(),
        SECRET.encode(),
        json.dumps({"notes": SECRET}),
        "  [" + json.dumps(SECRET) + "]",
        "<p>" + SECRET,
        "long " * 100 + SECRET,
        {"a": {"b": {"c": {"d": {"e": SECRET}}}}},
        ["-"] * 60 + [SECRET],
        ValueError(SECRET),
        lambda: SECRET,
    ],
)
def test_what_is_no_plain_value_of_ours_is_not_shown(log: io.StringIO, hostile: object) -> None:
    structlog.get_logger().info("x", value=hostile)
    assert "Grace" not in log.getvalue()
    assert len(log.getvalue()) < 3000


def test_an_address_is_hidden_in_any_text(log: io.StringIO) -> None:
    structlog.get_logger().info("mail to grace@navy.example bounced", to=["<grace@navy.example>"])
    assert "navy" not in log.getvalue()


def test_an_exception_shows_its_kind_and_code_but_not_its_text(log: io.StringIO) -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        structlog.get_logger().exception("batch refused")
    line = last(log)
    assert "Grace" not in log.getvalue()
    assert line["error"] == "KeyError"
    assert "test_an_exception_shows" in str(line["where"])


def test_a_text_cannot_begin_another_line_nor_colour_the_terminal() -> None:
    out = Terminal()
    configure_logging("debug", "auto", to=out)
    structlog.get_logger().info("x", value='a\n{"event": "forged"}\x1b[31m\u2028b')
    structlog.reset_defaults()
    assert out.getvalue().count("\n") == 1
    assert "\x1b[31m\u2028" not in out.getvalue()


def test_what_libraries_log_comes_in_the_same_form_without_their_arguments(log: io.StringIO) -> None:
    logging.getLogger("some.library").warning("could not take %s", SECRET)
    line = last(log)
    assert line["event"] == "could not take %s"
    assert line["logger"] == "some.library"


def test_what_is_below_the_level_is_not_logged(log: io.StringIO) -> None:
    configure_logging("warning", "json", to=log)
    structlog.get_logger().info("quiet")
    assert log.getvalue() == ""


NESTED = st.recursive(
    st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(name=st.sampled_from(sorted(PERSONAL)), value=NESTED)
def test_nothing_under_a_personal_name_is_ever_let_through(name: str, value: object) -> None:
    cleaned = without_personal_data(None, "info", {"event": "x", "inner": {name: value}})
    assert "Grace" not in repr(cleaned)
