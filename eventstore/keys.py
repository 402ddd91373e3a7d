"""Keys of subjects: random, wrapped under one master key, forgotten by destroying the wrapping."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_ID = 8
_WRAPPED = b"\x02"  # then the id of the master key
_NAMELESS = b"\x01"  # as it was written once, with no id
INBOX = "inbox"  # the key of facts that name no subject, and of what is left of those whose people were forgotten
_WRAPPING = b"pairway subject key"
_NAMING = b"pairway master key id"


if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

P = ParamSpec("P")
R = TypeVar("R")


class CannotOpen(Exception):
    """The text was sealed with another key, or was changed since."""


class WrongMasterKey(Exception):
    """The subject keys in the database are wrapped with another master key than the one given."""


@lru_cache(maxsize=32_768)  # a cipher takes longer to make than to use
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


class Master:
    """A master key, and the id by which what it wrapped is known; the id says nothing of the key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError(f"The master key must be 32 bytes; this one has {len(key)}.")
        self.id = HKDF(SHA256(), _ID, salt=None, info=_NAMING).derive(key)
        self._cipher = AESGCM(key)

    def wrap(self, plain: bytes) -> bytes:
        head, nonce = _WRAPPED + self.id, os.urandom(_NONCE)
        return head + nonce + self._cipher.encrypt(nonce, plain, _WRAPPING + head)

    def unwrap(self, wrapped: bytes) -> bytes | None:
        """The plain key; none where another master key wrapped it."""
        head, rest = wrapped[: 1 + _ID], wrapped[1 + _ID :]
        aad = _WRAPPING + head
        if wrapped[:1] == _NAMELESS:
            rest, aad = wrapped[1:], _WRAPPING
        elif head != _WRAPPED + self.id:
            return None
        try:
            return self._cipher.decrypt(rest[:_NONCE], rest[_NONCE:], aad)
        except InvalidTag:
            return None


class Keyring:
    """Wraps subject keys with the master key (32 bytes), and seals and opens with them (AES-256-GCM).

    `others` are master keys that open too, as long as keys are being wrapped anew. `reread`, where master keys are
    kept in files, gives them as they are now: (master, *others).
    """

    def __init__(self, master: bytes, *others: bytes, reread: Callable[[], tuple[bytes, ...]] | None = None) -> None:
        self._reread = reread
        self._kept: list[_lru_cache_wrapper[Any]] = []
        self._unwrapped = self.kept(self._unwrap, 4096)
        self.use(master, *others)

    def use(self, master: bytes, *others: bytes) -> None:
        """Goes on with these master keys; the first wraps, and all open."""
        self._keys = (master, *others)
        self._masters = [Master(key) for key in self._keys]
        self.let_go()

    def make(self) -> tuple[bytes, bytes]:
        """A new subject key: (plain, wrapped). Only the wrapped one is ever stored."""
        self._look()
        plain = os.urandom(32)
        return plain, self._masters[0].wrap(plain)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The plain key; WrongMasterKey where another master key wrapped it."""
        return self._unwrapped(wrapped)

    def anew(self, wrapped: bytes) -> bytes | None:
        """The same key wrapped with the master key in force; none where it is so already. WrongMasterKey as above."""
        plain = self._unwrap(wrapped)
        return None if wrapped.startswith(_WRAPPED + self._masters[0].id) else self._masters[0].wrap(plain)

    def seal(self, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Nonce and ciphertext, bound to `aad`: it opens nowhere else."""
        return seal(key, plaintext, aad)

    def open(self, key: bytes, sealed: bytes, aad: bytes) -> bytes:
        """The plaintext; CannotOpen where the key or the place is another."""
        return open_sealed(key, sealed, aad)

    def kept(self, opens: Callable[P, R], most: int) -> Callable[P, R]:
        """The same, with so many of its answers kept in memory until they are let go of.

        What it opens with has to be among its arguments, so that it answers nothing to who has no key any more.
        """
        remembered = lru_cache(maxsize=most)(opens)
        self._kept.append(remembered)
        return cast(Callable[P, R], remembered)

    def let_go(self) -> None:
        """Keeps no plain key, and nothing that was opened with one, any longer than it is used."""
        for remembered in self._kept:
            remembered.cache_clear()
        _cipher.cache_clear()

    def _unwrap(self, wrapped: bytes) -> bytes:
        for looked in (False, True):
            for master in self._masters:
                if (plain := master.unwrap(wrapped)) is not None:
                    return plain
            if looked or not self._look():
                break
        raise WrongMasterKey(
            "The keys in this database were wrapped with another master key; start with that one, "
            "nothing can be read without it."
        )

    def _look(self) -> bool:
        """Whether the master keys are others now, where they can be looked at."""
        keys = self._reread() if self._reread is not None else ()
        if not keys or keys == self._keys:
            return False
        self.use(*keys)
        return True


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    nonce = _nonce()
    return nonce + _cipher(key).encrypt(nonce, plaintext, aad)


# Random ones, each used once: fetched many at a time, as asking the system takes as long as sealing a text. A child
# process starts without those of its parent, which both would use.
_nonces: list[bytes] = []
os.register_at_fork(after_in_child=_nonces.clear)


def _nonce() -> bytes:
    try:
        return _nonces.pop()
    except IndexError:
        fetched = os.urandom(_NONCE * 256)
        _nonces.extend(fetched[at : at + _NONCE] for at in range(_NONCE, len(fetched), _NONCE))
        return fetched[:_NONCE]


def open_sealed(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    try:
        return _cipher(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], aad)
    except (InvalidTag, ValueError):
        raise CannotOpen("This was sealed with another key, for another place, or was changed since.") from None


def rest_place(stream: str | None) -> bytes:
    """What the rest of a fact is bound to, which is kept under the key "inbox" since its own was destroyed."""
    return f"rest\n{stream or ''}".encode()


def fact_place(stream: str | None) -> bytes:
    """What the body of a fact in the inbox is bound to: the stream whose key seals it."""
    return f"inbox\n{stream or ''}".encode()
