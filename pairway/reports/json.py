"""The report as JSON, as the specification spells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


def render(report: Mapping[str, Any]) -> bytes:
    """Indented, in the order of the document, names in their own script."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
