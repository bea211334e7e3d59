"""Did you mean: the known word nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable

_SHORT_WORD = 3
_MAX_LISTED = 30


def nearest_word(word: str, known: Iterable[str], least: float | None = None) -> str | None:
    """The known word that a person most likely meant, or None if none is near.

    least: how alike the two must be, 0 to 1; None asks less of short words.
    """
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(_fold(candidate), candidate)
    target = _fold(word)
    if target in folded:
        return folded[target]
    cutoff = least or (0.7 if len(target) > _SHORT_WORD else 0.6)
    near = get_close_matches(target, folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists them where they are few."""
    words = list(known)
    found = nearest_word(word, words)
    if found is not None:
        return f"did you mean '{found}'?"
    if otherwise:
        return otherwise
    if 0 < len(words) <= _MAX_LISTED:
        return "known here: " + ", ".join(words)
    return ""


def _fold(word: str) -> str:
    return word.casefold().replace("_", " ").replace("-", " ").strip()
