"""Signed notes, against a note that other programs signed, and checkpoints."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventstore.notes import BadNote, Checkpoint, Signer, Verifier, opened

# The example of the Go package sumdb/note, of which C2SP signed-note is the specification.
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    f"{TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = Signer("pairway/test", Ed25519PrivateKey.from_private_bytes(bytes(32)))
HEAD = Checkpoint("pairway/test", 7, bytes(range(32)))


def test_a_note_that_another_program_signed_is_verified() -> None:
    verifier = Verifier.read(KEY)
    assert str(verifier) == KEY
    assert verifier.text(NOTE) == TEXT


@pytest.mark.parametrize(
    "changed",
    [
        NOTE.replace("problem is", "problem was"),
        NOTE.replace("BS9UG", "BS9UH"),
        NOTE.replace("— Peter", "- Peter"),
        NOTE.replace("x08go", "y08go"),
        NOTE.replace("PeterNeumann", "PeterNewman"),
        NOTE[:-1],
        NOTE + "more\n",
        TEXT,
        TEXT + "\n",
        "",
        NOTE.replace("\n\n", "\n\0\n\n"),
        NOTE + NOTE.splitlines()[-1] + "x\n",
    ],
)
def test_a_note_that_was_changed_is_not(changed: str) -> None:
    with pytest.raises(BadNote):
        Verifier.read(KEY).text(changed)


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    other = Signer("witness/one", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    note = SIGNER.sign(HEAD.text())
    both = note + other.sign(HEAD.text()).splitlines()[-1] + "\n"
    assert opened(both, SIGNER.verifier) == opened(both, Verifier(SIGNER.name, SIGNER.verifier.public)) == HEAD
    with pytest.raises(BadNote, match="not signed with the key"):
        opened(other.sign(HEAD.text()), SIGNER.verifier)
    signature = note.splitlines()[-1]
    forged = signature[:-10] + ("A" if signature[-10] != "A" else "B") + signature[-9:]
    with pytest.raises(BadNote, match="does not fit its text"):
        opened(f"{note}{forged}\n", SIGNER.verifier)


def test_a_checkpoint_is_written_as_tlog_checkpoint_has_it() -> None:
    assert HEAD.text() == "pairway/test\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert Checkpoint.read(HEAD.text()) == HEAD
    for wrong in (
        "pairway/test\n07\nAAEC\n",
        "\n7\nAAEC\n",
        "x\n7\nAAEC\n",
        "x\n-7\n" + HEAD.text().splitlines()[2] + "\n",
    ):
        with pytest.raises(BadNote):
            Checkpoint.read(wrong)


def test_a_checkpoint_of_another_log_is_none_of_ours() -> None:
    with pytest.raises(BadNote, match="another log"):
        opened(SIGNER.sign(Checkpoint("elsewhere", 7, bytes(32)).text()), SIGNER.verifier)


@pytest.mark.parametrize("text", ["", "no newline", "\nempty first\n", "two\n\nparts\n"])
def test_what_could_not_be_read_again_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        SIGNER.sign(text)


@pytest.mark.parametrize(
    "key", ["", "a+b", KEY[:-1], KEY.replace("c74f", "c74e"), KEY.replace("Peter", "Pater"), "a+00+AA=="]
)
def test_a_key_with_a_slip_in_it_is_told(key: str) -> None:
    with pytest.raises(BadNote):
        Verifier.read(key)
