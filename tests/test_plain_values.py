"""Values behave as standard dataclasses do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field
from typing import Any

import pytest

from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A frozen one."""

    file: str
    line: int = 1
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def above(self) -> int:
        return self.line - 1


@dataclass(frozen=True, slots=True)
class Named(Place):
    """One that inherits."""

    name: str = ""


@dataclass(slots=True)
class Tally:
    """One that changes."""

    count: int
    seen: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Nothing:
    """One without fields."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One that refuses."""

    side: int

    def __post_init__(self) -> None:
        if self.side < 0:
            raise ValueError("negative")


@pytest.mark.parametrize("kind", [Place, Named, Tally, Nothing, Checked])
def test_has_the_signature_and_fields_of_a_standard_one(kind: type[Any]) -> None:
    import inspect

    fields = dataclasses.fields(kind)
    assert list(inspect.signature(kind).parameters) == [each.name for each in fields]
    assert kind.__match_args__ == tuple(each.name for each in fields)
    assert "__dict__" not in dir(kind)
    assert kind.__doc__


def test_holds_what_it_is_given_and_its_defaults() -> None:
    place = Place("film.yaml")
    assert (place.file, place.line, place.notes, place.above) == ("film.yaml", 1, {}, 0)
    assert Place("a").notes is not Place("a").notes
    named = Named("film.yaml", 2, {"a": 1}, name="x")
    assert (named.line, named.notes, named.name, named.above) == (2, {"a": 1}, "x", 1)
    with pytest.raises(TypeError):
        Place()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)


def test_is_equal_by_its_fields_and_class() -> None:
    assert Checked(1) == Checked(1) != Checked(2)
    assert hash(Checked(1)) == hash(Checked(1))
    assert Nothing() == Nothing() and hash(Nothing()) == hash(Nothing())
    assert Place("a") != Named("a")
    assert Tally(1, ["a"]) == Tally(1, ["a"]) != Tally(1)
    assert Tally(1) != Checked(1)  # type: ignore[comparison-overlap]
    with pytest.raises(TypeError):
        hash(Tally(1))


def test_says_what_it_is() -> None:
    assert repr(Named("a", name="x")) == "Named(file='a', line=1, notes={}, name='x')"


def test_what_is_frozen_stays_and_what_is_not_changes() -> None:
    place = Place("a")
    with pytest.raises(FrozenInstanceError):
        place.line = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del place.line
    tally = Tally(1)
    tally.count += 1
    assert tally.count == 2
    with pytest.raises(AttributeError):
        tally.other = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [Named("a", 3, {"b": 1}, "n"), Tally(2, ["x"]), Nothing()])
def test_can_be_copied_sent_and_replaced(value: Any) -> None:
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value
    assert dataclasses.replace(value) == value
    assert dataclasses.is_dataclass(value)


def test_replaces_and_unfolds_as_the_standard_ones_do() -> None:
    assert dataclasses.replace(Place("a"), line=7) == Place("a", 7)
    assert dataclasses.asdict(Place("a", 7)) == {"file": "a", "line": 7, "notes": {}}


def test_what_a_class_says_itself_is_kept() -> None:
    @dataclass(frozen=True, slots=True)
    class Secret:
        word: str

        def __repr__(self) -> str:
            return "Secret()"

    assert repr(Secret("x")) == "Secret()"


def test_there_is_no_form_without_slots() -> None:
    with pytest.raises(TypeError):
        dataclass(frozen=True, slots=False)
