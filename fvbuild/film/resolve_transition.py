"""The way into the next shot: ``dissolve 12f``, ``dip to white 1s``, ``wipe left``."""

from __future__ import annotations

from fvbuild.film import measures
from fvbuild.film.known import Known
from fvbuild.film.resolved_shot import Transition
from fvbuild.film.suggest import did_you_mean
from fvbuild.film.vocabulary import Word
from fvbuild.timecode import Length

_FILLERS = frozenset({"to", "from", "through", "into", "the"})
_CUT = "cut"


def resolve_transition(known: Known, text: str | None, at: int) -> Transition | None:
    """The transition of a text; None for a cut, and after a fault."""
    if text is None or text == _CUT:
        return None
    words = text.split()
    length: Length | None = None
    if words and words[-1][:1].isdigit():
        try:
            length = measures.length(words.pop())
        except ValueError as error:
            known.sources.error(at, str(error), "for example: dissolve 12f")
    word, rest = _longest_word(known, words)
    if word is None:
        vocabulary = known.words["transition"]
        hint = did_you_mean(" ".join(words), vocabulary.spellings(), otherwise="")
        known.sources.error(
            at, f"'{text}' is no known transition", hint or ", ".join(vocabulary.words)
        )
        return None
    option = _option(known, word, rest, at)
    if word.name == _CUT:
        if length is not None:
            known.sources.error(at, "a cut takes no time", "write `cut`, or `dissolve 12f`")
        return None
    length = length or Length.parse(word.length or "0.5s")
    return Transition(word.name, max(1, length.in_frames(known.fps)), option)


def _longest_word(known: Known, words: list[str]) -> tuple[Word | None, list[str]]:
    """The vocabulary word that the text begins with, and what follows it."""
    vocabulary = known.words["transition"]
    for count in range(len(words), 0, -1):
        name = vocabulary.canonical(" ".join(words[:count]))
        if name is not None:
            return vocabulary.words[name], words[count:]
    return None, []


def _option(known: Known, word: Word, rest: list[str], at: int) -> str:
    wanted = [each.casefold() for each in rest if each.casefold() not in _FILLERS]
    if not wanted:
        return word.options[0] if word.options else ""
    option = " ".join(wanted)
    if option not in word.options:
        known.sources.error(
            at,
            f"'{option}' is nothing that a {word.name} can do",
            did_you_mean(option, word.options, otherwise="")
            or (f"it takes {', '.join(word.options)}" if word.options else "take it out"),
        )
        return word.options[0] if word.options else ""
    return option
