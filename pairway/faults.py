"""What can go wrong that a person can put right, so that it is told in one sentence and never as a traceback."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 - it is what the person is told, not an error of the program
    """Something the person can put right: the sentence says what was wrong, where, and what to do."""

    def __init__(self, sentence: str, exit_code: int = 2) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code
