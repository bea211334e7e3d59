"""The words of film grammar: canonical forms, other spellings, and what prompts say of them.

They are data under ``templates/vocabulary/``; a film adds its own by ``vocabulary:``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fvbuild import resources
from fvbuild.errors import FilmBuildError

FILES = {
    "size": "sizes.yaml",
    "angle": "angles.yaml",
    "camera": "moves.yaml",
    "transition": "transitions.yaml",
    "style": "styles.yaml",
}
"""Field of the manifest -> its file of words."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its canonical spelling, phrase and aliases; ``length`` and ``options`` belong to
    transitions.
    """

    name: str
    phrase: str = ""
    aliases: tuple[str, ...] = ()
    length: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The words of one field."""

    words: Mapping[str, Word]
    _folded: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for word in self.words.values():
            for spelling in (*word.aliases, word.name):
                self._folded[fold(spelling)] = word.name

    def canonical(self, text: str) -> str | None:
        """The canonical spelling of a word, or None when it is none of these."""
        return text if text in self.words else self._folded.get(fold(text))

    def spellings(self) -> list[str]:
        """Every spelling, canonical ones first."""
        return [*self.words, *(alias for word in self.words.values() for alias in word.aliases)]

    def extended(self, more: Mapping[str, Word]) -> Vocabulary:
        """With a film's own words, which win over others of the same spelling."""
        return Vocabulary({**self.words, **more}) if more else self


def fold(text: str) -> str:
    """What two spellings of one word have in common."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())


@cache
def built_in(name: str) -> Vocabulary:
    """The words that come with the program for a field of :data:`FILES`."""
    from fvbuild.film.source import Sources
    from fvbuild.film.yaml_reader import read_yaml

    path = resources.template("vocabulary") / FILES[name]
    sources = Sources(path.parent)
    tree = read_yaml(sources, sources.add(path.name, _text(path)))
    if not isinstance(tree, dict) or sources.failed:
        raise FilmBuildError(f"{path} is broken", hint="install fvbuild again")
    return Vocabulary(
        {
            word: Word(
                word,
                entry.get("phrase", ""),
                tuple(str(alias) for alias in entry.get("aliases", ())),
                entry.get("length", ""),
                tuple(entry.get("options", ())),
            )
            for word, entry in tree.items()
        }
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise FilmBuildError(
            f"{path}: {error.strerror}", hint="the installation is broken: install fvbuild again"
        ) from None
