"""Folds as bytes and back: by position, so that ten thousand of them are read in a breath.

A blob is only ever read by the shape that wrote it: `SHAPE` is kept with the read model, which is rebuilt
where it differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from domain.accounts import Account, Accounts, columns_counted
from domain.figures import Assessment, Name, PairingFigures, PersonFigures, Said
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

_PACKING = 2  # one more where the same types are packed in another way
_ALL = (_POLICY, _PAIRING, _FIGURES, _PARTICIPANT, _PERSON, _PROGRAMME)
# The names in their order, and their types to the bottom: a field changed deep inside is another shape too.
_KINDS = [Mark, Account, *(kind for types in _ALL for kind in types.values())]
SHAPE = repr((_PACKING, _ALL, msgspec.inspect.multi_type_info(_KINDS)))

_policy_values = attrgetter(*_POLICY)
_pairing_values = attrgetter(*_PAIRING)
_figures_values = attrgetter(*_FIGURES)
_participant_values = attrgetter(*_PARTICIPANT)
_person_values = attrgetter(*_PERSON)
_programme_values = attrgetter(*_PROGRAMME)

_encode = msgspec.msgpack.Encoder().encode


def _row(types: dict[str, Any]) -> Any:
    """A tuple of these types in this order."""
    return tuple.__class_getitem__(tuple(types.values()))


def _decoder(*kinds: Any) -> Callable[[bytes], Any]:
    decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(tuple.__class_getitem__(kinds))
    return decoder.decode


def _field(name: str, types: dict[str, Any], *before: Any) -> Callable[[bytes], Any]:
    """Reads one field of the last part of a blob; all others are passed over as they are."""
    kinds = (kind if each == name else msgspec.Raw for each, kind in types.items())
    decode, place = _decoder(*before, tuple.__class_getitem__(tuple(kinds))), list(types).index(name)
    return lambda blob: decode(blob)[-1][place]


# The policy is left as it came: that of a programme is the same for all its pairings, and read once.
_decode_policy: Callable[[bytes], Any] = msgspec.msgpack.Decoder(_row(_POLICY)).decode
_decode_pairing = _decoder(msgspec.Raw, _row(_PAIRING), _row(_FIGURES))
_decode_person = _decoder(_row(_PARTICIPANT), _row(_PERSON))
_decode_programme = _decoder(msgspec.Raw, _row(_PROGRAMME))
unpack_names: Callable[[bytes], list[Name]] = _field("names", _PERSON, msgspec.Raw)
unpack_assessments: Callable[[bytes], list[Assessment]] = _field("assessments", _PERSON, msgspec.Raw)
_policy_in_pairing = [field.name for field in fields(Pairing)].index("policy")
_policy_in_programme = [field.name for field in fields(Programme)].index("policy")


@lru_cache(maxsize=256)
def _policy(packed: bytes) -> Policy:
    return Policy(*_decode_policy(packed))


def _with_policy(values: tuple[Any, ...], place: int, packed: msgspec.Raw) -> tuple[Any, ...]:
    """The values of all fields: the policy lies in the middle of them."""
    return (*values[:place], _policy(bytes(packed)), *values[place:])


def pack_pairing(figures: PairingFigures) -> bytes:
    pairing = figures.pairing
    return _encode((_policy_values(pairing.policy), _pairing_values(pairing), _figures_values(figures)))


def unpack_pairing(blob: bytes) -> PairingFigures:
    policy, values, figures = _decode_pairing(blob)
    return PairingFigures(Pairing(*_with_policy(values, _policy_in_pairing, policy)), *figures)


def pack_person(figures: PersonFigures) -> bytes:
    return _encode((_participant_values(figures.participant), _person_values(figures)))


def unpack_person(blob: bytes) -> PersonFigures:
    participant, figures = _decode_person(blob)
    return PersonFigures(Participant(*participant), *figures)


def pack_programme(programme: Programme) -> bytes:
    return _encode((_policy_values(programme.policy), _programme_values(programme)))


def unpack_programme(blob: bytes) -> Programme:
    policy, values = _decode_programme(blob)
    return Programme(*_with_policy(values, _policy_in_programme, policy))


def pack_mark(mark: Mark) -> bytes:
    return _encode(mark)


def pack_account(account: Account) -> bytes:
    """Field by field, so that equal figures are equal bytes."""
    return _encode([_encode(value) for value in account])


_decode_account: Callable[[bytes], tuple[bytes, ...]] = msgspec.msgpack.Decoder(tuple[bytes, ...]).decode
_decode_values: list[Callable[[bytes], list[Any]]] = [
    msgspec.msgpack.Decoder(list.__class_getitem__(kind)).decode for kind in get_type_hints(Account).values()
]


def unpack_accounts(packed: Iterable[bytes]) -> Accounts:
    """Accounts, counted: many pairings are alike in most figures, so that it is counted first and read afterwards."""
    counts = columns_counted(map(_decode_account, packed), len(_decode_values))
    return Accounts(
        *(
            Counter(dict(zip(decode(_a_list(len(found), b"".join(found))), found.values(), strict=True)))
            for decode, found in zip(_decode_values, counts, strict=True)
        )
    )


def pack_said(said: list[Said]) -> bytes:
    return _encode(said)


unpack_said: Callable[[bytes], list[Said]] = msgspec.msgpack.Decoder(list[Said]).decode

_decode_marks = msgspec.msgpack.Decoder(list[Mark]).decode


def unpack_marks(number: int, packed: bytes) -> list[Mark]:
    """So many marks, one after another as they were packed: read in one go, ten thousand in some milliseconds."""
    return _decode_marks(_a_list(number, packed))


def _a_list(number: int, packed: bytes) -> bytes:
    """MessagePack's array 32 of so many values, one after another as they were packed."""
    return b"\xdd" + number.to_bytes(4, "big") + packed
