"""The report as JSON, as the specification spells it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def render(report: Mapping[str, Any]) -> bytes:
    """Indented, in the order of the document, names in their own script."""
    return (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode()
