"""Whatever stands in a film's files: the answer is a film or an error of ours, no traceback."""

from __future__ import annotations

import random
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ferry import FERRY, write_ferry
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from fvbuild.errors import FilmBuildError
from fvbuild.film.check import check_variants
from fvbuild.film.load import load

_ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, float("inf"), float("nan"), "", " ", "x" * 300, "../up", "/etc",
    "a\tb", "..", ".", "/", "a/b", "1s", "-1s", "0f", "16:0", "12 USD", "1..2", "a..b", "+1s",
    ".last_frame", "ticket.last_frame", "x.png", ".png", "dialogue", "dissolve", "dissolve 12f 12f",
    "\u202e", "é", "\U0001f600", [], {}, [[]], [{}], {"": ""}, {"id": None}, {"a": {"b": {}}},
    ["ticket", "ticket"], {"en": None}, {1: 2}, [None], {"look": []}, "<<", "default",
]  # fmt: skip


def survives(folder: Path, data: bytes) -> None:
    path = folder / "film.yaml"
    path.write_bytes(data)
    for profile in (None, "draft"):
        try:
            found = load(path, profile, folder / "cache")
        except FilmBuildError as error:
            assert str(error) and "pydantic" not in str(error).lower(), str(error)
        else:
            for each in check_variants(found.variants, {"veo": (4, 8, 2)}, folder):
                assert each.render() and each.as_json()


def paths_of(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in items:
        found.append((*above, key))
        if isinstance(inner, dict | list):
            found += paths_of(inner, (*above, key))
    return found


def mutated(tree: Any, chance: random.Random) -> None:
    """One random change of a tree: a value replaced, taken away, renamed or moved."""
    path = chance.choice(paths_of(tree))
    parent = tree
    for step in path[:-1]:
        parent = parent[step]
    how = chance.randrange(4)
    if how == 0 or not isinstance(parent, dict):
        parent[path[-1]] = deepcopy(chance.choice(_ODD))
    elif how == 1:
        del parent[path[-1]]
    elif how == 2:
        parent[chance.choice(["x", "id", "mode", "shots", "", "action", "a b", "é"])] = parent.pop(
            path[-1]
        )
    else:
        other = chance.choice(paths_of(tree))
        value = tree
        for step in other:
            value = value[step]
        parent[path[-1]] = deepcopy(value)


@pytest.fixture(scope="module")
def folder() -> Any:
    with tempfile.TemporaryDirectory() as name:
        write_ferry(Path(name))
        yield Path(name)


@given(seed=st.integers(0, 2**32))
def test_mutated_values(folder: Path, seed: int) -> None:
    from io import StringIO

    chance = random.Random(seed)
    yaml = YAML(typ="safe", pure=True)
    tree = yaml.load(FERRY)
    for _ in range(chance.randrange(1, 4)):
        if tree:
            mutated(tree, chance)
    yaml.allow_unicode = True
    out = StringIO()
    yaml.dump(tree, out)
    survives(folder, out.getvalue().encode("utf-8", "surrogatepass"))


@given(seed=st.integers(0, 2**32))
def test_mutated_text(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(FERRY.encode())
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data))
        how = chance.randrange(4)
        if how == 0:
            data[at] = chance.randrange(256)
        elif how == 1:
            del data[at : at + chance.randrange(1, 60)]
        elif how == 2:
            data[at:at] = chance.choice(
                [b"{", b"[", b"- ", b"\n", b"&a ", b"*a", b"!x ", b": ", b"'"]
            )
        else:
            other = chance.randrange(len(data))
            data[at:at] = data[other : other + chance.randrange(80)]
    survives(folder, bytes(data))


@given(
    data=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_anything(folder: Path, data: bytes) -> None:
    survives(folder, data)
