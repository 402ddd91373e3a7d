"""Callers of many threads share one run: the first that comes leads, and takes along all who wait by then."""

from __future__ import annotations

import threading
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
    """

    def __init__(
        self,
        run: Callable[[list[Asked]], Sequence[Told | Exception]],
        fit: Callable[[list[Asked]], Sequence[int]] = lambda asked: range(len(asked)),
    ) -> None:
        self._run = run
        self._fit = fit
        self._guard = threading.Lock()
        self._waiting: deque[_Caller[Asked, Told]] = deque()
        self._led = False

    def __call__(self, asked: Asked) -> Told:
        """The answer to this, once the run that it was part of is over."""
        mine: _Caller[Asked, Told] = _Caller(asked)
        with self._guard:
            self._waiting.append(mine)
            follows, self._led = self._led, True
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

    def _lead(self) -> None:
        with self._guard:
            waiting = list(self._waiting)
            chosen = set(self._fit([one.asked for one in waiting]))
            group = [one for at, one in enumerate(waiting) if at in chosen]
            self._waiting = deque(one for at, one in enumerate(waiting) if at not in chosen)
        assert group[0] is waiting[0], "the first of those who wait is always among them"
        answers: Sequence[Told | BaseException] = ()
        try:
            answers = self._run([one.asked for one in group])
        except Exception as error:  # noqa: BLE001 - told to each who asked
            answers = [error] * len(group)
        finally:
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
