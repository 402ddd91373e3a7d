"""Who acts, asked here and nowhere else: accounts will be put in this place.

Until there are accounts everybody who reaches this service acts as the one local MPM (see also `may_see`).
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: `by` is what facts say of them, `source` is where their facts come from and so their actor."""

    by: str
    source: str


LOCAL_MPM = Actor(by="mpm", source="pairway/console")


def acting(_request: Request) -> Actor:
    """Who sent this request."""
    return LOCAL_MPM
