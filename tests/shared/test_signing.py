"""Signatures under records: who vouches for a take, and what no change survives."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.engine.action import Artifact, Money
from fvbuild.engine.digest import canonical, content
from fvbuild.engine.key import key_of
from fvbuild.engine.shared_memory import MemoryShared
from fvbuild.engine.shared_record import Record, parse
from fvbuild.engine.shared_send import put_record
from fvbuild.engine.takes import Take, Trace
from fvbuild.errors import UsageError
from fvbuild.stores.signing import (
    KeySigner,
    TrustedSigners,
    is_signer,
    new_signing_key,
    signer_of,
)

RECIPE = canonical({"kind": "segment", "motion": "she turns"})
ANNA, MALLORY = new_signing_key(), new_signing_key()
TRUST = TrustedSigners({"anna": signer_of(ANNA)})


def record(**changes: Any) -> Record:
    take = Take(
        n=1,
        outputs=(Artifact(content(b"clip"), 4, "video/mp4", facts={"frames": 96}),),
        origin="veo",
        cost=Money(1.2),
        seconds=61.5,
        made_at="2026-01-02T03:04:05Z",
    )
    return Record(Trace(key_of(RECIPE), RECIPE, replace(take, **changes)), node="pier/turn/segment")


def sent(of: Record) -> Record:
    """The record as others read it."""
    there = parse(of.text())
    assert there is not None
    return there


def test_a_signed_record_counts_wherever_it_is_read() -> None:
    assert TRUST.refusal(sent(KeySigner(ANNA).sign(record()))) is None


def test_nobody_vouches_for_an_unsigned_record() -> None:
    assert TRUST.refusal(sent(record())) == "that nobody signed"


def test_a_stranger_is_named_by_his_key() -> None:
    told = TRUST.refusal(sent(KeySigner(MALLORY).sign(record())))
    assert told == f"signed by {signer_of(MALLORY)} (not in `trust:` of fvbuild.yaml)"


def test_a_signature_of_another_key_under_a_trusted_name_is_none() -> None:
    forged = replace(KeySigner(MALLORY).sign(record()), signer=signer_of(ANNA))
    assert TRUST.refusal(sent(forged)) == "whose signature is not that of anna"


@pytest.mark.parametrize(
    "change",
    [
        {"n": 2},
        {"outputs": (Artifact(content(b"other"), 4, "video/mp4", facts={"frames": 96}),)},
        {"outputs": (Artifact(content(b"clip"), 4, "video/mp4", facts={"frames": 97}),)},
        {"origin": "wan"},
        {"cost": Money(0.1)},
        {"cost": None},
        {"made_at": "2026-01-02T03:04:06Z"},
    ],
    ids=str,
)
def test_no_part_of_a_take_can_be_changed(change: dict[str, Any]) -> None:
    signed = KeySigner(ANNA).sign(record())
    other = replace(signed, trace=replace(signed.trace, take=record(**change).take))
    assert TRUST.refusal(sent(other)) == "whose signature is not that of anna"


def test_a_take_cannot_be_given_to_another_recipe() -> None:
    signed = KeySigner(ANNA).sign(record())
    recipe = canonical({"kind": "segment", "motion": "she runs"})
    moved = replace(signed, trace=replace(signed.trace, recipe=recipe, key=key_of(recipe)))
    assert TRUST.refusal(sent(moved)) == "whose signature is not that of anna"


@given(st.text(alphabet="ABCDwxyz0189+/=", max_size=100))
def test_whatever_stands_for_a_signature_is_judged_and_never_an_error(signature: str) -> None:
    assert TRUST.refusal(replace(KeySigner(ANNA).sign(record()), signature=signature)) is not None


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_of_a_text_never_counts(at: int, flip: int) -> None:
    text = bytearray(KeySigner(ANNA).sign(record()).text())
    text[at % len(text)] ^= flip
    read = parse(bytes(text))
    # Base64 has idle bits at its end: what differs in them alone is the same signature.
    assert read is None or TRUST.refusal(read) is not None or _means_the_same(bytes(text))


def _means_the_same(text: bytes) -> bool:
    original, changed = json.loads(KeySigner(ANNA).sign(record()).text()), json.loads(text)
    one, other = original.pop("signature"), changed.pop("signature")
    return bool(original == changed and base64.b64decode(one) == base64.b64decode(other))


def test_keys_are_single_lines_that_tell_each_other_apart() -> None:
    assert ANNA.startswith("ed25519-private:") and "\n" not in ANNA
    assert is_signer(signer_of(ANNA)) and not is_signer(ANNA)
    assert not is_signer("ed25519:short") and not is_signer("")
    assert signer_of(f"  {ANNA}\n") == signer_of(ANNA)


@pytest.mark.parametrize("wrong", ["", "ed25519-private:", "ed25519-private:????", "hunter2"])
def test_a_wrong_signing_key_is_an_error_that_does_not_repeat_it(wrong: str) -> None:
    with pytest.raises(UsageError) as error:
        KeySigner(wrong)
    assert "hunter2" not in str(error.value)


def test_a_public_key_does_not_sign() -> None:
    with pytest.raises(UsageError):
        KeySigner(signer_of(ANNA))


def test_what_counts_is_not_written_over_and_what_does_not_is() -> None:
    shared = MemoryShared()
    mine, strangers = (KeySigner(key).sign(record()).text() for key in (ANNA, MALLORY))
    for name in record().names:
        put_record(shared, name, strangers, TRUST)
        put_record(shared, name, mine, TRUST)
        put_record(shared, name, strangers, TRUST)
        assert shared.objects[name] == mine


def test_what_somebody_trusted_said_of_another_take_is_written_over() -> None:
    """Whoever writes to the store can copy it there, and must not keep others from being heard."""
    shared = MemoryShared()
    mine = KeySigner(ANNA).sign(record()).text()
    other = record()
    other = replace(other, trace=replace(other.trace, take=replace(other.take, n=other.take.n + 1)))
    for name in record().names:
        put_record(shared, name, KeySigner(ANNA).sign(other).text(), TRUST)
        assert put_record(shared, name, mine, TRUST)
        assert shared.objects[name] == mine
