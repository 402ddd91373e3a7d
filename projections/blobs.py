"""Folds as bytes and back: by position, so that ten thousand of them are read in a breath.

A blob is only ever read by the shape that wrote it: `SHAPE` is kept with the read model, which is rebuilt
where it differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from domain.figures import PairingFigures, PersonFigures
from domain.marks import Mark
from domain.pairing import Pairing
from domain.participant import Participant
from domain.policy import Policy
from domain.programme import Programme


def _types(kind: type, *without: str) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind) if field.name not in without}


_POLICY = _types(Policy)
_PAIRING = _types(Pairing, "policy")
_FIGURES = _types(PairingFigures, "pairing")
_PARTICIPANT = _types(Participant)
_PERSON = _types(PersonFigures, "participant")
_PROGRAMME = _types(Programme, "policy")

_ALL = (_POLICY, _PAIRING, _FIGURES, _PARTICIPANT, _PERSON, _PROGRAMME)
# The names in their order, and their types to the bottom: a field changed deep inside is another shape too.
SHAPE = repr((_ALL, msgspec.inspect.multi_type_info([Mark, *(kind for types in _ALL for kind in types.values())])))

_policy_values = attrgetter(*_POLICY)
_pairing_values = attrgetter(*_PAIRING)
_figures_values = attrgetter(*_FIGURES)
_participant_values = attrgetter(*_PARTICIPANT)
_person_values = attrgetter(*_PERSON)
_programme_values = attrgetter(*_PROGRAMME)

_encode = msgspec.msgpack.Encoder().encode


def _decoder(*rows: dict[str, Any]) -> Callable[[bytes], Any]:
    """Reads a tuple of tuples, each of these types in this order."""
    kinds = tuple(tuple.__class_getitem__(tuple(types.values())) for types in rows)
    decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(tuple.__class_getitem__(kinds))
    return decoder.decode


_decode_pairing = _decoder(_POLICY, _PAIRING, _FIGURES)
_decode_person = _decoder(_PARTICIPANT, _PERSON)
_decode_programme = _decoder(_POLICY, _PROGRAMME)


@lru_cache(maxsize=256)
def _policy(values: tuple[Any, ...]) -> Policy:
    """One object for all pairings of a programme."""
    return Policy(*values)


def pack_pairing(figures: PairingFigures) -> bytes:
    pairing = figures.pairing
    return _encode((_policy_values(pairing.policy), _pairing_values(pairing), _figures_values(figures)))


def unpack_pairing(blob: bytes) -> PairingFigures:
    policy, pairing, figures = _decode_pairing(blob)
    return PairingFigures(_made(Pairing, _PAIRING, pairing, policy), *figures)


def pack_person(figures: PersonFigures) -> bytes:
    return _encode((_participant_values(figures.participant), _person_values(figures)))


def unpack_person(blob: bytes) -> PersonFigures:
    participant, figures = _decode_person(blob)
    return PersonFigures(Participant(*participant), *figures)


def pack_programme(programme: Programme) -> bytes:
    return _encode((_policy_values(programme.policy), _programme_values(programme)))


def unpack_programme(blob: bytes) -> Programme:
    policy, programme = _decode_programme(blob)
    made: Programme = _made(Programme, _PROGRAMME, programme, policy)
    return made


def pack_mark(mark: Mark) -> bytes:
    return _encode(mark)


_decode_marks = msgspec.msgpack.Decoder(list[Mark]).decode
_A_LIST = b"\xdd"  # MessagePack's array 32


def unpack_marks(number: int, packed: bytes) -> list[Mark]:
    """So many marks, one after another as they were packed: read in one go, ten thousand in some milliseconds."""
    return _decode_marks(_A_LIST + number.to_bytes(4, "big") + packed)


def _made(kind: type, types: dict[str, Any], values: tuple[Any, ...], policy: tuple[Any, ...]) -> Any:
    """The policy lies in the middle of the fields; slots are set by name."""
    made: Any = object.__new__(kind)
    for name, value in zip(types, values, strict=True):
        setattr(made, name, value)
    made.policy = _policy(policy)
    return made
