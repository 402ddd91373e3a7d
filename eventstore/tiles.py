"""The tree in tiles of 256 hashes, as C2SP tlog-tiles has them: every proof is read from a handful."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from eventstore import merkle
from eventstore.merkle import HASH, Span

WIDE = 256
HIGH = 8  # levels of the tree that a tile spans
FULL = WIDE * HASH

Place = tuple[int, int]  # level and index of a tile
_INDEX = r"(?:x[0-9]{3}/)*[0-9]{3}"
_PATH = re.compile(rf"([0-9]|[1-5][0-9]|6[0-3]|entries)/({_INDEX})(?:\.p/([1-9][0-9]{{0,2}}))?")


class NoTile(Exception):
    """A tile that a proof needs is not there, or is too narrow."""


def path(level: int | str, index: int, width: int = WIDE) -> str:
    """Where a tile is found below `tile/`; level "entries" for what was hashed."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
    return f"{level}/{name}" if width == WIDE else f"{level}/{name}.p/{width}"


def read_path(text: str) -> tuple[int | str, int, int] | None:
    """Level, index and width of the tile at this path; none where it is no path of a tile."""
    found = _PATH.fullmatch(text)
    if found is None:
        return None
    level = found[1] if found[1] == "entries" else int(found[1])
    index, width = int(re.sub(r"[x/]", "", found[2])), int(found[3] or WIDE)
    # one spelling for one tile: no zeroes too many, and a width only where it is narrower
    return (level, index, width) if path(level, index, width) == text else None


def width(size: int, level: int, index: int) -> int:
    """How wide this tile is in a tree of that size; 0 where there is none."""
    return max(0, min(WIDE, (size >> HIGH * level) - index * WIDE))


def places(size: int, level: int | None = None) -> list[Place]:
    """Every tile of a tree of that size, or those of one level."""
    found: list[Place] = []
    for at in range(HIGH) if level is None else (level,):
        count = -(-(size >> HIGH * at) // WIDE)
        found += [(at, index) for index in range(count)]
    return found


def right_edge(size: int) -> list[Place]:
    """The tiles that the root over that many leaves is worked out from."""
    found = []
    for level in range(HIGH):
        at = size >> HIGH * level
        if at % WIDE:
            found.append((level, at // WIDE))
    return found


def needed(spans: Iterable[Span]) -> list[Place]:
    """The tiles that hold what these spans are worked out from."""
    return sorted({_tile_of(height, index)[0] for span in spans for height, index in merkle.perfect(span)})


def hash_at(tile: Callable[[Place], bytes]) -> merkle.Hash:
    """Hashes of perfect subtrees, worked out from tiles; NoTile where one is missing or too narrow."""

    def found(height: int, index: int) -> bytes:
        place, first, count = _tile_of(height, index)
        hashes = tile(place)[first * HASH : (first + count) * HASH]
        if len(hashes) != count * HASH:
            raise NoTile(f"The tile {path(*place)} is missing or too narrow.")
        return merkle.root(apart(hashes))

    return found


def root(size: int, tile: Callable[[Place], bytes]) -> bytes:
    """The root over the first `size` leaves."""
    return merkle.hash_of((0, size), hash_at(tile))


def apart(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


class Edge:
    """The right edge of a tree that grows: the unfinished tile of each level, and how many came before."""

    def __init__(self, size: int = 0, unfinished: Sequence[bytes] = ()) -> None:
        self.size = size
        self._unfinished = [bytearray(hashes) for hashes in unfinished]

    def room(self) -> int:
        """How many leaves the tile at the very edge takes yet."""
        return WIDE - self.size % WIDE

    def grow(self, leaves: bytes) -> list[tuple[int, int, bytes]]:
        """Takes leaf hashes, at most as many as there is `room`; gives the tiles finished by it."""
        self.size += len(leaves) // HASH
        done: list[tuple[int, int, bytes]] = []
        more, level = leaves, 0
        while more:
            if level == len(self._unfinished):
                self._unfinished.append(bytearray())
            tile = self._unfinished[level]
            tile += more
            if len(tile) < FULL:
                break
            hashes = bytes(tile)
            tile.clear()
            done.append((level, (self.size >> HIGH * (level + 1)) - 1, hashes))
            more, level = merkle.root(apart(hashes)), level + 1
        return done

    def unfinished(self) -> list[tuple[int, int, bytes]]:
        """The tiles at the edge as far as they go."""
        return [
            (level, self.size >> HIGH * (level + 1), bytes(hashes))
            for level, hashes in enumerate(self._unfinished)
            if hashes
        ]

    def root(self) -> bytes:
        """The root over all that was taken."""
        over: list[bytes] = []
        for hashes in self._unfinished:
            # what is left over at a level is the last and smaller part of the next
            level = apart(bytes(hashes)) + over
            over = [merkle.root(level)] if level else []
        return over[0] if over else merkle.EMPTY


def _tile_of(height: int, index: int) -> tuple[Place, int, int]:
    """The tile from which a perfect subtree is worked out, and which of its hashes: the first, and how many."""
    level, up = divmod(height, HIGH)
    first = index << up
    return (level, first // WIDE), first % WIDE, 1 << up
