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
        bare = [_bare(word) for word in words]
        if self._known.isdisjoint(bare):
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
        while at < len(words):
            if bare[at] not in self._known:
                kept.append(words[at])
                at += 1
                continue
            count, said = self._phrase(bare, at, first=not kept)
            if said is None:
                return _ended(kept, words), moves
            about = "about to" in said
            if said and (moves or (about and verbs)) and _goes_on(words, bare, at):
                return _ended(kept, words), True
            verbs += bool(said)
            moves = moves or about
            if not count:
                kept.append(words[at])
            elif said:
                kept.append(said + _tail(words[at + count - 1]))
            elif kept and not kept[-1].endswith((",", *_ENDS)):
                kept[-1] += _tail(words[at + count - 1])
            at += max(1, count)
        return kept, moves

    def _phrase(self, bare: Sequence[str], at: int, *, first: bool) -> tuple[int, str | None]:
        """How many words a rule takes here, and what it says of them; None: the rest is later."""
        for count in range(min(_LONGEST, len(bare) - at), 0, -1):
            joined = " ".join(bare[at : at + count])
            if joined in self._later:
                return (count, "") if first else (count, None)
            if joined in self._said:
                return count, self._said[joined]
        if at and bare[at - 1] in self._before_nouns:
            return 0, ""
        said = self._verbs.get(bare[at], "")
        if not said and at + 1 < len(bare) and bare[at + 1] in self._things:
            said = self._acts.get(bare[at], "")
        return (1, said.removeprefix("is ") if first else said) if said else (0, "")


def _bare(word: str) -> str:
    return word.strip(',;:.!?…"“”()').casefold()


def _tail(word: str) -> str:
    """The marks that a word ends with."""
    return word[len(word.rstrip(",;:.!?…")) :]


def _goes_on(words: Sequence[str], bare: Sequence[str], at: int) -> bool:
    """Whether a verb shares its subject with one before it: ``stoops and picks``."""
    return at > 0 and (bare[at - 1] in ("and", "or", "but") or words[at - 1].endswith(","))


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


def _sentences(words: Sequence[str]) -> list[tuple[int, int]]:
    """Where each sentence begins and ends among the words."""
    inner = [at + 1 for at, word in enumerate(words[:-1]) if word[-1] in _END_MARKS]
    ends = [*inner, len(words)]
    return list(zip([0, *inner], ends, strict=True))
