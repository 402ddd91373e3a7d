"""Workers and tick together, on a real Redis, beside each other and beside a sweep."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from pairway.running import keep_projecting, keep_sealing, running
from pairway.sweeping import sweep
from pairway.wiring import Parts
from projections.due import due
from tests.parts import NOW, MakeParts, log, recorded
from workers.crew import work


def taken(parts: Parts) -> Parts:
    parts.recorder.take(log(12))
    parts.store.seal(wait=True)
    parts.projector.catch_up()
    return parts


def crew(parts: Parts, redis_url: str, stack: ExitStack) -> None:
    """A whole set of workers, sealing and projecting, until the stack is left."""
    stop = threading.Event()
    loops = {
        "sealer": keep_sealing(parts.store.seal),
        "projector": keep_projecting(parts.projector, parts.database_url),
        "workers": work(
            redis_url,
            parts.recorder,
            lambda instant, most: due(parts.pool, instant, most),
            parts.store.seal,
            parts.now,
            lambda _arrival: None,
        ),
    }
    stack.enter_context(running(stop, loops))


def nobody_is_due(parts: Parts, within: float = 60.0) -> bool:
    """Waits until the list is empty."""
    pause, left = threading.Event(), within
    while due(parts.pool, NOW, 1):
        pause.wait(0.05)
        left -= 0.05
        if left < 0:
            return False
    return True


def test_workers_bring_everybody_forward_as_a_sweep_does(make_parts: MakeParts, redis_url: str) -> None:
    swept, worked = taken(make_parts()), taken(make_parts())
    sweep(swept, NOW, lambda _so_far: None)

    with ExitStack() as stack:
        crew(worked, redis_url, stack)
        assert nobody_is_due(worked)

    assert recorded(worked) == recorded(swept)


def test_two_crews_and_a_sweep_at_once_record_what_one_would(make_parts: MakeParts, redis_url: str) -> None:
    alone, crowded = taken(make_parts()), taken(make_parts())
    sweep(alone, NOW, lambda _so_far: None)

    with ExitStack() as stack:
        crew(crowded, redis_url, stack)
        crew(crowded, redis_url, stack)
        sweep(crowded, NOW, lambda _so_far: None)
        assert nobody_is_due(crowded)

    assert recorded(crowded) == recorded(alone)
