"""Bytes from outside into JSON values, and back into the one spelling by which two facts are compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NoReturn

from domain.fields import clipped

LARGEST_FACT = 65_536
# A larger one is not even read for its name; the body is kept all the same.
LARGEST_READ = 16 * LARGEST_FACT
DEEPEST = 64
TOO_DEEP = f"is nested too deep; at most {DEEPEST} levels"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NoJson(Exception):
    """Why bytes are no JSON that this service reads, in a sentence."""


def _no_number(word: str) -> NoReturn:
    raise NoJson(f"is no JSON: {word} is no number there")


_strict = json.JSONDecoder(parse_constant=_no_number)
_lenient = json.JSONDecoder(parse_constant=_no_number, strict=False)
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def parse(raw: bytes) -> object:
    """The JSON value in these bytes; broken UTF-8 and NUL stay in its texts, for `unclean` to name."""
    return _parsed(raw)[0]


def read(raw: bytes) -> tuple[object, bool]:
    """The JSON value of one fact, and whether one of its texts might be unclean."""
    value, text, suspect = _parsed(raw)
    if text.count("[") + text.count("{") > DEEPEST:
        check_depth(value)
    return value, suspect or ("\\" in text and "\\u" in text)


def _parsed(raw: bytes) -> tuple[object, str, bool]:
    if raw.startswith(_BYTE_ORDER_MARK):
        raw = raw[3:]
    try:
        text, broken = raw.decode(), False
    except UnicodeDecodeError:
        text, broken = raw.decode("utf-8", "surrogateescape"), True
    text = text.strip(" \t\r\n")
    nul = "\0" in text
    try:
        value, end = (_lenient if nul else _strict).raw_decode(text)
    except json.JSONDecodeError as wrong:
        what = wrong.msg.removesuffix(" at").rstrip(": ")
        raise NoJson(f"is no JSON: {what} at character {wrong.pos + 1}" if text else "is empty") from None
    except RecursionError:
        raise NoJson(TOO_DEEP) from None
    except ValueError:
        raise NoJson("is no JSON that can be read: a number in it is too long") from None
    if end != len(text):
        raise NoJson(f"is no JSON: more follows at character {end + 1}")
    return value, text, broken or nul


def check_depth(value: object) -> None:
    """Raises where lists and objects are nested deeper than anything a fact needs."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise NoJson(TOO_DEEP)


def unclean(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, reason) of every text that cannot be kept: NUL characters, broken UTF-8, lone surrogates."""
    if isinstance(value, str):
        if "\0" in value:
            yield path, "holds a NUL character (U+0000), which text must not"
        if any("\ud800" <= c <= "\udfff" for c in value):
            broken = any("\udc80" <= c <= "\udcff" for c in value)
            yield (
                path,
                "holds bytes that are no UTF-8" if broken else "holds half a character (lone surrogate)",
            )
    elif isinstance(value, dict):
        for name, item in value.items():
            inner = f"{path}.{clipped(name)}" if path else clipped(name)
            yield from ((inner, f"as a name {reason}") for _, reason in unclean(name))
            yield from unclean(item, inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unclean(item, f"{path}[{index}]")


def canonical(value: object) -> bytes:
    """The same bytes for the same JSON value: names in order, 1.0 as 1."""
    text = _canonical.encode(value)
    if ".0" in text or "e+" in text:
        text = _canonical.encode(_plain_numbers(value))
    return text.encode("ascii")


def _plain_numbers(value: object) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {name: _plain_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    return value
