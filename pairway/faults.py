"""What can go wrong that a person can put right: told in one sentence, never as a traceback."""

from __future__ import annotations

from pathlib import Path


class Fault(Exception):
    """Something the person can put right: the sentence says what was wrong, where, and what to do."""

    def __init__(self, sentence: str, exit_code: int = 2) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code


def no_data_folder(folder: Path, error: OSError) -> Fault:
    """Why nothing can be kept in a data folder."""
    why = "there is a file of that name" if isinstance(error, FileExistsError) else error.strerror
    where = f" ({error.filename})" if error.filename and str(error.filename) != str(folder) else ""
    return Fault(f"The data folder {folder} cannot be used: {why}{where}. Choose another with --data or PAIRWAY_DATA.")
