"""The acts of the MPM: a form for each that is possible now, and what becomes of it when it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.acting import acting
from api.asks import ID
from api.doing import Doing, Told
from api.forms import Sent, SentForm
from api.pages.console import Console
from api.problems import Problem
from api.web.act_forms import ACTS, Act
from api.web.render import page
from api.web.words import sentence
from domain.acts import acts_on_pairing, acts_on_participant, acts_on_programme
from domain.calendar import date_of
from domain.pairing import Pairing
from domain.participant import Participant
from domain.programme import Programme
from domain.world import State

STATUS = {"refused": 409, "parked": 409, "invalid": 422}
STREAMS = {"pairings": "pairing", "participants": "participant", "programmes": "programme"}
NAMES = {"pairings": "Pairing", "participants": "Participant", "programmes": "Programme"}


@dataclass(frozen=True, slots=True)
class Offered:
    """An act that is possible now, and its form: `choices` where the domain says what may be chosen."""

    act: Act
    action: str
    form_id: str
    at: str
    choices: tuple[str, ...]
    typed: Mapping[str, str] = field(default_factory=dict)


class About(NamedTuple):
    """What an act is about, as it stands."""

    kind: str
    subject: str
    state: State
    programme: str
    today: date

    @property
    def back(self) -> str:
        return f"/programmes/{self.subject}/acts" if self.kind == "programmes" else f"/{self.kind}/{self.subject}"


class Offering:
    """Says what may be done about something, and knows it again."""

    def __init__(self, console: Console, doing: Doing) -> None:
        self._console = console
        self._doing = doing

    def about(self, kind: str, subject: str) -> About:
        """What there is under this id. Raises Problem where there is nothing."""
        state = self._console.standing.state(f"{STREAMS[kind]}-{subject}")
        if state is None:
            raise Problem("not-found", f"There is no {STREAMS[kind]} {subject}.")
        programme = state.id if isinstance(state, Programme) else state.programme
        zone = self._console.trail.zone(programme)
        return About(kind, subject, state, programme, date_of(self._console.needs.now(), zone.key))

    def offered(self, about: About) -> list[Offered]:
        """The acts that are possible now, each with a form of its own."""
        possible = _possible(about.state)
        return [self._offer(about, ACTS[about.kind][code], choices) for code, choices in possible.items()]

    def one(self, about: About, code: str) -> Offered | None:
        """This act, where it is possible now."""
        return next((each for each in self.offered(about) if each.act.code == code), None)

    def _offer(self, about: About, act: Act, choices: tuple[str, ...]) -> Offered:
        return Offered(
            act=act,
            action=f"/{about.kind}/{about.subject}/acts/{act.code}",
            form_id=self._doing.form_id(),
            at=f"{act.code}-{about.subject}",
            choices=choices,
            typed={each.name: about.today.isoformat() for each in act.fields if each.today},
        )


def _possible(state: State) -> dict[str, tuple[str, ...]]:
    match state:
        case Pairing() as pairing:
            return acts_on_pairing(pairing)
        case Participant() as participant:
            return acts_on_participant(participant)
        case Programme() as programme:
            return acts_on_programme(programme)


def done_of(kind: str, code: str | None) -> str | None:
    """What was just done, in a sentence; none for what is no act."""
    act = ACTS[kind].get(code) if code else None
    return act.done if act else None


def data_of(act: Act, typed: Sent, by: str) -> dict[str, Any]:
    """What the fact of an act says; a field that was left empty is left out."""
    data: dict[str, Any] = {each.name: typed.get(each.name) for each in act.fields if typed.get(each.name)}
    return {**data, "by": by} if act.signed else data


def explained(told: Told, labels: Mapping[str, str]) -> tuple[str | None, dict[str, str]]:
    """Why nothing was done: a sentence, and what is wrong with each field."""
    if told.disposition != "invalid":
        again = " This form had been sent before." if told.again else ""
        return sentence(told.reason or "The rules say no") + again, {}
    wrong = {name: sentence(f"{labels.get(name, name)} {reason}") for name, reason in told.errors.items()}
    elsewhere = [said for name, said in wrong.items() if name not in labels]
    return " ".join(["Nothing was recorded: something does not fit.", *elsewhere]), wrong


def router(console: Console, doing: Doing, offering: Offering) -> APIRouter:
    """The acts on one pairing, participant or programme."""
    routes = APIRouter()
    for kind in ACTS:
        _add(routes, console, doing, offering, kind)
    return routes


def _add(routes: APIRouter, console: Console, doing: Doing, offering: Offering, kind: str) -> None:
    address = f"/{kind}/{{subject}}/acts/{{act}}"

    @routes.get(address)
    def form(request: Request, subject: str = Path(pattern=ID), act: str = Path()) -> Response:
        about, found = offering.about(kind, subject), known(kind, act)
        offered = offering.one(about, found.code)
        if offered is None:
            return shown(about, None, _not_now(found), status=409)
        # a link may say what is chosen already
        names = {each.name for each in found.fields}
        chosen = {name: value for name, value in request.query_params.items() if name in names}
        return shown(about, offered, None, chosen)

    @routes.post(address)
    def send(request: Request, typed: SentForm, subject: str = Path(pattern=ID), act: str = Path()) -> Response:
        about, found, actor = offering.about(kind, subject), known(kind, act), acting(request)
        told = doing.do(actor, typed.get("form"), found.fact, subject, data_of(found, typed, actor.by))
        if told.done:
            return RedirectResponse(f"{about.back}?done={found.code}", 303)
        labels = {each.name: each.label for each in found.fields}
        said, wrong = explained(told, labels)
        about = offering.about(kind, subject)
        return shown(about, offering.one(about, found.code), said, typed.fields, wrong, STATUS[told.disposition])

    def shown(
        about: About,
        offered: Offered | None,
        told: str | None,
        typed: Mapping[str, str] | None = None,
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        html = page(
            "act.html",
            programme=console.programme(about.programme),
            kind=NAMES[kind],
            subject=about.subject,
            who=_who(console, about),
            back=about.back,
            offered=offered,
            told=told,
            typed=typed or {},
            wrong=wrong or {},
        )
        return HTMLResponse(html, status)


def known(kind: str, code: str) -> Act:
    """The act by its code. Raises Problem where there is none."""
    found = ACTS[kind].get(code)
    if found is None:
        raise Problem("not-found", f"There is no act {code!r} here.")
    return found


def _not_now(act: Act) -> str:
    return f"“{act.title}” is not possible as things stand now."


def _who(console: Console, about: About) -> str:
    """Whom it is about, in names."""
    name = console.standing.name
    match about.state:
        case Pairing() as pairing:
            return f"{name(pairing.mentor, console.looking)} → {name(pairing.protege, console.looking)}"
        case Participant() as participant:
            return name(participant.id, console.looking)
        case Programme() as programme:
            return programme.name
