"""Processes that work for this one: not forked, as it has threads and connections of its own, and gone when it is."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess


def working(number: int, opened: Callable[[], None]) -> ProcessPoolExecutor:
    """So many of them; each begins with `opened`."""
    return ProcessPoolExecutor(number, get_context("spawn"), partial(_begin, opened))


def _begin(opened: Callable[[], None]) -> None:
    # Ctrl-C is for the process that has us work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None, "it was started by another"
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    opened()


def _end_with(parent: BaseProcess) -> None:
    """Where that one was killed, nobody tells: this one would wait for work for ever."""
    parent.join()
    os._exit(1)
