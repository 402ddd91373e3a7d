"""Callers share a run: each gets its own answer, nobody leads for ever, and no failure leaves anyone waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import pytest

from eventstore.together import Together, Unsure

WAIT = 10  # seconds after which a test has hung


class Threads:
    """One a call, and none of them is waited for: where one hangs the test fails instead of hanging with it."""

    def submit(self, call: Callable[[int], int], asked: int) -> Future[int]:
        answer: Future[int] = Future()

        def run() -> None:
            try:
                answer.set_result(call(asked))
            except BaseException as error:  # noqa: BLE001 - handed to the test
                answer.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return answer


def until_waiting(together: Together[int, int], callers: int) -> None:
    assert any(len(together._waiting) >= callers or threading.Event().wait(0.001) for _ in range(WAIT * 1000))


class Gate:
    """A run that notes what it was given and goes on only when told."""

    def __init__(self, answer: Callable[[int], int | Exception] = lambda asked: asked * 10) -> None:
        self.runs: list[list[int]] = []
        self._answer = answer
        self._entered = threading.Semaphore(0)
        self._open = threading.Semaphore(0)

    def __call__(self, asked: list[int]) -> list[int | Exception]:
        self.runs.append(asked)
        self._entered.release()
        assert self._open.acquire(timeout=WAIT)
        return [self._answer(one) for one in asked]

    def entered(self) -> None:
        assert self._entered.acquire(timeout=WAIT)

    def let_go(self, runs: int = 1) -> None:
        self._open.release(runs)


def asked_meanwhile(
    threads: Threads, together: Together[int, int], gate: Gate, first: int, *others: int
) -> list[Future[int]]:
    """One whose run is under way, and others who have come since, in this order."""
    answers = [threads.submit(together, first)]
    gate.entered()
    for number, other in enumerate(others, 1):
        answers.append(threads.submit(together, other))
        until_waiting(together, number)
    return answers


def test_who_comes_while_a_run_is_under_way_shares_the_next_one() -> None:
    gate = Gate()
    threads = Threads()
    answers = asked_meanwhile(threads, Together(gate), gate, 1, 2, 3, 4)
    gate.let_go(2)
    assert [answer.result(WAIT) for answer in answers] == [10, 20, 30, 40]
    assert gate.runs == [[1], [2, 3, 4]]


def test_an_answer_that_is_an_exception_reaches_only_whoever_asked() -> None:
    def answer(asked: int) -> int | Exception:
        return ValueError("odd") if asked % 2 else asked

    gate = Gate(answer)
    threads = Threads()
    answers = asked_meanwhile(threads, Together(gate), gate, 0, 2, 3, 4)
    gate.let_go(2)
    assert [answers[at].result(WAIT) for at in (0, 1, 3)] == [0, 2, 4]
    assert isinstance(answers[2].exception(WAIT), ValueError)


@pytest.mark.parametrize(("broken", "told"), [(OSError("gone"), OSError), (KeyboardInterrupt(), Unsure)])
def test_a_run_that_breaks_is_told_to_all_of_it_and_the_next_goes_on(
    broken: BaseException, told: type[BaseException]
) -> None:
    """The one who led hears what broke; where it was told to stop itself, the others learn that nobody knows."""
    gate = Gate()

    def run(asked: list[int]) -> Sequence[int | Exception]:
        answers = gate(asked)
        if 2 in asked:
            raise broken
        return answers

    threads = Threads()
    together = Together(run)
    answers = asked_meanwhile(threads, together, gate, 1, 2, 3)
    gate.let_go()
    gate.entered()
    answers.append(threads.submit(together, 4))
    gate.let_go(2)
    assert answers[0].result(WAIT) == 10
    assert type(answers[1].exception(WAIT)) is type(broken)
    assert type(answers[2].exception(WAIT)) is told
    assert answers[3].result(WAIT) == 40
    gate.let_go()
    assert threads.submit(together, 5).result(WAIT) == 50


def test_what_does_not_go_together_keeps_its_place_for_the_next_run() -> None:
    gate = Gate()

    def of_one_kind(asked: list[int]) -> list[int]:
        return [at for at, one in enumerate(asked) if one % 2 == asked[0] % 2]

    threads = Threads()
    answers = asked_meanwhile(threads, Together(gate, of_one_kind), gate, 1, 2, 3, 4, 5)
    gate.let_go(3)
    assert [answer.result(WAIT) for answer in answers] == [10, 20, 30, 40, 50]
    assert gate.runs == [[1], [2, 4], [3, 5]]


def of_three(threads: Threads, together: Together[int, int], gate: Gate) -> None:
    """One run of one, and then one of three."""
    answers = asked_meanwhile(threads, together, gate, 1, 2, 3, 4)
    gate.let_go(2)
    assert [answer.result(WAIT) for answer in answers] == [10, 20, 30, 40]
    gate.entered()


def test_who_leads_waits_until_as_many_are_there_as_were_at_the_last_run() -> None:
    gate = Gate()
    together = Together(gate, patience=1e6)
    threads = Threads()
    of_three(threads, together, gate)
    answers = []
    for asked in (5, 6, 7):
        assert len(gate.runs) == 2
        answers.append(threads.submit(together, asked))
        if asked < 7:
            until_waiting(together, len(answers))
    gate.let_go()
    assert [answer.result(WAIT) for answer in answers] == [50, 60, 70]
    assert gate.runs[2] == [5, 6, 7]


def test_who_leads_goes_alone_where_the_others_stay_away_and_the_next_one_does_not_wait_for_them() -> None:
    gate = Gate()
    together = Together(gate, patience=1e-9)
    threads = Threads()
    of_three(threads, together, gate)
    gate.let_go()
    assert threads.submit(together, 5).result(WAIT) == 50
    together._patience = 1e6
    gate.let_go()
    assert threads.submit(together, 6).result(WAIT) == 60
    assert gate.runs[2:] == [[5], [6]]


def test_who_is_told_to_stop_while_waiting_for_the_others_leaves_the_lead_to_them() -> None:
    class Interrupted:
        def acquire(self, **_: object) -> bool:
            raise KeyboardInterrupt

    gate = Gate()
    together = Together(gate, patience=1e6)
    threads = Threads()
    of_three(threads, together, gate)
    complete, together._complete = together._complete, Interrupted()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        together(5)
    together._complete = complete
    together._were_there = 1
    gate.let_go()
    assert threads.submit(together, 6).result(WAIT) == 60
    assert gate.runs[2:] == [[6]]


def test_a_run_that_forgets_an_answer_leaves_nobody_waiting() -> None:
    together: Together[int, int] = Together(lambda _: [])
    for asked in (1, 2):
        assert type(Threads().submit(together, asked).exception(WAIT)) is Unsure


def test_many_threads_all_get_their_own_answers() -> None:
    together: Together[int, int] = Together(lambda asked: [one + 1 for one in asked])

    def ask(first: int) -> int:
        for each in range(first, first + 200):
            assert together(each) == each + 1
        return first

    threads = Threads()
    answers = [threads.submit(ask, first) for first in range(0, 16_000, 1_000)]
    assert [answer.result(WAIT) for answer in answers] == list(range(0, 16_000, 1_000))
