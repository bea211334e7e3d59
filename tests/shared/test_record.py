"""Records are read back as they were written, and anything else is no record, never an error."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.engine.action import Artifact, Money
from fvbuild.engine.digest import canonical, content
from fvbuild.engine.key import key_of
from fvbuild.engine.shared import exact_name, first_name
from fvbuild.engine.shared_record import Record, parse
from fvbuild.engine.takes import Take, Trace

RECIPE = canonical({"kind": "anchor", "version": 1, "params": {"look": "dusk – Dämmerung"}})
PICTURE = Artifact(content(b"p"), 1, "image/png", "", {"width": 8, "height": 4})
TAKE = Take(
    2, (PICTURE,), "veo", Money(1.25, "USD"), 3.5, "2026-11-21T06:00:00+00:00", {"job": "x"}
)
RECORD = Record(Trace(key_of(RECIPE), RECIPE, TAKE), "pier/arrival/anchor", (content(b"q"),))


def test_a_record_is_read_back_as_it_was_written() -> None:
    signed = replace(RECORD, signer="ed25519:abc", signature="c2ln")
    assert parse(RECORD.text()) == RECORD
    assert parse(signed.text()) == signed
    assert parse(signed.text()).unsigned() == signed.unsigned()  # type: ignore[union-attr]


def test_a_signature_covers_all_but_itself() -> None:
    signed = replace(RECORD, signer="ed25519:abc")
    assert signed.signed("c2ln").unsigned() == signed.unsigned()
    whole = json.loads(signed.text())
    for name in whole.keys() - {"signature"}:
        assert name in json.loads(signed.unsigned()), name
    assert replace(signed, signer="other").unsigned() != signed.unsigned()


def test_names_tell_takes_apart_and_fit_cache_servers() -> None:
    exact, first = RECORD.names
    assert exact == exact_name(RECORD.trace.key, 2, PICTURE.digest)
    assert first == first_name(RECORD.trace.key, 2) != first_name(RECORD.trace.key, 1)
    assert len({exact, first}) == 2
    assert all(name[:3] == "ac/" and len(name) == 3 + 64 for name in (exact, first))


def test_an_adopted_take_without_recipe_is_a_record() -> None:
    adopted = replace(RECORD, trace=Trace("", "", replace(TAKE, origin="adopted")))
    assert parse(adopted.text()) == adopted


WRONG: dict[str, list[object]] = {
    "format": [0, 2, "1", None],
    "key": ["", "0" * 32, "../../etc", 7, None],
    "n": [0, -1, 1.5, True, "1", 10**9, None],
    "outputs": [
        [],
        None,
        {},
        [["zz", 1, "image/png", "", {}]],
        [[content(b"p"), -1, "image/png", "", {}]],
        [[content(b"p"), 1, "image/png", "../../../home/x", {}]],
        [[content(b"p"), 1, "image/png", "a/b", {}]],
        [[content(b"p"), 1, "image/../png", "", {}]],
        [[content(b"p"), 1, "image/png", "", []]],
        [[content(b"p"), 1, "image/png"]],
        [["../" + content(b"p")[3:], 1, "image/png", "", {}]],
    ],
    "pieces": [None, ["short"], [1], "x"],
    "origin": [None, 1, "x" * 10_000],
    "cost": [[-1, "USD"], [1e300, "USD"], ["1", "USD"], [1], 5, [True, "USD"], [1, None]],
    "seconds": [-1, None, "1", 1e300],
    "made_at": [None, "x" * 10_000],
    "provenance": [None, []],
    "recipe": ["", "{}", None, RECIPE + " "],
    "node": [None, 1, "x" * 10_000],
    "signer": [None, "a b", "\n", "x" * 1000],
    "signature": [None, "a b", "x" * 1000],
}


@pytest.mark.parametrize("field", sorted(WRONG))
def test_a_field_that_is_wrong_makes_it_no_record(field: str) -> None:
    good = json.loads(RECORD.text())
    assert WRONG.keys() == good.keys()
    for value in WRONG[field]:
        assert parse(json.dumps({**good, field: value}).encode()) is None, value
    del good[field]
    assert parse(json.dumps(good).encode()) is None


HOSTILE = (
    b"", b"null", b"[]", b"1", b"\xff\xfe", b"{", b"[" * 200_000, b'{"a":' * 100_000,
    b"9" * 10_000, RECORD.text()[:-1], RECORD.text().replace(b"3.5", b"NaN"),
    RECORD.text().replace(b"3.5", b"1e999"), RECORD.text().replace(b"dusk", b"\\ud800"),
    b" " * (17 << 20),
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_no_record(text: bytes) -> None:
    assert parse(text) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(WRONG)), json_values, max_size=4))
def test_whatever_a_field_is_nothing_is_raised(fields: dict[str, object]) -> None:
    text = json.dumps({**json.loads(RECORD.text()), **fields}).encode()
    found = parse(text)
    assert found is None or parse(found.text()) == found


@given(st.binary(max_size=200), st.integers(0, len(RECORD.text())))
def test_damage_is_no_record_or_a_sound_one(noise: bytes, at: int) -> None:
    text = RECORD.text()
    found = parse(text[:at] + noise + text[at + len(noise) :])
    assert found is None or parse(found.text()) == found
