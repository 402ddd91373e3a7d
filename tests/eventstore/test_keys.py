"""Subject keys: useless without the master key, and each good for one place only."""

from __future__ import annotations

from itertools import count
from multiprocessing import get_context

import pytest

from eventstore.keys import CannotOpen, Keyring, WrongMasterKey, seal


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(b"m" * 32)


def test_a_wrapped_key_says_nothing_of_the_plain_one_and_gives_it_back(keyring: Keyring) -> None:
    plain, wrapped = keyring.make()
    assert len(plain) == 32
    assert plain not in wrapped
    assert keyring.unwrap(wrapped) == plain
    assert Keyring(b"m" * 32).unwrap(wrapped) == plain
    assert keyring.make()[0] != plain


def test_another_master_key_is_told_so(keyring: Keyring) -> None:
    _, wrapped = keyring.make()
    with pytest.raises(WrongMasterKey, match="another master key"):
        Keyring(b"n" * 32).unwrap(wrapped)
    with pytest.raises(WrongMasterKey):
        keyring.unwrap(b"\x03" + wrapped[1:])


def test_a_master_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes; this one has 5"):
        Keyring(b"short")


def nonces(_: int) -> list[bytes]:
    return [seal(b"k" * 32, b"", b"")[:12] for _ in range(500)]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # forking is what is tried
def test_no_two_texts_are_sealed_with_the_same_nonce_not_even_by_a_child_process() -> None:
    told = [nonces(0)]  # of the last that were fetched some are left over
    with get_context("fork").Pool(2) as children:
        told += children.map(nonces, range(2), chunksize=1)
    told.append(nonces(0))
    assert len({nonce for each in told for nonce in each}) == sum(map(len, told))


def test_what_is_sealed_opens_with_its_key_in_its_place_only(keyring: Keyring) -> None:
    key, _ = keyring.make()
    other, _ = keyring.make()
    sealed = keyring.seal(key, b"a fact", b"inbox")
    assert b"a fact" not in sealed
    assert keyring.open(key, sealed, b"inbox") == b"a fact"
    for wrong in ((other, sealed, b"inbox"), (key, sealed, b"else"), (key, sealed[:-1], b"inbox"), (key, b"", b"")):
        with pytest.raises(CannotOpen):
            keyring.open(*wrong)


# While a new master key takes the place of the old

OLD, NEW = b"o" * 32, b"n" * 32
# As keys were wrapped before they named their master key: 32 bytes of "k" under a master key of 32 "m".
NAMELESS = bytes.fromhex(
    "01313233343536373839303132717a8749d921709922268a45f68eda1138882b5272dd4e2f3197e47a2dd01171de50bd3aa321148fc9df7a819ffa4022"
)


def test_a_key_that_was_wrapped_by_the_first_version_still_opens(keyring: Keyring) -> None:
    assert keyring.unwrap(NAMELESS) == b"k" * 32
    again = keyring.anew(NAMELESS)
    assert again is not None
    assert keyring.unwrap(again) == b"k" * 32
    with pytest.raises(WrongMasterKey):
        Keyring(NEW).unwrap(NAMELESS)


def test_with_both_master_keys_everything_opens_and_the_first_wraps() -> None:
    (old, wrapped), both = Keyring(OLD).make(), Keyring(NEW, OLD)
    assert both.unwrap(wrapped) == old
    made, by_new = both.make()
    assert Keyring(NEW).unwrap(by_new) == made
    with pytest.raises(WrongMasterKey):
        Keyring(OLD).unwrap(by_new)
    again = both.anew(wrapped)
    assert again is not None
    assert Keyring(NEW).unwrap(again) == old
    assert both.anew(again) is None
    with pytest.raises(WrongMasterKey):
        Keyring(NEW).anew(wrapped)


def test_master_keys_in_files_are_read_again_when_something_does_not_open_or_is_made() -> None:
    keys: tuple[bytes, ...] = (OLD,)
    running = Keyring(OLD, reread=lambda: keys)
    plain, wrapped = Keyring(NEW).make()
    with pytest.raises(WrongMasterKey):
        running.unwrap(wrapped)
    keys = (OLD, NEW)
    assert running.unwrap(wrapped) == plain
    keys = (NEW, OLD)
    assert Keyring(NEW).unwrap(running.make()[1])
    keys = ()
    assert running.unwrap(wrapped) == plain, "files that are away for a moment take nothing away"


def test_what_names_a_master_key_says_nothing_of_it() -> None:
    wrapped = Keyring(OLD).make()[1]
    assert wrapped[1:9] == Keyring(OLD).make()[1][1:9]
    assert wrapped[1:9] != Keyring(NEW).make()[1][1:9]
    assert OLD[:4] not in wrapped


def test_what_was_opened_is_kept_until_it_is_let_go_of_or_the_master_key_is_another() -> None:
    ring, numbers = Keyring(OLD), count(1)
    kept = ring.kept(lambda wrapped: (wrapped, next(numbers)), 10)
    assert [kept(each) for each in ("a", "a", "b")] == [("a", 1), ("a", 1), ("b", 2)]
    ring.let_go()
    assert kept("a") == ("a", 3)
    ring.use(NEW)
    assert kept("a") == ("a", 4)
