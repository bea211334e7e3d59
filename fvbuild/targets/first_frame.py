"""What the first frame shows of an action that is told as it happens, by rules that are data.

``templates/prompts/still.json`` holds the words; this holds how they are applied, which is careful:
a word that none of the rules knows stays as it was written. It reads English, in the third person,
where a verb is the one word that changes; other sentences keep their words. A language model writes
better captions; this one is free, quick, and always the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

_END_MARKS = ".!?…;"
_ENDS = tuple(_END_MARKS)
_MARKS = ',;:.!?…"“”()'
_CONJUNCTIONS = ("and", "or", "but")

_LATER = "\0"
"""What a phrase says after which the rest of a sentence is left out."""


class FirstFrame:
    """The rules, applied. ``rules`` is ``still.json``."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        said: dict[str, str] = dict.fromkeys(rules.get("later", ()), _LATER)
        said |= dict.fromkeys(rules.get("drop", ()), "")
        said |= rules.get("say", {})
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for words, says in sorted(said.items(), key=lambda rule: -len(rule[0].split())):
            phrase = tuple(words.split())
            self._phrases.setdefault(phrase[0], []).append((phrase, says))
        self._verbs: Mapping[str, str] = rules.get("verbs", {})
        self._acts: Mapping[str, str] = rules.get("acts", {})
        self._before_nouns = frozenset(rules.get("before_nouns", ()))
        self._things = frozenset(rules.get("things", ()))
        self._known = frozenset([*self._phrases, *self._verbs, *self._acts])
        self.of: Callable[[str], str] = lru_cache(maxsize=4096)(self._of)

    def _of(self, action: str) -> str:
        """An action as its first frame; the same words where no rule applies."""
        words = action.split()
        lowered = action.casefold().split()
        bare = [word if word.isalpha() else word.strip(_MARKS) for word in lowered]
        if self._known.isdisjoint(bare) or len(bare) != len(words):
            return action
        told: list[str] = []
        moved = False
        for first, end in _sentences(words):
            kept, moves = self._sentence(words[first:end], bare[first:end])
            if moved and moves:
                break  # what happens after something has happened
            moved = moved or moves
            told += kept
        return " ".join(told) if told else action

    def _sentence(self, words: Sequence[str], bare: Sequence[str]) -> tuple[list[str], bool]:
        """What is left of a sentence, and whether something is about to happen in it."""
        kept: list[str] = []
        verbs = 0
        moves = False
        at = 0
        for here in [at for at, word in enumerate(bare) if word in self._known]:
            if here < at:
                continue  # part of a phrase
            kept += words[at:here]
            at = here
            count, said = self._phrase(bare, here)
            if said == _LATER:
                if kept:
                    return _ended(kept, words), moves
                said = ""
            about = "about to" in said
            if said and (moves or (about and verbs)) and _goes_on(words, bare, here):
                return _ended(kept, words), True
            if said:
                verbs += 1
                moves = moves or about
                said = said if kept else said.removeprefix("is ")
                kept.append(said + _tail(words[here + count - 1]))
            elif count and kept and not kept[-1].endswith((",", *_ENDS)):
                kept[-1] += _tail(words[here + count - 1])
            at += count
        return [*kept, *words[at:]], moves

    def _phrase(self, bare: Sequence[str], at: int) -> tuple[int, str]:
        """How many words a rule takes here, and what it says of them; 0 where there is none."""
        word = bare[at]
        for phrase, said in self._phrases.get(word, ()):
            if len(phrase) == 1 or tuple(bare[at : at + len(phrase)]) == phrase:
                return len(phrase), said
        if at and bare[at - 1] in self._before_nouns:
            return 0, ""
        said = self._verbs.get(word, "")
        if not said and at + 1 < len(bare) and bare[at + 1] in self._things:
            said = self._acts.get(word, "")
        return (1, said) if said else (0, "")


def _bare(word: str) -> str:
    return word.strip(_MARKS).casefold()


def _tail(word: str) -> str:
    """The marks that a word ends with."""
    return word[len(word.rstrip(",;:.!?…")) :]


def _goes_on(words: Sequence[str], bare: Sequence[str], at: int) -> bool:
    """Whether a verb shares its subject with one before it: ``stoops and picks``."""
    return at > 0 and (bare[at - 1] in _CONJUNCTIONS or words[at - 1].endswith(","))


def _ended(kept: list[str], words: Sequence[str]) -> list[str]:
    """A sentence that breaks off: no conjunction or comma is left hanging, the full stop is."""
    while kept and (_bare(kept[-1]) in (*_CONJUNCTIONS, "") or kept[-1].endswith(",")):
        if kept[-1].endswith(",") and _bare(kept[-1]) not in (*_CONJUNCTIONS, ""):
            kept[-1] = kept[-1].rstrip(",")
        else:
            kept.pop()
    end = _tail(words[-1])
    if kept and end.endswith(_ENDS) and not kept[-1].endswith(_ENDS):
        kept[-1] += end
    return kept


def _sentences(words: Sequence[str]) -> list[tuple[int, int]]:
    """Where each sentence begins and ends among the words."""
    inner = [at + 1 for at, word in enumerate(words[:-1]) if word[-1] in _END_MARKS]
    ends = [*inner, len(words)]
    return list(zip([0, *inner], ends, strict=True))
