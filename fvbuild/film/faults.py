"""Faults of structure: what pydantic finds, told in our words at the place it stands.

What is wrong is also taken out of the tree, so that everything else of the film can be checked in
the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from fvbuild.film.commas import join_cut_texts
from fvbuild.film.fields import Expected, expected_at
from fvbuild.film.source import Sources
from fvbuild.film.suggest import did_you_mean, nearest_word
from fvbuild.film.tree import Map, Seq

_MAX_ROUNDS = 8
_NAMED_DEPTH = 2
_NAMING_FIELDS = frozenset({"id", "scenes", "shots", "wardrobe"})


class Faults:
    """Validates a tree against a model. ``torn`` are the sections of which something was cut."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.torn: set[str] = set()

    def validated(self, model: type[BaseModel], root: Map) -> Any | None:
        """The model of what is right in a tree; None when too little is."""
        for rounds in range(_MAX_ROUNDS):
            try:
                return model.model_validate(root)
            except ValidationError as error:
                found = error.errors(include_url=False, include_input=False)
                self._take_out(model, root, found, tell=rounds == 0)
            except RecursionError:
                self.sources.error(0, "the film is nested too deeply", "write it flatter")
                return None
        return None

    def _take_out(
        self, model: type[BaseModel], root: Map, found: Sequence[Any], *, tell: bool
    ) -> None:
        # Later items of a list first, so that the places of earlier ones stay what they are.
        order = sorted(found, key=lambda each: _sortable(each["loc"]), reverse=True)
        spots = [(spot, fault) for fault in order if (spot := _Spot.find(root, fault["loc"]))]
        joined = join_cut_texts(
            self.sources,
            [
                (spot.parent, spot.key)
                for spot, fault in spots
                if fault["type"] in ("extra_forbidden", "string_type")
            ],
        )
        meant = _meant(model, spots)
        sure = {(id(s.parent), s.key) for s, fault in spots if fault["type"] != "literal_error"}
        done: set[tuple[int, Any, bool]] = set()
        for spot, fault in spots:
            if (id(spot.parent), spot.key) in joined:
                continue
            if spot.holds_names:
                self.torn.add(str(fault["loc"][0]))
            here, is_key = (id(spot.parent), spot.key), "[key]" in fault["loc"]
            # Of the forms that a value may have each has a fault of its own: one of them is told.
            worse = fault["type"] == "literal_error" and here in sure and not is_key
            if worse or (*here, True) in done or (*here, is_key) in done:
                continue
            if tell and (fault["type"] != "missing" or here not in meant):
                self._tell(spot, fault, expected_at(model, fault["loc"]))
            done.add((*here, is_key))
            spot.cut(fault["type"])

    def _tell(self, spot: _Spot, fault: Any, expected: Expected) -> None:
        message, hint = _in_our_words(spot, fault, expected)
        key_is_wrong = fault["type"] == "extra_forbidden" or "[key]" in fault["loc"]
        self.sources.error(spot.place(key=key_is_wrong), message, hint)


def _meant(model: type[BaseModel], spots: Iterable[tuple[_Spot, Any]]) -> set[tuple[int, Any]]:
    """The fields, by their mapping, that unknown ones were most likely meant to be."""
    return {
        (id(spot.parent), nearest_word(str(spot.key), expected_at(model, fault["loc"]).words))
        for spot, fault in spots
        if fault["type"] == "extra_forbidden"
    }


def steps_of(loc: Sequence[Any]) -> list[Any]:
    """A pydantic location as steps of the tree: its tags, and what comes after ``[key]``, are
    none."""
    loc = loc[: loc.index("[key]")] if "[key]" in loc else loc
    return [step for step in loc if not (isinstance(step, str) and step[:1] in "<[")]


