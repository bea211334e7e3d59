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

_ENDS = (".", "!", "?", "…", ";")
_LONGEST = 3


class FirstFrame:
    """The rules, applied. ``rules`` is ``still.json``."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self._later = frozenset(rules.get("later", ()))
        said: dict[str, str] = dict.fromkeys(rules.get("drop", ()), "")
        self._said = {**said, **rules.get("say", {})}
        self._verbs: Mapping[str, str] = rules.get("verbs", {})
        self._acts: Mapping[str, str] = rules.get("acts", {})
        self._before_nouns = frozenset(rules.get("before_nouns", ()))
        self._things = frozenset(rules.get("things", ()))
        self._known = frozenset(
            words.split()[0]
            for words in (*self._later, *self._said, *self._verbs, *self._acts)
            if words
        )
        self.of: Callable[[str], str] = lru_cache(maxsize=4096)(self._of)

    def _of(self, action: str) -> str:
        """An action as its first frame; the same words where no rule applies."""
        words = action.split()
        if self._known.isdisjoint(_bare(word) for word in words):
            return action
        told: list[str] = []
        moved = False
        for sentence in _sentences(words):
            kept, moves = self._sentence(sentence)
            if moved and moves:
                break  # what happens after something has happened
            moved = moved or moves
            told += kept
        return " ".join(told) if told else action

    def _sentence(self, words: Sequence[str]) -> tuple[list[str], bool]:
        """What is left of a sentence, and whether something is about to happen in it."""
        kept: list[str] = []
        moves = False
        at = 0
        while at < len(words):
            count, said = self._phrase(words, at, first=not kept)
            if said is None:
                return _ended(kept, words), moves
            about = "about to" in said
            if count and said and moves and _goes_on(words, at):
                return _ended(kept, words), moves
            if count and about and kept and _goes_on(words, at) and self._told_before(words, at):
                return _ended(kept, words), True
            moves = moves or about
            if not count:
                kept.append(words[at])
            elif said:
                kept.append(said + _tail(words[at + count - 1]))
            elif kept and not kept[-1].endswith((",", *_ENDS)):
                kept[-1] += _tail(words[at + count - 1])
            at += max(1, count)
        return kept, moves

    def _phrase(self, words: Sequence[str], at: int, *, first: bool) -> tuple[int, str | None]:
        """How many words a rule takes here, and what it says of them; None: the rest is later."""
        bare = [_bare(word) for word in words[at : at + _LONGEST]]
        if bare[0] not in self._known:
            return 0, ""
        for count in range(len(bare), 0, -1):
            joined = " ".join(bare[:count])
            if joined in self._later:
                return (count, "") if first else (count, None)
            if joined in self._said:
                return count, self._said[joined]
        if at and _bare(words[at - 1]) in self._before_nouns:
            return 0, ""
        said = self._verbs.get(bare[0], "")
        if not said and len(bare) > 1 and bare[1] in self._things:
            said = self._acts.get(bare[0], "")
        return (1, said.removeprefix("is ") if first else said) if said else (0, "")

    def _told_before(self, words: Sequence[str], at: int) -> bool:
        """Whether a verb that the rules know stands before a place in the sentence."""
        return any(self._phrase(words, before, first=False)[1] for before in range(at))


def _bare(word: str) -> str:
    return word.strip(',;:.!?…"“”()').casefold()


def _tail(word: str) -> str:
    """The marks that a word ends with."""
    return word[len(word.rstrip(",;:.!?…")) :]


def _goes_on(words: Sequence[str], at: int) -> bool:
    """Whether a verb shares its subject with one before it: ``stoops and picks``."""
    before = words[at - 1] if at else ""
    return _bare(before) in ("and", "or", "but") or before.endswith(",")


def _ended(kept: list[str], words: Sequence[str]) -> list[str]:
    """A sentence that breaks off: no conjunction or comma is left hanging, the full stop is."""
    while kept and (_bare(kept[-1]) in ("and", "or", "but", "") or kept[-1].endswith(",")):
        if kept[-1].endswith(",") and _bare(kept[-1]) not in ("and", "or", "but", ""):
            kept[-1] = kept[-1].rstrip(",")
        else:
            kept.pop()
    end = _tail(words[-1])
    if kept and end.endswith(_ENDS) and not kept[-1].endswith(_ENDS):
        kept[-1] += end
    return kept


def _sentences(words: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        found[-1].append(word)
        if word.endswith(_ENDS):
            found.append([])
    return [sentence for sentence in found if sentence]
