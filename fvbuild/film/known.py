"""What a film's shots may refer to, and the one place that says when they refer to nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from fvbuild.film.paths import inside
from fvbuild.film.pictures import holds_picture
from fvbuild.film.resolved_world import Words
from fvbuild.film.slips import TIMES, VOICES, slip, slip_in
from fvbuild.film.source import Sources
from fvbuild.film.suggest import did_you_mean, nearest_word
from fvbuild.film.vocabulary import FILES, Vocabulary, Word, built_in

# "doly in" is one; "slow dolly in" is meant.
_SLIP_OF_THE_PEN = 0.84

PICTURE = "picture"
"""What a file is called that must hold a picture."""


@dataclass
class Known:
    """Everything that can be referred to. Faults go to ``sources``.

    own_words: field -> words of the film. characters: id -> outfit ids.
    torn: sections of which faulty parts were cut, so that a missing
    id there is no second fault. files: paths that were looked for, relative to the film.
    own_targets: whether the film declares targets itself.
    """

    sources: Sources
    fps: Fraction = Fraction(24)
    lang: str = "en"
    words: Mapping[str, Vocabulary] = field(default_factory=dict)
    own_words: Mapping[str, Mapping[str, Word]] = field(default_factory=dict)
    characters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    locations: frozenset[str] = frozenset()
    props: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    own_targets: bool = False
    torn: frozenset[str] = frozenset()
    files: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def with_words(
        cls, sources: Sources, own_words: Mapping[str, Mapping[str, Word]], **rest: Any
    ) -> Known:
        """With the words that come with the program, and the film's own."""
        words = {name: built_in(name).extended(own_words.get(name, {})) for name in FILES}
        return cls(sources, words=words, own_words=own_words, **rest)

    def refer(
        self,
        what: str,
        section: str,
        name: str,
        known: Iterable[str],
        at: int,
        hint: str = "",
        of: str = "",
    ) -> bool:
        """Whether an id is known; reports it otherwise. ``what`` is the word for one such thing,
        ``of`` the id of the thing that it belongs to."""
        if name in known:
            return True
        if section not in self.torn:
            words = list(known)
            fallback = hint or f"define it under `{section}:`"
            near = did_you_mean(name, words, otherwise="" if words else fallback)
            missing = f"'{of}' has no {what} '{name}'" if of else f"there is no {what} '{name}'"
            self.sources.error(at, missing, near or fallback)
        return False

    def target_names(
        self, value: str | list[str], at: int, places: Sequence[int] | None
    ) -> tuple[str, ...]:
        """Known target names of one entry of ``use``; ``places`` are those of a list's items."""
        names = [value] if isinstance(value, str) else value
        known = sorted(self.targets)
        if not names:
            self.sources.error(at, "no target is named", "name one, or take the line out")
        each_at = places if places and len(places) == len(names) else [at] * len(names)
        return tuple(
            name
            for name, place in zip(names, each_at, strict=True)
            if self.refer("target", "targets", name, known, place)
        )

    def word(self, name: str, text: str, at: int) -> str:
        """The canonical form of a vocabulary word, or the text itself after a fault."""
        vocabulary = self.words[name]
        found = vocabulary.canonical(text)
        if found is None:
            near = nearest_word(text, vocabulary.spellings())
            own = f"your own words go under `vocabulary: {{{name}: ...}}`"
            hint = f"did you mean '{near}'?" if near else f"{', '.join(vocabulary.words)}; or {own}"
            self.sources.error(at, f"'{text}' is no known {_NAMES[name]}", hint)
            return text
        return found

    def free_word(self, name: str, text: str, at: int) -> str:
        """The same for a field that takes free text: a near miss is a warning."""
        vocabulary = self.words[name]
        found = vocabulary.canonical(text)
        if found is not None:
            return found
        near = nearest_word(text, vocabulary.spellings(), _SLIP_OF_THE_PEN)
        if near is not None:
            self.sources.warn(
                at, f"'{text}' is taken as free text", f"did you mean '{near}'?", "vocabulary"
            )
        return text

    def time(self, text: str | None, at: int) -> str:
        """A time of day, in any words; a misspelled one is a warning."""
        if text and text not in TIMES:
            self._slip(text, slip(text, TIMES), at)
        return text or ""

    def voice(self, text: str, at: int) -> str:
        """The same for a voice. Where a film has targets of its own, theirs have any name."""
        if not self.own_targets:
            self._slip(text, slip_in(text, VOICES), at)
        return text

    def _slip(self, text: str, near: str | None, at: int) -> None:
        if near is not None:
            message = f"'{text}' is taken as free text"
            self.sources.warn(at, message, f"did you mean '{near}'?", "vocabulary")

    def file(self, path: str, at: int, what: str) -> str:
        """A file of the film that must exist; the path relative to its folder, cleaned."""
        clean = inside(path)
        if clean is None:
            self.sources.error(
                at,
                f"the {what} '{path}' lies outside of the film's folder",
                "keep all files of a film in its folder, and name them relative to it",
            )
            return path
        if clean not in self.files:
            full = self.sources.folder / clean
            self.files[clean] = _readable(full)
        if not self.files[clean]:
            self.sources.error(
                at,
                f"there is no {what} '{path}'",
                f"it is looked for in the film's folder, {self.sources.folder}",
            )
        elif what == PICTURE and not holds_picture(self.sources.folder / clean):
            self.sources.error(
                at,
                f"'{path}' is not a PNG, JPEG or WebP picture",
                "save it again as PNG or JPEG; was it stored by Git LFS: git lfs pull",
            )
        return clean

    def in_languages(self, value: str | Mapping[str, str], at: int, *, spoken: bool) -> Words:
        """A text in the film's language, with all others. Spoken ones must have the film's."""
        if isinstance(value, str):
            return Words(value)
        if not value:
            self.sources.error(at, "no language is given", "write `{en: ...}`, or plain text")
            return Words("")
        text = value.get(self.lang)
        if text is None:
            if spoken:
                self.sources.error(
                    at,
                    f"this line has no text in '{self.lang}'",
                    f"it has {', '.join(value)}; the film's `lang` says what is spoken",
                )
            text = next(iter(value.values()))
        return Words(text, dict(value))


_NAMES = {
    "size": "shot size",
    "angle": "camera angle",
    "camera": "camera move",
    "transition": "transition",
    "style": "style",
}


def _readable(path: Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.R_OK)
    except OSError:  # a name too long for the file system
        return False
