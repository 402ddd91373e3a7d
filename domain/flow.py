"""The eight steps drawn for readers: docs/flow.md, made from the tables of `domain/steps.py` and from nothing else.

`python -m domain.flow` writes it anew; a test fails while the page and the tables differ.
"""

from __future__ import annotations

import sys

from domain.steps import ENDS, FACTS, NUMBER, STATES, STEPS, WAYS

WORDS = {
    "complete": "its requirement is met",
    "open_quarter": "a quarter opens",
    "close_round": "both gave feedback, or its window is over",
    "end_term": "the term ends",
    "finish": "both evaluated, the grace is over, or it is closed",
    "close": "closed early",
}
MARKS = {"taken": "takes effect", "waits": "waits", "refused": "refused"}


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join(
        [
            "# How a pairing moves",
            "",
            "Made by `python -m domain.flow` from the two tables of `domain/steps.py`; do not edit it by hand.",
            "",
            "```mermaid",
            *_diagram(),
            "```",
            "",
            "From each of steps 1 to 7 a closing leads to `closed_early`: by a person, because a participant left, or",
            "by the clock where the term ends and they never met. From `first_meeting` the term's end leads into",
            "`evaluation` only if they have met.",
            "",
            "## What a fact finds in each state",
            "",
            "Where a fact takes effect, its own rule may still refuse it; the reason then says why.",
            "",
            *_table(),
            "",
        ]
    )


def _diagram() -> list[str]:
    lines = ["stateDiagram-v2", "    direction TB"]
    lines += [f'    state "{NUMBER[step]} {step}" as {step}' for step in STEPS]
    lines += [f"    [*] --> {STEPS[0]}: proposed"]
    lines += [f"    {way.source} --> {way.dest}: {WORDS[way.trigger]}" for way in WAYS]
    lines += [f"    {end} --> [*]" for end in ENDS]
    return lines


def _table() -> list[str]:
    names = [f"{NUMBER[state]} {state}" if state in NUMBER else state for state in STATES]
    lines = ["| fact | " + " | ".join(names) + " |", "| --- " * (len(STATES) + 1) + "|"]
    for fact, verdicts in FACTS.items():
        cells = (MARKS[verdicts[state]] for state in STATES)
        lines.append(f"| `{fact}` | " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    sys.stdout.write(page())
