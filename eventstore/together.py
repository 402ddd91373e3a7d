"""Callers of many threads share one run: the first that comes leads, and takes along all who wait by then."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Unsure(Exception):
    """Whoever led the run did not come back from it: what was asked may have been done, or not."""


class _Caller(Generic[Asked, Told]):
    """One who asked; the lock is held until there is an answer, or until it is this one's turn to lead."""

    __slots__ = ("answer", "asked", "called")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Told | BaseException | None = None
        self.called = threading.Lock()
        self.called.acquire()


class Together(Generic[Asked, Told]):
    """Runs what is asked, one run at a time, with all that was asked while the last one was under way.

    `run` gets what was asked in the order in which it came, and gives an answer for each, in that order. An answer
    that is an exception is raised to whoever asked; an exception of the run itself is raised to all of it. `fit`
    picks, of those who wait, which go together now: it gives their indexes, always with the first; the rest keeps
    its place.

    Callers who each ask again as soon as they are told would otherwise take turns, one alone and then the others
    together. So who leads waits until as many are there as were at the last run, but no longer than that run took times
    `patience`. Where the last caller was alone nobody waits.
    """

    def __init__(
        self,
        run: Callable[[list[Asked]], Sequence[Told | Exception]],
        fit: Callable[[list[Asked]], Sequence[int]] = lambda asked: range(len(asked)),
        patience: float = 0.0,
    ) -> None:
        self._run = run
        self._fit = fit
        self._patience = patience
        self._were_there, self._took = 1, 0.0
        self._wanted: int | None = None  # so many are waited for
        self._complete = threading.Lock()
        self._complete.acquire()
        self._guard = threading.Lock()
        self._waiting: deque[_Caller[Asked, Told]] = deque()
        self._led = False

    def __call__(self, asked: Asked) -> Told:
        """The answer to this, once the run that it was part of is over."""
        mine: _Caller[Asked, Told] = _Caller(asked)
        with self._guard:
            self._waiting.append(mine)
            follows, self._led = self._led, True
            if len(self._waiting) == self._wanted:
                self._wanted = None
                self._complete.release()
        if follows:
            mine.called.acquire()
        # called without an answer: it is for this one to lead, as the first of those who wait
        if mine.answer is None:
            self._lead()
        answer = mine.answer
        if isinstance(answer, BaseException):
            raise answer
        assert answer is not None
        return answer

    def _gather(self) -> None:
        with self._guard:
            if len(self._waiting) >= self._were_there or not self._patience:
                return
            self._wanted = self._were_there
        try:
            self._complete.acquire(timeout=self._took * self._patience)
        finally:
            with self._guard:
                if self._wanted is None:
                    self._complete.acquire(blocking=False)  # they were complete just after the time was up
                self._wanted = None

    def _lead(self) -> None:
        try:
            self._gather()
        except BaseException:
            # told to stop: the first of those who wait is whoever leads
            with self._guard:
                self._waiting.popleft()
            self._hand_over()
            raise
        with self._guard:
            waiting = list(self._waiting)
            self._were_there = len(waiting)
            chosen = set(self._fit([one.asked for one in waiting]))
            group = [one for at, one in enumerate(waiting) if at in chosen]
            self._waiting = deque(one for at, one in enumerate(waiting) if at not in chosen)
        assert group[0] is waiting[0], "the first of those who wait is always among them"
        answers: Sequence[Told | BaseException] = ()
        begun = time.perf_counter()
        try:
            answers = self._run([one.asked for one in group])
        except Exception as error:  # noqa: BLE001 - told to each who asked
            answers = [error] * len(group)
        finally:
            self._took = time.perf_counter() - begun
            # the next run begins before the answers of this one are given out
            self._hand_over()
            if len(answers) != len(group):
                answers = [Unsure("The run was broken off.")] * len(group)
            for one, answer in zip(group, answers, strict=True):
                one.answer = answer
                one.called.release()

    def _hand_over(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting[0].called.release()
            else:
                self._led = False
