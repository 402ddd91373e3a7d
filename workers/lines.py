"""One log line a message, and its name on every line written while it is worked on."""

from __future__ import annotations

import logging
from typing import Any

import dramatiq
import structlog
from dramatiq.middleware import Middleware
from structlog.contextvars import bind_contextvars, clear_contextvars

log = structlog.get_logger(__name__)

# dramatiq tells the same by its own loggers, and worse: a traceback a retry.
logging.getLogger("dramatiq.worker.WorkerThread").setLevel(logging.CRITICAL)


class Lines(Middleware):
    """Binds the message's id as correlation, and says how it ended; only ids and counts."""

    def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:  # noqa: ARG002 - dramatiq hands it in
        clear_contextvars()
        bind_contextvars(correlation=message.message_id, actor=message.actor_name)

    def after_process_message(
        self,
        broker: dramatiq.Broker,  # noqa: ARG002 - dramatiq hands it in
        message: dramatiq.MessageProxy,
        *,
        result: Any = None,  # noqa: ARG002 - dramatiq hands it in
        exception: BaseException | None = None,
    ) -> None:
        retries = message.options.get("retries", 0)
        if exception is None:
            log.info("message done", retries=retries)
        else:
            log.warning("message failed", retries=retries, error=f"{type(exception).__name__}: {exception}")
        clear_contextvars()

    def after_skip_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:  # noqa: ARG002 - dramatiq hands it in
        log.info("message skipped: it is too old")
        clear_contextvars()
