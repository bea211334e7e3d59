"""Reads film prose for what can be drawn: who, wearing what, doing what, where, in which light.

The vocabulary is data (``templates/sketch/words.json``: table -> entry -> phrases). Nothing here
guesses meaning; a phrase is found as whole words, or it is not.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from fvbuild.resources import template

Rgb = tuple[int, int, int]


@cache
def _lexicon() -> dict[str, dict[str, list[str]] | list[str] | dict[str, str]]:
    loaded: dict[str, dict[str, list[str]] | list[str] | dict[str, str]] = json.loads(
        template("sketch/words.json").read_text(encoding="utf-8")
    )
    return loaded


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


class Hit(NamedTuple):
    """An entry of a table found in a text, and where its phrase begins."""

    name: str
    at: int


def table(name: str) -> Mapping[str, Sequence[str]]:
    """One table of the vocabulary, entry -> phrases; a colour is its own only phrase."""
    found = _lexicon()[name]
    assert isinstance(found, dict)
    return {key: (key,) if isinstance(value, str) else value for key, value in found.items()}


def phrases(name: str) -> Sequence[str]:
    """One plain list of the vocabulary."""
    found = _lexicon()[name]
    assert isinstance(found, list)
    return found


def colour_named(name: str) -> Rgb:
    """The colour that a colour word of the vocabulary stands for."""
    found = _lexicon()["colours"]
    assert isinstance(found, dict)
    return hex_rgb(str(found[name]))


def hex_rgb(text: str) -> Rgb:
    """``#rrggbb`` as three bytes."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def says(text: str, words: Sequence[str]) -> bool:
    """Whether any of the phrases stands in a text as whole words."""
    return _pattern(tuple(words)).search(text.lower()) is not None


def hits(text: str, name: str) -> list[Hit]:
    """Every entry of a table which a text names, in the order in which they are named."""
    lowered = text.lower()
    found = []
    for entry, entry_phrases in table(name).items():
        match = _pattern(tuple(entry_phrases)).search(lowered)
        if match:
            found.append(Hit(entry, match.start()))
    return sorted(found, key=lambda hit: hit.at)


def named(text: str, name: str) -> set[str]:
    """The entries of a table which a text names, each word read once: in "fishing boat" there is
    no "boat" of another entry."""
    entry_of = {phrase: entry for entry, found in table(name).items() for phrase in found}
    return {entry_of[match[1]] for match in _pattern(tuple(entry_of)).finditer(text.lower())}


def first(text: str, name: str) -> str:
    """The entry of a table which a text names first in the table's order, or ``""``."""
    lowered = text.lower()
    for entry, entry_phrases in table(name).items():
        if _pattern(tuple(entry_phrases)).search(lowered):
            return entry
    return ""


def seed_of(*parts: object) -> int:
    """A number that depends on these words alone, equal on every machine and run."""
    import xxhash

    return xxhash.xxh3_64_intdigest("\x1f".join(str(part) for part in parts).encode())


def dice(*parts: object) -> random.Random:
    """A source of chance which these words alone decide."""
    return random.Random(seed_of(*parts))


def colour_before(text: str, at: int, reach_words: int = 3) -> Rgb | None:
    """The colour word nearest before a position, at most ``reach_words`` words away."""
    before = re.split(r"[,;.]| and ", text.lower()[:at])[-1].split()[-reach_words:]
    for word in reversed(before):
        name = word.strip("'\"()").removesuffix("ish")
        if name in table("colours"):
            return colour_named(name)
    return None


def any_colour(text: str) -> Rgb | None:
    """The first colour word of a text, or None."""
    found = hits(text, "colours")
    return colour_named(found[0].name) if found else None


_AGE = re.compile(r"\b(?:of|aged?|age)\s+(\d{1,3})\b|\b(\d{1,3})[- ](?:years?|yr)[- ]?old\b")


def age_in(text: str) -> int | None:
    """The age in years that a description gives, by number or by word; None when it gives none."""
    match = _AGE.search(text.lower())
    if match:
        return int(match[1] or match[2])
    if says(text, phrases("old")):
        return 70
    if says(text, phrases("teen")):
        return 15
    if says(text, ("baby", "toddler")):
        return 3
    if says(text, phrases("child")):
        return 9
    return None


def person_words() -> tuple[str, ...]:
    """Every word that means that somebody is there."""
    return (*phrases("female"), *phrases("male"), *phrases("people"), *phrases("child"))


HANDS = ("hand", "hands", "finger", "fingers", "palm")
"""Words for hands, which are seen without the person they belong to."""


def mentions_person(text: str) -> bool:
    """Whether a text speaks of somebody who is to be seen."""
    without_hands = _pattern(HANDS).sub(" ", text.lower())
    without_her_hands = re.sub(r"\b(his|her)\s+(?=\w)", " ", without_hands)
    return says(without_her_hands, person_words())


def mentions_crowd(text: str) -> bool:
    """Whether a text speaks of many people."""
    return says(text, phrases("crowd"))