class _Spot:
    """The entry of a tree that a fault is about."""

    def __init__(self, parent: Map | Seq, key: Any, above: int, path: Sequence[Any]) -> None:
        self.parent = parent
        self.key = key
        self.above = above
        self.path = path

    @classmethod
    def find(cls, root: Map, loc: Sequence[Any]) -> _Spot | None:
        """Follow a pydantic location."""
        steps = steps_of(loc)
        here: Any = root
        above = 0
        spot: _Spot | None = None
        for depth, step in enumerate(steps):
            if not isinstance(here, Map | Seq) or (isinstance(here, Seq) and isinstance(step, str)):
                break
            spot = cls(here, step, above, steps[: depth + 1])
            above = spot.place()
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                break
        return spot

    def place(self, *, key: bool = False) -> int:
        """Where it stands; where it should stand, if it is missing."""
        if isinstance(self.parent, Seq):
            return self.parent.marks[self.key] if self.key < len(self.parent.marks) else self.above
        mark = self.parent.marks.get(self.key)
        return self.above if mark is None else mark[0 if key else 1]

    @property
    def holds_names(self) -> bool:
        """Whether ids that others refer to may go with it."""
        return (
            len(self.path) <= _NAMED_DEPTH
            or isinstance(self.parent, Seq)
            or self.key in _NAMING_FIELDS
            or self.path[-2] in _NAMING_FIELDS
        )

    @property
    def name(self) -> str:
        """How it is spoken of: its field, or the list that it is in."""
        if isinstance(self.key, str):
            return f"'{self.key}'"
        fields = [step for step in self.path if isinstance(step, str)]
        return f"an item of '{fields[-1]}'" if fields else "an item"

    @property
    def value(self) -> Any:
        """What is written there."""
        try:
            return self.parent[self.key]
        except (KeyError, IndexError):
            return None

    def cut(self, fault: str) -> None:
        """Take it out, or put an empty text where something is missing."""
        if isinstance(self.parent, Map):
            if fault == "missing":
                self.parent.put(self.key, "", (self.above, self.above))
            elif self.key == "action":
                # A shot whose action is faulty does not lack one.
                self.parent[self.key] = f"fault {self.place()}"
            elif self.key in self.parent:
                self.parent.drop(self.key)
        elif self.key < len(self.parent):
            del self.parent[self.key]
            del self.parent.marks[self.key]


def _sortable(loc: Sequence[Any]) -> list[tuple[int, int, str]]:
    return [(0, step, "") if isinstance(step, int) else (1, 0, str(step)) for step in loc]


_WANTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "above"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "below"),
}


def _in_our_words(spot: _Spot, fault: Any, expected: Expected) -> tuple[str, str]:
    kind, context = fault["type"], fault.get("ctx", {})
    name = spot.name
    if kind == "extra_forbidden":
        return _unknown_field(spot, expected)
    if kind == "missing":
        return f"{name} is missing", f"{spot.key}: {expected.description}".rstrip(": ")
    if kind == "literal_error":
        is_key = "[key]" in fault["loc"]
        said = spot.key if is_key else spot.value
        word = str(said).lower() if isinstance(said, bool) else said  # as YAML has it
        return (
            f"'{word}' is not known as {'a kind of node' if is_key else name}",
            did_you_mean(str(word), expected.words),
        )
    if kind in _LIMITS:
        field, words = _LIMITS[kind]
        return f"{name} is {words} {context[field]}, not {_shown(spot.value)}", expected.hint
    if kind == "union_tag_invalid":
        wanted = " or ".join(sorted(expected.forms)) or "something else"
        return f"{name} takes {wanted}, not {_what(spot.value)}", expected.hint
    if kind in _WANTED:
        if spot.value is None and not isinstance(spot.parent, Seq):
            return f"{name} is empty", "give it a value, or take the line out"
        wanted = " or ".join(expected.forms) if len(expected.forms) > 1 else _WANTED[kind]
        hint = expected.hint or ("give it a value, or take it out" if spot.value is None else "")
        return f"{name} takes {wanted}, not {_what(spot.value)}", hint
    if kind == "string_pattern_mismatch":
        return f"{name} cannot be {_shown(spot.value)}", expected.hint
    return f"{name}: {fault['msg']}", expected.hint


def _unknown_field(spot: _Spot, expected: Expected) -> tuple[str, str]:
    if isinstance(spot.parent, Map) and spot.parent.lone and spot.key in spot.parent.lone:
        return (
            f"'{spot.key}' is no field and has no value",
            'a text with a comma is written in quotes inside of {...}: "one, two"',
        )
    return f"unknown field '{spot.key}'", did_you_mean(str(spot.key), expected.words)


def _what(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int | float):
        return f"the number {value}"
    return f"the text {_shown(value)}"


def _shown(value: Any) -> str:
    text = str(value)
    return f"'{text[:60]}{'...' if len(text) > 60 else ''}'" if isinstance(value, str) else text
