"""Puts a new master key in the place of the old while everything runs; killed anywhere and run again, it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eventstore.keys import Keyring
from eventstore.store import Store
from pairway.faults import Fault
from pairway.master_key import KeyFiles, is_given, other_master_keys
from pairway.signing import signer
from pairway.wiring import Parts

BATCH = 1000
PASSES = 100  # others make keys meanwhile; a rotation that still finds some after so many has met a fault


@dataclass(frozen=True, slots=True)
class Wrapped:
    """How many keys the master key in force wraps, and how many another one does."""

    in_force: int
    otherwise: int


def wrapped(store: Store, keyring: Keyring) -> Wrapped:
    """Counts the keys by what wraps them. Raises WrongMasterKey where none that is known does."""
    in_force = otherwise = 0
    after = ""
    while keys := store.wrapped_keys(after, BATCH):
        after = keys[-1][0]
        old = sum(keyring.anew(key) is not None for _, key in keys)
        in_force, otherwise = in_force + len(keys) - old, otherwise + old
    return Wrapped(in_force, otherwise)


def wrap_anew(store: Store, keyring: Keyring, tell: Callable[[int], None] = lambda _done: None) -> int:
    """Wraps every key with the master key in force, batch by batch, until none is left; how many those were."""
    changed = 0
    for _ in range(PASSES):
        before, after, seen = changed, "", 0
        while keys := store.wrapped_keys(after, BATCH):
            after, seen = keys[-1][0], seen + len(keys)
            changed += store.rewrap([(name, old, new) for name, old in keys if (new := keyring.anew(old)) is not None])
            tell(seen)
        if changed == before:
            return changed
    raise Fault("Keys are still being made with the former master key: restart what runs with it, and rotate again.")


def rotate(parts: Parts, tell: Callable[[int], None] = lambda _done: None) -> int:
    """Puts the new master key in force; how many keys it was that were wrapped anew. Raises Fault."""
    if is_given(parts.settings):
        return _rotate_given(parts, tell)
    files = KeyFiles(parts.settings)
    if not files.next.exists() and not files.former.exists():
        files.make_next()
    changed = 0
    if files.next.exists():
        own, *others = files.read()
        new = others[0]
        # whoever runs reads the new key as soon as it meets what it wrapped
        changed = wrap_anew(parts.store, Keyring(new, own), tell)
        files.switch()
    own, *others = files.read()
    parts.keyring.use(own, *others)
    _take_over(parts, own, tuple(others))
    parts.store.tell_keys_changed()
    # what was made meanwhile, before the others knew
    return changed + wrap_anew(parts.store, parts.keyring, tell)


def retire(parts: Parts) -> None:
    """Destroys the former master key. Raises Fault where something still needs it."""
    files = KeyFiles(parts.settings)
    if is_given(parts.settings):
        raise Fault("The master key is given by settings: take the second one away there, once keys status is 0.")
    if files.next.exists():
        raise Fault("A rotation was not run to its end: run pairway keys rotate again.")
    if not files.former.exists():
        raise Fault("There is no former master key here.")
    left = wrapped(parts.store, parts.keyring).otherwise
    if left:
        raise Fault(f"{left:,} keys are still wrapped with the former master key: run pairway keys rotate again.")
    files.retire()
    parts.store.tell_keys_changed()


def _rotate_given(parts: Parts, tell: Callable[[int], None]) -> int:
    others = other_master_keys(parts.settings)
    if not others:
        raise Fault(
            "There is no other master key to take over from: give the new one as PAIRWAY_MASTER_KEY(_FILE) and the "
            "one before as PAIRWAY_SECOND_MASTER_KEY(_FILE), to every process; docs/settings.md says how."
        )
    changed = wrap_anew(parts.store, parts.keyring, tell)
    _take_over(parts, None, others)
    return changed


def _take_over(parts: Parts, own: bytes | None, others: tuple[bytes, ...]) -> None:
    """The signing key that follows from the new master key vouches for the one before."""
    before = tuple(signer(key).verifier for key in others)
    if own is not None:
        parts.proofs.use(signer(own), before)
    for old in before:
        if not parts.proofs.vouches_for(old):
            parts.proofs.take_over(old, parts.now)
