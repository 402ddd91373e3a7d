"""Signed notes and checkpoints as C2SP has them (signed-note, tlog-checkpoint): foreign tools can check them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
_SIGNED = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_MOST = 64  # signatures of one note


class BadNote(Exception):
    """A note that cannot be read, or that the known key did not sign as it stands."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a key, under the name of its log."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(f"{self.name}\n".encode() + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The key as `str` writes it; BadNote where it is none."""
        try:
            name, number, key = text.strip().split("+", 2)
            decoded = b64decode(key, validate=True)
        except (ValueError, NotBase64):
            raise BadNote("This is no verifier key: it is to be name+id+key.") from None
        found = cls(name, decoded[1:])
        if not name or decoded[:1] != ED25519 or len(decoded) != 33 or found.id.hex() != number:
            raise BadNote("This is no Ed25519 verifier key, or it was changed.")
        return found

    def text(self, note: str) -> str:
        """The text of a note that this key signed; BadNote where it did not."""
        try:
            text, signatures = split(note)
        except UnicodeError:
            raise BadNote("The note is no text.") from None
        found = False
        for name, signature in signatures:
            if name != self.name or signature[:4] != self.id:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature[4:], text.encode())
            except (InvalidSignature, UnicodeError):
                raise BadNote("Its signature does not fit its text.") from None
            found = True
        if not found:
            raise BadNote("It is not signed with the key of this record.")
        return text


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under the name of its log."""

    name: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The text as a signed note."""
        if not text.endswith("\n") or text.startswith("\n") or "\n\n" in text:
            raise ValueError("A note's text ends with a newline and has no empty line here.")
        signature = b64encode(self.verifier.id + self.key.sign(text.encode())).decode()
        return f"{text}\n— {self.name} {signature}\n"


def split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note and its signatures (name, id and signature), not yet verified."""
    text, blank, rest = note.rpartition("\n\n")
    if not blank or not text or not rest.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise BadNote("It is no signed note.")
    signatures = []
    for line in rest[:-1].split("\n"):
        signed = _SIGNED.fullmatch(line)
        if signed is None:
            raise BadNote("It is no signed note.")
        try:
            signatures.append((signed[1], b64decode(signed[2], validate=True)))
        except NotBase64:
            raise BadNote("It is no signed note.") from None
    if len(signatures) > _MOST:
        raise BadNote(f"A note with more than {_MOST} signatures is not read.")
    return text + "\n", signatures


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: so many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """The checkpoint that `text` wrote; BadNote where it is none."""
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise BadNote("It is no checkpoint.")
        try:
            root = b64decode(lines[2], validate=True)
        except NotBase64:
            root = b""
        if len(root) != 32:
            raise BadNote("It is no checkpoint.")
        return cls(lines[0], int(lines[1]), root)


def signed_by(note: str, verifiers: Sequence[Verifier]) -> Verifier:
    """Whose signature a note bears, not yet verified; the first of them where it bears none of theirs."""
    ids = {(name, signature[:4]) for name, signature in split(note)[1]}
    return next((each for each in verifiers if (each.name, each.id) in ids), verifiers[0])


def opened(note: str, *verifiers: Verifier) -> Checkpoint:
    """The checkpoint of a note that one of these keys signed for its own log; BadNote where none did."""
    verifier = signed_by(note, verifiers)
    checkpoint = Checkpoint.read(verifier.text(note))
    if checkpoint.origin != verifier.name:
        raise BadNote(f"It is of another log, {checkpoint.origin}.")
    return checkpoint
