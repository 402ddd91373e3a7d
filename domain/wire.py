"""Bytes from outside into plain JSON values, and back into the one spelling by which two facts are compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NoReturn

from domain.fields import clipped

LARGEST_FACT = 65_536
# A larger one is not even read for its name; the body is kept all the same.
LARGEST_READ = 16 * LARGEST_FACT
DEEPEST = 64

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NoJson(Exception):
    """Why bytes are no JSON that this service reads, in a sentence."""


def _no_number(word: str) -> NoReturn:
    raise NoJson(f"is no JSON: {word} is no number there")


_strict = json.JSONDecoder(parse_constant=_no_number)
_lenient = json.JSONDecoder(parse_constant=_no_number, strict=False)
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def parse(raw: bytes) -> object:
    """The JSON value in these bytes; broken UTF-8 and NUL stay in its texts, for `unclean` to name."""
    if raw.startswith(_BYTE_ORDER_MARK):
        raw = raw[3:]
    text = raw.decode("utf-8", "surrogateescape").strip(" \t\r\n")
    try:
        value, end = (_lenient if "\0" in text else _strict).raw_decode(text)
    except json.JSONDecodeError as wrong:
        where = f"at character {wrong.pos + 1}"
        raise NoJson(f"is no JSON: {wrong.msg.rstrip(' at')} {where}" if text else "is empty") from None
    except RecursionError:
        raise NoJson(_too_deep()) from None
    except ValueError:
        raise NoJson("is no JSON that can be read: a number in it is too long") from None
    if end != len(text):
        raise NoJson(f"is no JSON: more follows at character {end + 1}")
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        check_depth(value)
    return value


def _too_deep() -> str:
    return f"is nested too deep; at most {DEEPEST} levels"


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
    raise NoJson(_too_deep())


def may_be_unclean(raw: bytes) -> bool:
    """Whether these bytes could hold a text that `unclean` names; cheap, and wrong only on the safe side."""
    if b"\\u" in raw or b"\0" in raw:
        return True
    if raw.isascii():
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def unclean(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, reason) of every text that no database can keep: NUL characters, broken UTF-8, lone surrogates."""
    if isinstance(value, str):
        if "\0" in value:
            yield path, "holds a NUL character (U+0000), which text must not"
        if any("\ud800" <= c <= "\udfff" for c in value):
            broken = any("\udc80" <= c <= "\udcff" for c in value)
            yield path, "holds bytes that are no UTF-8" if broken else "holds half a character (a lone surrogate)"
    elif isinstance(value, dict):
        for name, item in value.items():
            inner = f"{path}.{clipped(name)}" if path else clipped(name)
            yield from ((inner, f"as a name {reason}") for _, reason in unclean(name))
            yield from unclean(item, inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unclean(item, f"{path}[{index}]")


def compact(value: object) -> bytes:
    """A parsed value as the shortest JSON, to measure it; half characters become `?`."""
    try:
        return _compact.encode(value).encode("utf-8", "replace")
    except RecursionError:
        raise NoJson(_too_deep()) from None


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
