"""Reads what a form sent: fields as text, files as the bytes that came, with or without JavaScript."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.requests import Request

from api.problems import Problem

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
LARGEST = 12 * 1024 * 1024
MOST_FIELDS = 200
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(rb'[;\s]name="([^"\r\n]*)"', re.IGNORECASE)
_FILE = re.compile(rb'[;\s]filename="([^"\r\n]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody filled in; of a name that came twice the last counts."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """A field as it was typed; empty where it was not sent."""
        return self.fields.get(name, "")


async def sent(request: Request) -> Sent:
    """The form of a request, or the problem that it is none."""
    content_type = request.headers.get("content-type", "")
    media = content_type.split(";", 1)[0].strip().lower()
    if media not in (URLENCODED, MULTIPART):
        raise Problem("unknown-format", f"This address takes forms ({URLENCODED} or {MULTIPART}).")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise Problem(
                "too-large", f"A form of at most {LARGEST // 1024 // 1024} MiB is read here. Nothing was recorded."
            )
    return multipart(bytes(body), content_type) if media == MULTIPART else urlencoded(bytes(body))


SentForm = Annotated[Sent, Depends(sent)]


def urlencoded(body: bytes) -> Sent:
    """The usual form."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        raise Problem("malformed", "The form cannot be read.") from None
    return Sent({name: _typed(value) for name, value in pairs})


def multipart(body: bytes, content_type: str) -> Sent:
    """A form with a file in it (RFC 7578)."""
    told = _BOUNDARY.search(content_type)
    if told is None:
        raise Problem("malformed", "The form cannot be read: it names no boundary.")
    boundary = (told[1] or told[2]).encode("latin-1")
    first, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if first.strip() or not parts or parts[-1][:2] != b"--" or len(parts) > MOST_FIELDS:
        raise Problem("malformed", "The form cannot be read: it ends before its end.")
    found = Sent()
    for part in parts[:-1]:
        head, blank, value = part.partition(b"\r\n\r\n")
        disposition = next(
            (line for line in head.split(b"\r\n") if line.lower().startswith(b"content-disposition")), b""
        )
        name = _NAME.search(disposition)
        if name is None or not blank:
            raise Problem("malformed", "The form cannot be read: a part of it has no name.")
        key = name[1].decode("utf-8", "replace")
        if _FILE.search(disposition):
            found.files[key] = value
        else:
            found.fields[key] = _typed(value.decode("utf-8", "replace"))
    return found


def _typed(text: str) -> str:
    """Browsers send the end of a line as two characters, and people type spaces that they do not see."""
    return text.replace("\r\n", "\n").strip()
