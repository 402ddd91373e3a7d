"""The shapes in which events are no longer written, each with what leads it to the next one (none so far)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# The name under which an event was written, and from its data the name and the data of the next shape.
UPCASTS: dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]] = {}
