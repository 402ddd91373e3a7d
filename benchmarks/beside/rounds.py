"""Times several sides in turns, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

FLOOR = "floor"

# Does an amount of work and says how much it was, and how many seconds it took.
Turn = Callable[[], tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """One workload: what each side reached of it a second, and the ratio to the floor of the same round."""

    what: str
    unit: str
    rates: dict[str, float]
    ratios: dict[str, float]
    work: dict[str, float]  # processor time for one, of client and server together, in microseconds
    reach: float


def interleaved(
    what: str, unit: str, reach: float, turns: Mapping[str, Turn], rounds: int, spent: Callable[[], float]
) -> Line:
    """A/B/C/A/B/C: a round to warm up, then the median of each side's rounds and of its ratios.

    `spent` says how many seconds of processor time all that takes part has had.
    """
    rates: dict[str, list[float]] = {name: [] for name in turns}
    work: dict[str, list[float]] = {name: [] for name in turns}
    order = list(turns)
    for round_ in range(rounds + 1):
        # each side is first, and last, as often as the others
        for name in (*order[round_ % len(order) :], *order[: round_ % len(order)]):
            before = spent()
            done, seconds = turns[name]()
            work[name].append((spent() - before) / done * 1e6)
            rates[name].append(done / seconds)
    kept = {name: all_[1:] for name, all_ in rates.items()}
    ratios = {
        name: median(own / floor for own, floor in zip(all_, kept[FLOOR], strict=True)) for name, all_ in kept.items()
    }
    works = {name: median(all_[1:]) for name, all_ in work.items()}
    return Line(what, unit, {name: median(all_) for name, all_ in kept.items()}, ratios, works, reach)


def repeated(writers: int, seconds: float, begin: Callable[[], Callable[[int], None]]) -> tuple[int, float]:
    """Has so many threads each begin, and then do what they began with again and again for so long.

    What they begin with is given 0, 1, 2 and so on. How often it was done in all, and how long it really took.
    """
    ready = threading.Barrier(writers)
    done: list[int] = []
    begun: list[float] = []
    ended: list[float] = []
    failed: list[BaseException] = []
    clock = time.perf_counter

    def run() -> None:
        try:
            one = begin()
            ready.wait()
            begun.append(clock())
            until, number = begun[-1] + seconds, 0
            while clock() < until:
                one(number)
                number += 1
            ended.append(clock())
            done.append(number)
        except BaseException as error:  # noqa: BLE001 - told below
            ready.abort()
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return sum(done), max(ended) - min(begun)
