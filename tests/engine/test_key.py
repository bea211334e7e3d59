"""Keys and their explanation agree: a key differs exactly when a difference can be named."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fvbuild.engine.digest import canonical
from fvbuild.engine.graph import Kind, Node
from fvbuild.engine.key import differences, key_of, known_part, recipe_text
from fvbuild.engine.target import TargetUse

_words = st.sampled_from(["a", "b", "look"])
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([0.0, -0.0, 1.0, 0.1, 1e300])
    | _words
)
_json = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_words, inner, max_size=2),
    max_leaves=4,
)
_recipes = st.fixed_dictionaries(
    {"kind": _words, "version": st.integers(1, 2)},
    optional={
        "params": st.dictionaries(_words, _json, max_size=3),
        "inputs": st.dictionaries(_words, st.lists(_scalars, max_size=2), max_size=2),
        "target": st.dictionaries(_words, _json, max_size=2),
        "seed": st.integers(0, 2),
    },
)


@given(_recipes, _recipes)
@example({"params": {"a": None}}, {"params": {}})
@example({"params": {"a": [1]}}, {"params": {"a": [1, None]}})
@example({"params": {"a": 1}}, {"params": {"a": 1.0}})
@example({"params": {"a": 0.0}}, {"params": {"a": -0.0}})
@example({"params": {"a": True}}, {"params": {"a": 1}})
@example({"inputs": {"a": [1]}}, {"inputs": {"a": [1.0]}})
@example({"inputs": {"a": [1]}}, {"inputs": {"a": [True]}})
@example({"inputs": {}}, {})
@example({"params": {"a": {}}}, {"params": {"a": []}})
def test_keys_differ_exactly_when_a_difference_is_named(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    before, after = canonical(old), canonical(new)
    found = differences(before, after)
    assert bool(found) == (key_of(before) != key_of(after))
    assert len({d.path for d in found}) == len(found)
    assert all(difference.shown().path for difference in found)


def _put(document: Any, path: tuple[str, ...], value: Any, absent: bool) -> None:
    """Set or remove one place of a JSON document."""
    *way, last = path
    for name in way:
        document = document[int(name)] if isinstance(document, list) else document[name]
    if isinstance(document, list):
        if absent:
            del document[int(last) :]
        elif int(last) < len(document):
            document[int(last)] = value
        else:
            document.append(value)
    elif absent:
        document.pop(last, None)
    else:
        document[last] = value


def _has(document: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if isinstance(document, list):
            if int(name) >= len(document):
                return False
            document = document[int(name)]
        elif not isinstance(document, dict) or name not in document:
            return False
        else:
            document = document[name]
    return True


@given(_recipes, _recipes)
def test_reverting_the_named_fields_gives_the_old_key(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    before, mended = canonical(old), copy.deepcopy(new)
    for difference in differences(before, canonical(new)):
        _put(mended, difference.path, difference.old, absent=not _has(old, difference.path))
    assert key_of(canonical(mended)) == key_of(before)


def _node(**fields: Any) -> Node:
    use = TargetUse("flux", {"model": "m"}, "gpu", ("wan",), {"timeout": 3})
    own: dict[str, Any] = {"params": {"x": 1}, "target": use, "seed": 1, "kind": "k", "id": "a/b"}
    return Node(**(own | fields))


def _text(node: Node, kind: Kind | None = None, contents: Any = None) -> str:
    return recipe_text(node, kind or Kind("k"), node.params, contents or {"start": ["d"]})


@pytest.mark.parametrize(
    "same",
    [
        {"id": "other"}, {"title": "new"}, {"loc": "film.yaml:9:9"}, {"out": "else"}, {"takes": 5},
        {"gates": frozenset({"g"})}, {"price": None}, {"blocked": "no"},
        {"target": TargetUse("renamed", {"model": "m"}, "cpu", (), {"timeout": 9})},
    ],
)  # fmt: skip
def test_what_is_not_in_a_recipe_changes_no_key(same: dict[str, Any]) -> None:
    assert _text(_node(**same)) == _text(_node())


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"kind": "l"}, "kind"), ({"params": {"x": 2}}, "x"), ({"params": {}}, "params"),
        ({"seed": 2}, "seed"), ({"seed": None}, "seed"), ({"target": None}, "target"),
        ({"target": TargetUse("flux", {"model": "n"})}, "target.model"),
    ],
)  # fmt: skip
def test_every_field_of_a_recipe_changes_its_key(change: dict[str, Any], path: str) -> None:
    old, new = _text(_node()), _text(_node(**change))
    assert key_of(old) != key_of(new)
    assert [difference.shown().path for difference in differences(old, new)] == [path]


def test_the_rule_version_and_the_order_of_inputs_change_the_key() -> None:
    assert _text(_node()) != _text(_node(), Kind("k", version=2))
    one, other = ({"r": ["a", "b"]}, {"r": ["b", "a"]})
    assert _text(_node(), None, one) != _text(_node(), None, other)
    assert known_part(_text(_node(), None, one)) == known_part(_text(_node(), None, other))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_cannot_be_digested(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": value})


@given(_json)
def test_the_canonical_form_is_json_and_knows_no_order(value: Any) -> None:
    text = canonical(value)
    assert canonical(json.loads(text)) == text
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == text
