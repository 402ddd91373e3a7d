"""What can go wrong that a person can put right: told in one sentence, never as a traceback."""

from __future__ import annotations


class Fault(Exception):
    """Something the person can put right: the sentence says what was wrong, where, and what to do."""

    def __init__(self, sentence: str, exit_code: int = 2) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code
