"""What holds for every log, however it was told: no rule of the specification depends on luck."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain import events, facts, intake
from domain.health import deadlines, health, next_deadline
from domain.pairing import Pairing
from domain.participant import Participant
from domain.passing_of_time import next_instant
from domain.steps import FACTS, NEXT, move
from tests.domain.story import Story, Sweep
from tests.domain.wandering import Log

SEEDS = st.integers(0, 2**32)
THE_END = datetime(2031, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def pairings(story: Story) -> tuple[str, ...]:
    return tuple(sorted(stream.removeprefix("pairing-") for stream in story.streams if stream.startswith("pairing-")))


def tell(log: list[facts.Fact], *, until: datetime = THE_END) -> Story:
    story = Story()
    story.when(*log)
    return story.when(Sweep(until, pairings(story)))


@given(SEEDS)
def test_whatever_is_told_in_whatever_order_every_stream_is_sound(seed: int) -> None:
    log = Log(seed)
    story = Story()
    for fact in log.in_disorder():
        story.tell(fact)
        if log.chance.random() < 0.05:
            story.tell(Sweep(fact.time + log.chance.randint(-20, 20) * DAY, pairings(story)))
    check(story)
    story.when(Sweep(THE_END, pairings(story)))
    check(story)
    for name in pairings(story):
        due = next_instant(story.pairing(name))
        assert due is None or due > THE_END


@given(SEEDS)
def test_a_log_in_order_of_time_gives_the_same_streams_however_often_a_worker_runs(seed: int) -> None:
    log = Log(seed)
    told = log.in_order()
    once, sometimes, daily = tell(told), Story(), Story()
    chance, clock = Random(seed), told[0].time
    for fact in told:
        while clock + DAY <= fact.time:
            clock += DAY
            daily.tell(Sweep(clock, pairings(daily)))
        if chance.random() < 0.3 and pairings(sometimes):
            some = tuple(chance.sample(pairings(sometimes), chance.randint(1, len(pairings(sometimes)))))
            sometimes.tell(Sweep(fact.time, some))
        assert daily.tell(fact).disposition == sometimes.tell(fact).disposition
    for story in (sometimes, daily):
        story.when(
            *[Sweep(clock + DAY * days, pairings(story)) for days in range(0, 600, 60 if story is sometimes else 1)]
        )
        story.when(Sweep(THE_END, pairings(story)))
        for name in pairings(once):
            assert recorded(story, f"pairing-{name}") == recorded(once, f"pairing-{name}")
        for stream in once.streams:
            kinds = [Counter(str(one.event) for one in each.streams[stream]) for each in (story, once)]
            assert kinds[0] == kinds[1]


@given(SEEDS)
def test_a_world_that_is_loaded_piece_by_piece_leads_to_the_same_decisions(seed: int) -> None:
    log = Log(seed).in_disorder()
    whole, pieces = Story(), Story()
    for fact in log:
        expected = whole.tell(fact)
        asked = Loaded(pieces, set(intake.streams(fact)))
        decision = asked.decide(fact, pieces.arrivals + 1)
        assert decision == expected
        assert decision.read <= asked.streams
        pieces.tell(fact)


class Loaded:
    """A world of which only some streams were loaded; what is missing is loaded when it is asked for."""

    def __init__(self, story: Story, streams: set[str]) -> None:
        self.story = story
        self.streams = streams
        self.claims: set[str] = set()

    def place(self, stream: str) -> intake.Place:
        if stream not in self.streams:
            raise intake.Missing(streams=(stream,))
        return self.story.place(stream)

    def holder(self, claim: str) -> str | None:
        if claim not in self.claims:
            raise intake.Missing(claims=(claim,))
        return self.story.holder(claim)

    def decide(self, fact: facts.Fact, arrival: int) -> intake.Decision:
        while True:
            try:
                return intake.decide(fact, arrival, self)
            except intake.Missing as missing:
                found = {*missing.streams, *missing.claims}
            assert found - self.streams - self.claims  # it never asks twice
            self.streams |= found
            self.claims |= found


def recorded(story: Story, stream: str) -> list[tuple[events.Event, datetime]]:
    return [(one.event, one.at) for one in story.streams.get(stream, [])]


# What is sound


def check(story: Story) -> None:
    for stream, history in story.streams.items():
        state = story.place(stream).state
        assert state == intake.fold(stream, [(one.event, one.at) for one in history])
        assert all(earlier.at <= later.at for earlier, later in pairwise(history))
        for one in history:
            text = msgspec.json.encode(one.event)
            assert msgspec.json.decode(text, type=type(one.event)) == one.event
        if isinstance(state, Pairing):
            said = [one.event for one in history]
            check_flags(said, state)
            check_misses(said)
            check_moves(said, state)
            if state.ended:
                assert not story.place(stream).waiting
            assert health(state)
            assert next_deadline(state) in [*deadlines(state), None]
        elif isinstance(state, Participant):
            joined = [one.event.pairing for one in history if isinstance(one.event, events.PairingJoined)]
            parted = [one.event.pairing for one in history if isinstance(one.event, events.PairingLeft)]
            assert len(joined) == len(set(joined))
            assert len(parted) == len(set(parted))
            assert state.active == tuple(sorted(set(joined) - set(parted)))
            assert all(not story.pairing(name).ended for name in state.active)
            assert all(story.pairing(name).ended for name in parted)
            assert not (state.gone and state.active)


def check_flags(history: list[events.Event], pairing: Pairing) -> None:
    open_flags: set[str] = set()
    for event in history:
        match event:
            case events.FlagRaised():
                assert event.signal not in open_flags
                open_flags.add(event.signal)
            case events.FlagCleared():
                open_flags.remove(event.signal)
            case events.FlagAcknowledged():
                assert event.signal in open_flags
            case events.PairingClosedEarly():
                assert event.open_flags == tuple(sorted(open_flags))
    assert open_flags == pairing.flags.keys()
    if pairing.ended:
        assert open_flags <= {"closed_early"}


def check_misses(history: list[events.Event]) -> None:
    standing: Counter[tuple[object, ...]] = Counter()
    seen: Counter[tuple[object, ...]] = Counter()
    for event in history:
        match event:
            case events.DeadlineMissed():
                standing[event.deadline, event.due_on, event.quarter] += 1
                seen[event.deadline, event.quarter, event.due_on if event.deadline == "meeting" else None] += 1
            case events.DeadlineMissRescinded():
                assert event.met_on <= event.due_on
                assert standing[event.deadline, event.due_on, event.quarter]
                standing[event.deadline, event.due_on, event.quarter] -= 1
    assert set(seen.values()) <= {1}


TAKEN = {
    events.GoalsAgreed: "goals_agreed",
    events.GoalsRevised: "goals_agreed",
    events.MeetingHeld: "meeting_held",
    events.MeetingMissed: "meeting_missed",
    events.ContractSigned: "contract_signed",
    events.GoalProgressed: "goal_progressed",
    events.FeedbackGiven: "feedback_given",
    events.EvaluationGiven: "evaluation_given",
    events.RequirementWaived: "waived",
    events.PairingPaused: "paused",
    events.PairingResumed: "resumed",
    events.ClosureReviewed: "closure_reviewed",
}


def check_moves(history: list[events.Event], pairing: Pairing) -> None:
    """Every recorded move is a way of the Machine, and every fact was taken in a state in which the table takes it."""
    state, term_ended = "", False
    completed: list[str] = []
    for event in history:
        if (fact := TAKEN.get(type(event))) is not None:
            assert FACTS[fact][state] == "taken", (event, state)
        match event:
            case events.StepEntered():
                trigger = "end_term" if term_ended else "complete"
                assert event.step == (move(trigger, state) if state else "registration")
                state = event.step
            case events.StepCompleted():
                assert event.step == state
                completed.append(state)
            case events.FeedbackOpened():
                state = NEXT["open_quarter", state]
            case events.FeedbackClosed():
                state = NEXT["close_round", state]
            case events.TermEnded():
                term_ended = True
            case events.PairingClosedEarly():
                assert event.step == state
                state = NEXT["close", state]
            case events.PairingCompleted():
                state = NEXT["finish", state]
    assert state == pairing.step
    assert completed == list(pairing.done)
    assert len(completed) == len(set(completed))
