"""What every page of the console is made of, and how its forms are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, model_validator

from api.boards import Boards
from api.may_see import Reader as Whoever
from api.needs import Needs
from api.problems import Problem
from api.standing import Standing
from api.trail import Trail
from domain.programme import Programme
from projections.read import Reader
from projections.reporting import Reports


class Form(BaseModel):
    """A form sends every field, also those left empty: they are not asked."""

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_asked(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value != ""}


@dataclass(frozen=True, slots=True)
class Console:
    """The parts that pages ask; `looking` is who looks at them, and what they may see."""

    needs: Needs
    reader: Reader
    reports: Reports
    boards: Boards
    standing: Standing
    trail: Trail
    looking: Whoever

    @classmethod
    def of(cls, needs: Needs, standing: Standing, trail: Trail, boards: Boards) -> Console:
        return cls(
            needs,
            boards.reader,
            Reports(needs.pool, needs.store, needs.codec, needs.keyring),
            boards,
            standing,
            trail,
            boards.looking,
        )

    def programme(self, programme: str) -> dict[str, str]:
        """A programme's id and name; what was just opened may not be in the read model yet."""
        found = self.reader.named(programme)
        return {"id": programme, "name": found.name if found else programme}

    def known(self, programme: str) -> Programme:
        """The programme, or the problem that there is none."""
        found = self.reader.named(programme)
        if found is None:
            raise Problem("not-found", f"There is no programme {programme}.")
        return found
