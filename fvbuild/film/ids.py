"""Ids: how they are written, and the ones made from a text."""

from __future__ import annotations

import re
import unicodedata

import xxhash

MAX_ID = 64
_MAX_SLUG = 56
_HASH_DIGITS = 4

RESERVED_SCENES = frozenset({"characters", "locations", "props", "sound", "cut", "files"})
RESERVED_SHOTS = frozenset({"ambience"})
RESERVED_OUTPUTS = frozenset({"titles"})

_ID = re.compile(r"[^\W_][\w-]*")
_RUN = re.compile(r"[\W_]+")


def slug(text: str) -> str:
    """An id made from a text, never from a place in the film; empty when nothing is left of it.

    A long text is cut at a word and marked with a digest of the whole, so that two texts which
    begin alike keep different ids whatever their order.
    """
    bare = text.replace("'", "").replace("’", "")
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", bare).lower())
    whole = _RUN.sub("-", folded).strip("-")
    if len(whole) <= _MAX_SLUG:
        return whole
    short = whole[:_MAX_SLUG]
    if "-" in short[_MAX_SLUG // 2 :]:
        short = short.rpartition("-")[0]
    return f"{short.strip('-')}-{xxhash.xxh3_64_hexdigest(whole.encode())[:_HASH_DIGITS]}"


def fault_of_id(text: str) -> tuple[str, str] | None:
    """What is wrong with an id and what to do, or None."""
    if not text:
        return "an id is empty", "give it a name of letters, digits, - and _"
    if len(text) > MAX_ID:
        return f"the id has {len(text)} characters", f"use at most {MAX_ID}"
    if not _ID.fullmatch(text) or text != text.lower():
        better = slug(text)
        return (
            f"'{text}' is no id: small letters, digits, - and _, and a letter or digit first",
            f"write '{better}'" if better else "give it another name",
        )
    if text != unicodedata.normalize("NFC", text):
        return f"the id '{text}' is not in Unicode's composed form (NFC)", "type it anew"
    return None
