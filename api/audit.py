"""The proofs of the record: its signed head, that an event is in it, that it only grew; and its tiles."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import PlainTextResponse, Response

from api.answers import answer
from api.asks import LARGEST, NOTHING, Position
from api.problems import Problem
from api.shapes import At, Shape, in_text, problems
from eventstore import merkle, tiles
from eventstore.checkpoints import Forked, Head, NotProved, Proofs
from eventstore.notes import BadNote

log = structlog.get_logger("api")

AT_ONCE = 50_000  # sealed events that a request hashes itself; more are left to whoever makes checkpoints
LONG = {"Cache-Control": "public, max-age=31536000, immutable"}
SHORT = {"Cache-Control": "no-cache"}
PLAIN = "text/plain"
BYTES = "application/octet-stream"
_HASH = "N3tGzOCNLq4sTCJmHLhS5n3XUo9tQOyXjVEZWUeKbQw="


class AuditHead(Shape):
    origin: str = Field(description="The name of this record", examples=["pairway/3b6a27bcceb6a42d"])
    size: int = Field(description="How many events it covers: all positions up to this one")
    root: str = Field(description="The root of the tree, base64", examples=[_HASH])
    key: str = Field(description="The key to check it with, as C2SP signed-note writes it")
    note: str = Field(description="The signed checkpoint itself (C2SP tlog-checkpoint)")
    made_at: str = At


class AuditProof(Shape):
    position: int
    index: int = Field(description="The leaf: position - 1")
    size: int = Field(description="Of the tree in which it is proved")
    entry: str = Field(description="What was hashed of the event, base64; docs/proofs.md says how it is spelt")
    leaf: str = Field(description="SHA-256 of a zero byte and the entry, base64", examples=[_HASH])
    path: list[str] = Field(description="The hashes from the leaf to the root (RFC 6962, 2.1.1), base64")
    key: str
    checkpoint: str = Field(description="The signed checkpoint whose root the path leads to")


class AuditConsistency(Shape):
    model_config = ConfigDict(populate_by_name=True)
    from_: int = Field(alias="from")
    to: int
    path: list[str] = Field(description="The hashes of RFC 6962, 2.1.2, base64", examples=[[_HASH]])


class AskProof(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: Position | None = Field(None, description="Prove it in the checkpoint of this size; without it, the last.")


class AskConsistency(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    from_: int = Field(ge=1, le=LARGEST, alias="from", description="The size of the older head.")
    to: int | None = Field(None, ge=1, le=LARGEST, description="The size of the newer head; without it, the last.")


def router(proofs: Proofs, now: Callable[[], datetime]) -> APIRouter:
    """What an auditor asks."""
    routes = APIRouter(tags=["audit"])

    def newest(position: int | None = None) -> Head:
        """The head as it is now; an older one where that takes longer than a request may and it is enough."""
        try:
            last = proofs.head()
            if last is not None and (last.size >= position if position else proofs.behind() > AT_ONCE):
                return last
            made = proofs.make(now)
        except (Forked, BadNote) as error:
            raise _forked(error) from error
        assert made is not None, "it was waited for"
        return made

    @routes.get(
        "/api/v1/audit/head",
        summary="The signed head of the record",
        dependencies=NOTHING,
        responses={200: {"model": AuditHead, "description": "The last checkpoint"}, **problems(422, 500, 503)},
    )
    def head() -> Response:
        found = newest()
        return answer(
            {
                "origin": proofs.signer.name,
                "size": found.size,
                "root": _text(found.root),
                "key": str(found.key),
                "note": found.note,
                "made_at": found.made_at.isoformat(),
            },
            headers=SHORT,
        )

    @routes.get(
        "/api/v1/audit/proofs/{position}",
        summary="That the event at a position is in the record",
        description="As JSON, or with `Accept: text/plain` as C2SP tlog-proof.",
        responses={200: _either(AuditProof, "The proof"), **problems(404, 422, 500, 503)},
    )
    def proof(
        request: Request, position: Annotated[int, Path(ge=1, le=LARGEST)], ask: Annotated[AskProof, Query()]
    ) -> Response:
        try:
            under = newest(position) if ask.size is None else proofs.at(ask.size)
            if under is None:
                raise NotProved(f"No checkpoint was made for {ask.size:,} events.")
            found = proofs.inclusion(position, under)
        except NotProved as error:
            raise Problem("not-found", str(error)) from None
        except (Forked, tiles.NoTile, BadNote) as error:
            raise _forked(error) from error
        if PLAIN in request.headers.get("accept", ""):
            path = "".join(f"{_text(each)}\n" for each in found.path)
            return PlainTextResponse(f"c2sp.org/tlog-proof@v1\nindex {position - 1}\n{path}\n{under.note}")
        return answer(
            {
                "position": position,
                "index": position - 1,
                "size": under.size,
                "entry": _text(found.entry),
                "leaf": _text(merkle.leaf_hash(found.entry)),
                "path": _texts(found.path),
                "key": str(under.key),
                "checkpoint": under.note,
            }
        )

    @routes.get(
        "/api/v1/audit/consistency",
        summary="That the record only grew from one head to another",
        responses={200: {"model": AuditConsistency, "description": "The proof"}, **problems(404, 422, 500, 503)},
    )
    def consistency(ask: Annotated[AskConsistency, Query()]) -> Response:
        to = ask.to if ask.to is not None else newest().size
        try:
            path = proofs.consistency(ask.from_, to)
        except NotProved as error:
            raise Problem("not-found", str(error)) from None
        except tiles.NoTile as error:
            raise _forked(error) from error
        return answer({"from": ask.from_, "to": to, "path": _texts(path)})

    @routes.get(
        "/api/v1/audit/checkpoint",
        summary="The signed head as C2SP tlog-tiles has it",
        dependencies=NOTHING,
        response_class=PlainTextResponse,
        responses={200: in_text("The checkpoint"), **problems(422, 500, 503)},
    )
    def checkpoint() -> Response:
        return PlainTextResponse(newest().note, headers=SHORT)

    @routes.get(
        "/api/v1/audit/tile/{tile:path}",
        summary="A tile of the tree, or the entries below one, as C2SP tlog-tiles has them",
        dependencies=NOTHING,
        response_class=Response,
        responses={
            200: {"description": "The tile", "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
            **problems(404, 422, 503),
        },
    )
    def tile(tile: Annotated[str, Path(examples=["0/x001/234.p/17"])]) -> Response:
        read = tiles.read_path(tile)
        found = None
        if read is not None and read[1] * tiles.WIDE <= LARGEST - tiles.WIDE:
            level, index, width = read
            if isinstance(level, int):
                found = proofs.tile(level, index, width)
            else:
                found = _bundle(proofs.entries(index, width))
        if found is None:
            raise Problem("not-found", "There is no such tile, or it is not that wide.")
        return Response(found, media_type=BYTES, headers=LONG)

    return routes


def _forked(error: Exception) -> Problem:
    """Told to the caller, and to those who run the service: a person has to look."""
    log.error("the record is not what was signed", fault=str(error))
    return Problem("forked", str(error))


def _bundle(entries: Sequence[bytes] | None) -> bytes | None:
    """Entries one after another, each after its length in two bytes; none where one is longer than that can say."""
    if entries is None or any(len(each) > 0xFFFF for each in entries):
        return None
    return b"".join(len(each).to_bytes(2, "big") + each for each in entries)


def _either(shape: type[Shape], description: str) -> dict[str, Any]:
    return {"model": shape, **in_text(description)}


def _text(hashed: bytes) -> str:
    return b64encode(hashed).decode()


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [_text(each) for each in hashes]
