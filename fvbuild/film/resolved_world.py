"""Who and what a resolved film shows, and the targets that make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from fvbuild.film.place import NOWHERE, Place
from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A text, in several languages where the film writes it so.

    text: in the film's language. languages: every language it was written in; empty when it was
    written once, for all.
    """

    text: str
    languages: Mapping[str, str] = field(default_factory=dict)

    def into(self, lang: str) -> str | None:
        """The text in a language; None when it was written in others only."""
        return self.languages.get(lang) if self.languages else self.text


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a character wears: words, and pictures relative to the film."""

    id: str
    look: str
    references: tuple[str, ...] = ()
    takes: int = 1
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice. target None: whatever makes ``speech``. settings: all else that was written."""

    target: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Character:
    """Someone who may be visible or heard. An empty wardrobe: one look, ``default``."""

    id: str
    look: str
    name: str = ""
    references: tuple[str, ...] = ()
    wardrobe: Mapping[str, Outfit] = field(default_factory=dict)
    voice: Voice | None = None
    takes: int = 1
    use: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Location:
    """A place that shots are set in, drawn once as its plate."""

    id: str
    look: str
    references: tuple[str, ...] = ()
    time: str = ""
    lighting: str = ""
    takes: int = 1
    use: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing that shots show."""

    id: str
    look: str
    references: tuple[str, ...] = ()
    takes: int = 1
    use: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loc: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """A target of the film: the settings as written, JSON values, ``provider`` among them.

    places: where each setting was written, its name and its value.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    loc: Place = NOWHERE
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
