"""The Merkle tree of RFC 6962: roots, and what proves that a leaf or an older tree is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

HASH = 32
EMPTY = sha256(b"").digest()

Span = tuple[int, int]  # leaves from the first number up to but not with the second, counted from 0
Hash = Callable[[int, int], bytes]  # of a perfect subtree: its height, and how many of that height lie before it


class DoesNotFit(Exception):
    """A proof does not lead to the root that it is said to lead to."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return sha256(b"\1" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over these hashes; the last may stand for a tree that is smaller than the others."""
    if not hashes:
        return EMPTY
    level = list(hashes)
    while len(level) > 1:
        # whoever has no neighbour goes up as it is
        left_over = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\1" + left + right).digest() for left, right in pairs] + left_over
    return level[0]


def perfect(span: Span) -> Iterator[tuple[int, int]]:
    """The perfect subtrees of a span of a tree, from left to right, as (height, index)."""
    first, end = span
    while first < end:
        height = (end - first).bit_length() - 1
        yield height, first >> height
        first += 1 << height


def hash_of(span: Span, hash_at: Hash) -> bytes:
    """The hash over a span of a tree, from those of its perfect subtrees."""
    found = [hash_at(height, index) for height, index in perfect(span)]
    if not found:
        return EMPTY
    over = found.pop()
    while found:
        over = node_hash(found.pop(), over)
    return over


def inclusion(index: int, size: int) -> list[Span]:
    """The spans whose hashes prove that leaf `index` is in a tree of `size`, from the leaf up."""
    if not 0 <= index < size:
        raise ValueError(f"A tree of {size} has no leaf {index}.")
    first, end, spans = 0, size, []
    while end - first > 1:
        middle = first + _left(end - first)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    return spans[::-1]


def consistency(old: int, size: int) -> list[Span]:
    """The spans whose hashes prove that the tree of `size` begins with the tree of `old`."""
    if not 0 < old <= size:
        raise ValueError(f"A tree of {size} does not begin with one of {old}.")
    first, end, spans = 0, size, []
    while old != end:
        middle = first + _left(end - first)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    if first:
        spans.append((first, end))
    return spans[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that this path leads to from the leaf; DoesNotFit where it has another length than it must."""
    if not 0 <= index < size:
        raise DoesNotFit(f"A tree of {size} has no leaf {index}.")
    spans = inclusion(index, size)
    if len(spans) != len(path):
        raise DoesNotFit(f"The proof of leaf {index} in a tree of {size} has {len(spans)} hashes, not {len(path)}.")
    over = leaf
    for (first, _), beside in zip(spans, path, strict=True):
        over = node_hash(over, beside) if first > index else node_hash(beside, over)
    return over


def check_consistency(old: int, old_root: bytes, size: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """DoesNotFit where the path does not prove that the newer tree begins with the older one."""
    if not 0 <= old <= size:
        raise DoesNotFit(f"A tree of {size} does not begin with one of {old}.")
    if old == 0:
        if path or old_root != EMPTY:
            raise DoesNotFit("Every tree begins with the empty one, whose root is known, and no proof is needed.")
        return
    spans, hashes = consistency(old, size), list(path)
    if len(spans) != len(hashes):
        raise DoesNotFit(f"The proof from {old} to {size} has {len(spans)} hashes, not {len(hashes)}.")
    # where the older tree is one perfect subtree of the newer, its root is not told twice
    told = bool(spans) and spans[0][1] == old
    before = after = hashes.pop(0) if told else old_root
    for (first, _), beside in zip(spans[1:] if told else spans, hashes, strict=True):
        if first >= old:
            after = node_hash(after, beside)
        else:
            before, after = node_hash(beside, before), node_hash(beside, after)
    if before != old_root or after != new_root:
        raise DoesNotFit(f"The tree of {size} does not begin with the one of {old} that was signed.")


def _left(size: int) -> int:
    """How many of so many leaves are in the left half: the largest power of two below."""
    return 1 << (size - 1).bit_length() - 1
