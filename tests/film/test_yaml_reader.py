"""The reader against ruamel's own round-trip machinery, in YAML 1.2 mode."""

from __future__ import annotations

import math
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ferry import FERRY
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from fvbuild.film.source import Sources
from fvbuild.film.tree import Map, Seq, unpack_position
from fvbuild.film.yaml_reader import read_yaml


def read(text: str) -> Any:
    sources = Sources(Path())
    tree = read_yaml(sources, sources.add("film.yaml", text))
    assert not sources.found, [each.render() for each in sources.found]
    return tree


def by_ruamel(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def same(ours: Any, theirs: Any) -> bool:
    """Equal in value and kind; our keys are text."""
    if isinstance(theirs, dict):
        return (
            isinstance(ours, Map)
            and list(ours) == [str(key) for key in theirs]
            and all(same(a, b) for a, b in zip(ours.values(), theirs.values(), strict=True))
        )
    if isinstance(theirs, list):
        return isinstance(ours, Seq) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, float) and math.isnan(theirs):
        return isinstance(ours, float) and math.isnan(ours)
    return isinstance(ours, bool) == isinstance(theirs, bool) and bool(ours == theirs)


# Neither reader takes every plain text that begins with : or ? inside of brackets.
# What is text to the core schema, while ruamel knows more than it: dates, 1_000.
_texts = (
    st.text(
        st.characters(
            codec="utf-8",
            exclude_categories=("Cc", "Cs"),
            exclude_characters="\ufeff\u2028\u2029\x85",
        ),
        max_size=24,
    )
    .filter(lambda text: not text.startswith((":", "?")))
    .filter(lambda text: not any(char.isdigit() for char in text) or not set(text) & set("-_:"))
)
_leaves = (
    _texts
    | st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.sampled_from(["no", "on", "y", "16:9", "Null", "~", "0x1F", "017", "1e3", ".5", "a: b"])
)
_keys = st.text("abcdefghij-", min_size=1, max_size=8).filter(lambda key: key.strip("-"))
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_keys, _values, max_size=5), st.sampled_from([None, True, False]))
def test_it_reads_as_ruamel_does(value: dict[str, Any], flow: bool | None) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = flow
    yaml.allow_unicode = True
    out = StringIO()
    yaml.dump(value, out)
    assert same(read(out.getvalue()), by_ruamel(out.getvalue()))


@pytest.mark.parametrize(
    "text",
    [
        FERRY,
        "a: [{line: Who is it?, b: x?y}, why?]\nb: c?\n'd?': \"e?\"\n",
        "a: {x: 16:9, u: [http://e.org/a:b, c::d], 't': 1}\n",
        "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n",
        "a: &a {x: 1}\nb: &b {x: 2, z: 4}\nc: {<<: [*a, *b], q: 1}\n",
        "a: !!str 5\nb: !!int '7'\nc: !!float 3\nd: !!bool 'true'\ne: !!null ''\nf: !!map {}\n",
        "a: |\n  one\n   two\n\nb: >-\n  folded\n  text\n\n  more\nc: |+\n  kept\n\nd: x\n",
        "a: 'it''s'\nb: \"tab\\t \\u00e9 \\x41\"\nc: plain\n  over lines\n",
        "? a\n: b\n'c d': e\n\"f\": g\n2: h\ntrue: i\n",
        "a:\n- b\n- - c\n  - d\n-\n  e: f\n",
        "[]",
        "a: ~\nb:\nc: ''\nd: .inf\ne: -.inf\nf: .nan\ng: 0o17\nh: 0x1f\ni: +12\nj: -0.5\nk: 6.\n",
        "%YAML 1.2\n---\na: no\n...\n",
        "# only a comment\n",
        "😀: 😀 ende\nzeile: ü\n",
    ],
)
def test_it_reads_the_whole_language(text: str) -> None:
    ours, theirs = read(text), by_ruamel(text)
    if isinstance(theirs, dict):
        # Merged keys come last here, first there; and a key that is no text is the text written.
        names = {str(key).lower(): value for key, value in theirs.items()}
        assert {key.lower() for key in ours} == set(names)
        if "<<" in text:
            assert {key: dict(value) for key, value in ours.items()} == theirs
        else:
            assert all(same(ours[key], names[key.lower()]) for key in ours)
    else:
        assert ours == theirs


def test_every_key_and_item_has_its_place() -> None:
    text = "film: T\nscenes:\n  - id: é😀\n    shots: [a, {action: b}]\n  # c\n  - {id: x}\n"
    root = read(text)
    lines = text.split("\n")

    def at(position: int) -> str:
        _, line, column = unpack_position(position)
        return lines[line][column:]

    assert at(root.marks["scenes"][0]).startswith("scenes:")
    scenes = root["scenes"]
    assert [at(mark)[:5] for mark in scenes.marks] == ["id: é", "{id: "]
    assert at(scenes[0].marks["id"][1]) == "é😀"
    assert at(scenes[0]["shots"].marks[1]) == "{action: b}]"
    assert at(scenes[0]["shots"][1].marks["action"][1]) == "b}]"
    assert unpack_position(scenes.end)[1] == 6


def test_numbers_remember_how_they_were_written() -> None:
    root = read("a: 1e3\nb: 017\nc: 2.50\nd: 0x10\ne: 12\n")
    assert [str(value) for value in root.values()] == ["1e3", "017", "2.50", "0x10", "12"]
    assert list(root.values()) == [1000.0, 17, 2.5, 16, 12]
