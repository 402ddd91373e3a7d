"""Subject keys: useless without the master key, and each good for one place only."""

from __future__ import annotations

import pytest

from eventstore.keys import CannotOpen, Keyring, WrongMasterKey


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
        keyring.unwrap(b"\x02" + wrapped[1:])


def test_a_master_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes; this one has 5"):
        Keyring(b"short")


def test_what_is_sealed_opens_with_its_key_in_its_place_only(keyring: Keyring) -> None:
    key, _ = keyring.make()
    other, _ = keyring.make()
    sealed = keyring.seal(key, b"a fact", b"inbox")
    assert b"a fact" not in sealed
    assert keyring.open(key, sealed, b"inbox") == b"a fact"
    for wrong in ((other, sealed, b"inbox"), (key, sealed, b"else"), (key, sealed[:-1], b"inbox"), (key, b"", b"")):
        with pytest.raises(CannotOpen):
            keyring.open(*wrong)
