"""How answers go out: JSON with a tag by which a caller can ask whether anything has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json"
_json = msgspec.json.Encoder()


def json_bytes(value: object) -> bytes:
    """A value as JSON."""
    return _json.encode(value)


def answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as a JSON response."""
    return Response(_json.encode(value), status, dict(headers or {}), JSON)


def tagged(request: Request, body: bytes, media_type: str, *, version: object = None) -> Response:
    """The body with its ETag, or 304 where the caller has it already.

    `version` stands for the body where that alone changes with every asking (a report's own instant, say).
    """
    weak = version is not None
    digest = hashlib.blake2b(_json.encode(version) if weak else body, digest_size=16).hexdigest()
    tag = f'"{digest}"'
    headers = {"ETag": f"W/{tag}" if weak else tag, "Vary": "Accept"}
    asked = request.headers.get("if-none-match", "")
    if asked.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in asked.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type)


def tagged_json(request: Request, value: Any, *, version: object = None) -> Response:
    """A value as JSON with its ETag."""
    return tagged(request, _json.encode(value), JSON, version=version)
