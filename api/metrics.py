"""Counts for Prometheus: what was asked of this process, and where the record and its read models stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Requests:
    """What this process answered, by method, route and status, and what became of the facts it was told."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._facts: Counter[str] = Counter()
        self._answered: dict[tuple[str, str, int], tuple[int, float]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method if method in _METHODS else "other", route, status)
        with self._lock:
            number, sum_of_seconds = self._answered.get(key, (0, 0.0))
            self._answered[key] = (number + 1, sum_of_seconds + seconds)

    def took(self, dispositions: Iterable[str]) -> None:
        with self._lock:
            self._facts.update(dispositions)

    def lines(self) -> Iterable[str]:
        with self._lock:
            answered = sorted(self._answered.items())
            facts = sorted(self._facts.items())
        yield "# HELP pairway_facts_taken_total Facts told to this process, by what became of them on arrival."
        yield "# TYPE pairway_facts_taken_total counter"
        for disposition, number in facts:
            yield f'pairway_facts_taken_total{{disposition="{disposition}"}} {number}'
        yield "# HELP pairway_request_seconds Requests answered by this process, and the seconds they took."
        yield "# TYPE pairway_request_seconds summary"
        for (method, route, status), (number, seconds) in answered:
            labels = f'{{method="{method}",route="{_safe(route)}",status="{status}"}}'
            yield f"pairway_request_seconds_count{labels} {number}"
            yield f"pairway_request_seconds_sum{labels} {seconds:.6f}"


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def gauge(name: str, says: str, values: Mapping[str, float], label: str = "") -> Iterable[str]:
    """One gauge in Prometheus' text, a line a label's value; with no label, the value under ''."""
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} gauge"
    for key, value in sorted(values.items()):
        yield f'{name}{{{label}="{_safe(key)}"}} {value}' if label else f"{name} {value}"


def counter(name: str, says: str, value: float) -> Iterable[str]:
    """One counter in Prometheus' text."""
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} counter"
    yield f"{name} {value}"


def _safe(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
