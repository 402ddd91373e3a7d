"""Whether a text names somebody: any word of a name in it, whole and in any case, in any script."""

from __future__ import annotations

import re
import unicodedata

_ASCII_WORD = re.compile(r"[a-z0-9]+")
# Turkish writes i with and without a dot, in both cases; a name must not slip through by its dot.
_DOTS = str.maketrans({"ı": "i", "\u0307": None})


def words(text: str) -> frozenset[str]:
    """The words of a text, folded: case, width, composition and invisible characters make no difference."""
    if text.isascii():
        return frozenset(_ASCII_WORD.findall(text.lower()))
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    folded = unicodedata.normalize("NFKC", visible).casefold().translate(_DOTS)
    folded = unicodedata.normalize("NFC", folded)
    return frozenset("".join(c if _in_word(c) else " " for c in folded).split())


def _in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def holds_any(text: str, names: frozenset[str]) -> bool:
    """Whether the text holds any of these words of names, folded as `words` does."""
    if text.isascii():
        # hardly any text does, and that no word of it can be one is told quicker than what its words are
        lowered = text.lower()
        if not any(word in lowered for word in names):
            return False
    found = words(text)
    if not found.isdisjoint(names):
        return True
    # Where a script puts no space between words, a name stands inside a run of characters.
    return any(word in run for word in names if not word.isascii() and _is_unspaced(word) for run in found)


def _is_unspaced(word: str) -> bool:
    return any(
        "\u0e00" <= c <= "\u0eff"  # Thai, Lao
        or "\u1000" <= c <= "\u109f"  # Myanmar
        or "\u1780" <= c <= "\u17ff"  # Khmer
        or "\u3040" <= c <= "\u30ff"  # kana
        or "\u3400" <= c <= "\u9fff"  # ideographs
        or "\U00020000" <= c <= "\U0003ffff"
        for c in word
    )
