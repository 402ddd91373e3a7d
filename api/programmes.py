"""The programmes, their boards and their reports."""

from __future__ import annotations

from fastapi import APIRouter

from api.fresh import Fresh
from api.needs import Needs
from api.trail import Trail


def router(needs: Needs, trail: Trail, fresh: Fresh) -> APIRouter:
    return APIRouter(tags=["programmes"])
