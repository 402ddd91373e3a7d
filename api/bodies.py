"""Takes a POST of facts apart: CloudEvents over HTTP in structured, batch and binary mode.

Nothing is judged here but the envelope. Each fact goes on as the bytes that came, so that what is wrong
with one is said, and kept, where facts are judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from api.problems import Problem
from domain import wire

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
PLAIN = "application/json"
LARGEST_SINGLE = 1024 * 1024
LARGEST_BATCH = 64 * 1024 * 1024
MOST_FACTS = 100_000
_JSON_MEDIA = re.compile(r"(?:application|text)/(?:json|[a-z0-9!#$&^_.+-]+\+json)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"[a-z0-9]+")
_HOW = (
    f"Send one fact as {STRUCTURED}, a list of them as {BATCH}, or one in binary mode: "
    "ce-* headers and application/json."
)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The facts of one request; `batch` tells how to answer."""

    facts: list[bytes]
    batch: bool


class BrokenBatch(Exception):
    """Why a body is no list of facts, in a sentence."""


async def body_of(request: Request) -> bytes:
    """The whole body, or a problem as soon as it is larger than anything that is taken."""
    media = _media(request.headers.get("content-type", ""))
    most = LARGEST_BATCH if media in (BATCH, PLAIN) else LARGEST_SINGLE
    too_large = Problem(
        "too-large",
        f"At most {most // 1024} KiB are read at once here. Nothing was kept; send fewer facts at a time.",
    )
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told) > most:
        raise too_large
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise too_large
    return bytes(body)


def arrivals(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Arrivals:
    """The facts in a request, by its content type; a problem where it is no mode that is read here."""
    held: dict[str, bytes] = {}
    for name, value in headers:
        lower = name.decode("latin-1").lower()
        held[lower] = held[lower] + b", " + value if lower in held else value
    content_type = held.get("content-type", b"").decode("latin-1")
    media = _media(content_type)
    _check_charset(content_type)
    if (coding := held.get("content-encoding", b"identity").strip().lower()) != b"identity":
        said = f"A body in Content-Encoding {coding.decode('latin-1')!r} is not read here: send it as it is."
        raise Problem("unknown-format", said, headers={"Accept-Encoding": "identity"})
    if media == STRUCTURED:
        return Arrivals([body], batch=False)
    if media == BATCH:
        return _batch(body)
    attributes = {name[3:]: value for name, value in held.items() if name.startswith("ce-")}
    if attributes:
        return Arrivals([_binary(attributes, content_type, body)], batch=False)
    if media == PLAIN:
        return _batch(body) if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[") else Arrivals([body], batch=False)
    said = f"{media!r} is not read here" if media else "The request has no Content-Type"
    raise Problem("unknown-format", f"{said}. {_HOW}", headers={"Accept-Post": f"{STRUCTURED}, {BATCH}, {PLAIN}"})


def _batch(body: bytes) -> Arrivals:
    facts = split(body)
    if len(facts) > MOST_FACTS:
        raise Problem("too-large", f"At most {MOST_FACTS:,} facts are taken at once. Nothing was kept.")
    return Arrivals(facts, batch=True)


# A string with the quote that ends it (or none, where it never ends), or a sign that gives a list its shape.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{},]', re.DOTALL)


def split(body: bytes) -> list[bytes]:
    """The items of a JSON list as the bytes that came, so that a broken one does not hold up the others."""
    items: list[bytes] = []
    depth, began, end = 0, 0, 0
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        raise BrokenBatch("is no list: a batch is a JSON array of CloudEvents")
    for token in _TOKEN.finditer(body):
        sign = body[token.start()]
        if sign == 0x22:
            if not token[1]:
                raise BrokenBatch(f"is no JSON list: the text that begins at byte {token.start() + 1} never ends")
        elif sign in b"[{":
            depth += 1
            if depth == 1:
                began = token.end()
        elif sign == 0x2C:
            if depth == 1:
                items.append(body[began : token.start()].strip())
                began = token.end()
        else:
            depth -= 1
            if depth == 0:
                end = token.end()
                if sign != 0x5D:
                    raise BrokenBatch(f"is no JSON list: a }} where its ] should be, at byte {end}")
                last = body[began : token.start()].strip()
                if last or items:
                    items.append(last)
                break
    if depth or not end:
        raise BrokenBatch("is no JSON list: it ends before its closing ]")
    if body[end:].strip():
        raise BrokenBatch(f"is no JSON list: more follows after its closing ], at byte {end + 1}")
    return items


def _binary(attributes: dict[str, bytes], content_type: str, body: bytes) -> bytes:
    """The same fact in structured mode, the data as the bytes that came."""
    event: dict[str, object] = {}
    for name, value in attributes.items():
        if _ATTRIBUTE.fullmatch(name) and name not in ("data", "data_base64", "datacontenttype"):
            event[name] = _percent_decoded(value)
    if content_type:
        event["datacontenttype"] = _media(content_type) if _JSON_MEDIA.match(content_type) else content_type
    envelope = json.dumps(event).encode("ascii")
    if not body.strip():
        return envelope
    try:
        wire.read(body)
        data = body
    except wire.NoJson:
        # as a text it is kept and refused by name; spliced in as it is it could change the attributes
        data = json.dumps(body.decode("utf-8", "surrogateescape")).encode("ascii")
    return envelope[:-1] + (b", " if event else b"") + b'"data": ' + data + b"}"


def _percent_decoded(value: bytes) -> str:
    text = value.strip()
    if len(text) >= 2 and text.startswith(b'"') and text.endswith(b'"'):
        text = re.sub(rb"\\(.)", rb"\1", text[1:-1])
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")


def _media(content_type: str) -> str:
    return content_type.split(";", 1)[0].strip().lower()


def _check_charset(content_type: str) -> None:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in ("utf-8", "utf8", "us-ascii"):
            raise Problem("unknown-format", f"JSON is UTF-8; charset {charset!r} is not read here.")
