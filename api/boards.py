"""Which pairings a board shows: one list of filters, for the page and for programs alike."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from api.asks import AskBoard
from api.may_see import LOCAL_MPM
from api.may_see import Reader as Whoever
from domain.questions import fitting, question
from projections.answers import BoardQuery
from projections.overview import Overviews
from projections.read import Reader


@dataclass(frozen=True, slots=True)
class Boards:
    """What a board is asked by, for one who looks."""

    reader: Reader
    overviews: Overviews
    looking: Whoever = LOCAL_MPM

    def query(self, programme: str, ask: AskBoard, today: date, group: str | None = None) -> BoardQuery:
        """What is asked of the board; `today` as the programme counts its dates."""
        query = BoardQuery(
            programme=programme,
            state=ask.state,
            step=ask.step,
            health=ask.health,
            flag=ask.flag,
            mentor=ask.mentor,
            department=ask.department,
            group=group,
            sort=ask.sort,
            descending=ask.order == "desc",
            limit=ask.size,
            offset=(ask.page - 1) * ask.size,
        )
        by_name = {"mentor", "protege"} & {ask.sort, group}
        names: dict[str, str] = {}
        if self.looking.names and (ask.q or by_name):
            names = {who: folded(name) for who, name in self.reader.names(programme).items()}
        if ask.q:
            part = folded(ask.q)
            people = [who for who, name in names.items() if part in name]
            query = replace(query, people=people, id=ask.q.strip().lower())
        if by_name:
            query = replace(query, ranked=sorted(names, key=lambda who: names[who]))
        behind = question(ask.behind) if ask.behind else None
        if behind is not None:
            query = replace(query, among=fitting(behind, self.overviews.marks(programme), today))
        return query


def folded(text: str) -> str:
    """A name as one looks for it: case and accents make no difference."""
    if text.isascii():  # most are, and it is twenty times quicker
        return " ".join(text.casefold().split())
    parted = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in parted if not unicodedata.combining(c)).split())
