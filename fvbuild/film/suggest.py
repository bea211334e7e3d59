"""Did you mean: the known word nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word that a person most likely meant, or None if none is near."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(_fold(candidate), candidate)
    target = _fold(word)
    if target in folded:
        return folded[target]
    near = get_close_matches(target, folded, n=1, cutoff=0.7 if len(target) > 3 else 0.6)
    return folded[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists them where they are few."""
    words = list(known)
    found = nearest_word(word, words)
    if found is not None:
        return f"did you mean '{found}'?"
    if otherwise:
        return otherwise
    if 0 < len(words) <= 16:
        return "known here: " + ", ".join(words)
    return ""


def _fold(word: str) -> str:
    return word.casefold().replace("_", " ").replace("-", " ").strip()
