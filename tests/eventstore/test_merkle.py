"""The tree of RFC 6962, against the vectors of Certificate Transparency and against a tree made the plain way."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore import merkle, tiles
from eventstore.tiles import Edge

# The inputs and roots that the implementations of RFC 6962 share (Certificate Transparency, Trillian, Tessera).
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
PATHS = {
    (0, 8): "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    (5, 8): "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    (2, 3): "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    (1, 5): "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
}
STEPS = {
    (1, 1): "",
    (1, 8): "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    (6, 8): "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    (2, 5): "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
}


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + plain_root(leaves[:half]) + plain_root(leaves[half:])).digest()


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % number) for number in range(size)]


def hashes(leaves: list[bytes], spans: list[merkle.Span]) -> list[bytes]:
    return [plain_root(leaves[first:end]) for first, end in spans]


def joined(text: str) -> list[bytes]:
    return tiles.apart(bytes.fromhex(text))


def test_the_known_roots_come_out() -> None:
    leaves = [merkle.leaf_hash(each) for each in INPUTS]
    assert [merkle.root(leaves[:size]) for size in range(9)] == ROOTS
    assert [plain_root(leaves[:size]) for size in range(9)] == ROOTS


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_the_known_inclusion_proofs_come_out(index: int, size: int) -> None:
    leaves = [merkle.leaf_hash(each) for each in INPUTS[:size]]
    path = joined(PATHS[index, size])
    assert hashes(leaves, merkle.inclusion(index, size)) == path
    assert merkle.root_by_inclusion(leaves[index], index, size, path) == ROOTS[size]


@pytest.mark.parametrize(("old", "size"), STEPS)
def test_the_known_consistency_proofs_come_out(old: int, size: int) -> None:
    leaves = [merkle.leaf_hash(each) for each in INPUTS[:size]]
    path = joined(STEPS[old, size])
    assert hashes(leaves, merkle.consistency(old, size)) == path
    merkle.check_consistency(old, ROOTS[old], size, ROOTS[size], path)


@given(st.integers(1, 700), st.data())
def test_a_leaf_is_proved_in_a_tree_and_no_other_leaf_in_its_place(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    root = plain_root(leaves)
    path = hashes(leaves, merkle.inclusion(index, size))

    assert merkle.root(leaves) == root
    assert merkle.root_by_inclusion(leaves[index], index, size, path) == root
    assert merkle.root_by_inclusion(bytes(32), index, size, path) != root
    if path:
        changed = data.draw(st.integers(0, len(path) - 1))
        wrong = [bytes(32) if at == changed else each for at, each in enumerate(path)]
        assert merkle.root_by_inclusion(leaves[index], index, size, wrong) != root
        with pytest.raises(merkle.DoesNotFit):
            merkle.root_by_inclusion(leaves[index], index, size, path[:-1])


@given(st.integers(1, 700), st.data())
def test_a_tree_is_proved_to_begin_with_an_older_one(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    leaves = leaves_of(size)
    before, after = plain_root(leaves[:old]), plain_root(leaves)
    path = hashes(leaves, merkle.consistency(old, size))

    merkle.check_consistency(old, before, size, after, path)
    wrong = [(bytes(32), after, path), (before, bytes(32), path), (before, after, [*path, bytes(32)])]
    wrong += [
        (before, after, [bytes(32) if at == each else path[at] for at in range(len(path))]) for each in range(len(path))
    ]
    for one, other, told in wrong:
        with pytest.raises(merkle.DoesNotFit):
            merkle.check_consistency(old, one, size, other, told)


def test_every_tree_begins_with_the_empty_one() -> None:
    merkle.check_consistency(0, merkle.EMPTY, 3, ROOTS[3], [])
    with pytest.raises(merkle.DoesNotFit):
        merkle.check_consistency(0, ROOTS[1], 3, ROOTS[3], [])


@given(st.lists(st.integers(1, 300), min_size=1, max_size=8), st.data())
def test_tiles_that_grow_hold_every_proof(steps: list[int], data: st.DataObject) -> None:
    leaves = leaves_of(sum(steps))
    edge, found, size = Edge(), {}, 0
    for step in steps:
        end = size + step
        while size < end:
            more = leaves[size : min(end, size + edge.room())]
            found.update({(level, index): each for level, index, each in edge.grow(b"".join(more))})
            size += len(more)
        found.update({(level, index): each for level, index, each in edge.unfinished()})
        assert edge.root() == plain_root(leaves[:size])
    assert {place: len(each) // 32 for place, each in found.items()} == {
        place: tiles.width(size, *place) for place in tiles.places(size)
    }
    old = data.draw(st.integers(1, size))
    hash_at = tiles.hash_at(lambda place: found.get(place, b""))
    for spans in (merkle.inclusion(old - 1, size), merkle.consistency(old, size), [(0, old)]):
        assert set(tiles.needed(spans)) <= found.keys()
        assert [merkle.hash_of(span, hash_at) for span in spans] == hashes(leaves, spans)
    again = Edge(
        size,
        [
            found.get((level, size >> 8 * (level + 1)), b"")
            if tiles.width(size, level, size >> 8 * (level + 1))
            else b""
            for level in range(8)
        ],
    )
    assert again.root() == plain_root(leaves)


def test_a_tree_of_three_levels_of_tiles_has_the_root_of_the_plain_one() -> None:
    leaves = leaves_of(70_000)
    edge, found = Edge(), {}
    for first in range(0, 70_000, 256):
        found.update({each[:2]: each[2] for each in edge.grow(b"".join(leaves[first : first + 256]))})
    found.update({each[:2]: each[2] for each in edge.unfinished()})
    assert edge.root() == merkle.root(leaves) == tiles.root(70_000, found.__getitem__)
    widths = {level: [len(found[place]) // 32 for place in tiles.places(70_000, level)] for level in range(3)}
    # the example of tlog-tiles
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    with pytest.raises(tiles.NoTile):
        tiles.root(70_000, {**found, (0, 273): b""}.__getitem__)


@given(st.integers(0, 63) | st.just("entries"), st.integers(0, 10**12), st.integers(1, 256))
def test_a_tile_is_found_by_its_path(level: int | str, index: int, width: int) -> None:
    assert tiles.read_path(tiles.path(level, index, width)) == (level, index, width)


def test_the_paths_of_tiles_are_those_of_the_specification() -> None:
    assert tiles.path(0, 1234067) == "0/x001/x234/067"
    assert tiles.path("entries", 5, 17) == "entries/005.p/17"
    for wrong in ("0/x000/067", "00/001", "64/001", "0/1", "0/001.p/256", "0/001.p/0", "0/001.p/01", "0/x1/001", ""):
        assert tiles.read_path(wrong) is None, wrong
