"""Keys of subjects: random, wrapped under one master key, forgotten by destroying the wrapping."""

from __future__ import annotations

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_WRAPPED = b"\x01"
INBOX = "inbox"  # the key of facts that name no subject, and of what is left of those whose people were forgotten
_WRAPPING = b"pairway subject key"


class CannotOpen(Exception):
    """The text was sealed with another key, or was changed since."""


class WrongMasterKey(Exception):
    """The subject keys in the database are wrapped with another master key than the one given."""


@lru_cache(maxsize=8_192)  # a cipher takes longer to make than to use
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


class Keyring:
    """Wraps subject keys with the master key (32 bytes), and seals and opens with them (AES-256-GCM)."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise ValueError(f"The master key must be 32 bytes; this one has {len(master)}.")
        self._master = AESGCM(master)
        self._unwrapped = lru_cache(maxsize=4096)(self._unwrap)

    def make(self) -> tuple[bytes, bytes]:
        """A new subject key: (plain, wrapped). Only the wrapped one is ever stored."""
        plain, nonce = os.urandom(32), os.urandom(_NONCE)
        return plain, _WRAPPED + nonce + self._master.encrypt(nonce, plain, _WRAPPING)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The plain key; WrongMasterKey where another master key wrapped it."""
        return self._unwrapped(wrapped)

    def seal(self, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Nonce and ciphertext, bound to `aad`: it opens nowhere else."""
        return seal(key, plaintext, aad)

    def open(self, key: bytes, sealed: bytes, aad: bytes) -> bytes:
        """The plaintext; CannotOpen where the key or the place is another."""
        return open_sealed(key, sealed, aad)

    def let_go(self) -> None:
        """Keeps no plain key any longer than it is used."""
        self._unwrapped.cache_clear()
        _cipher.cache_clear()

    def _unwrap(self, wrapped: bytes) -> bytes:
        try:
            if wrapped[:1] != _WRAPPED:
                raise InvalidTag
            return self._master.decrypt(wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :], _WRAPPING)
        except InvalidTag:
            raise WrongMasterKey(
                "The keys in this database were wrapped with another master key; start with that one, "
                "nothing can be read without it."
            ) from None


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, plaintext, aad)


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
