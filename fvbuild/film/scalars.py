"""Plain scalars by the core schema of YAML 1.2: ``no``, ``on``, ``16:9`` and dates are text."""

from __future__ import annotations

import re
from typing import Any

from fvbuild.film.tree import WrittenFloat, WrittenInt

# https://yaml.org/spec/1.2.2/#103-core-schema
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# Python refuses to convert longer ones; no number of a film needs a tenth of it.
_MAX_DIGITS = 300

_LETTERS = frozenset("nNtTfF~")
MAYBE_TYPED = frozenset("+-.0123456789nNtTfF~")
"""The first characters of plain scalars that may be anything but text."""


def resolve_plain(text: str) -> Any:
    """The value of a plain scalar: None, a bool, a number, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _LETTERS:
        return text
    if len(text) <= _MAX_DIGITS:
        if _INT.fullmatch(text):
            return _as_written_int(int(text), text)
        if _FLOAT.fullmatch(text):
            return _as_written_float(float(text), text)
        if _BASED.fullmatch(text):
            return _as_written_int(int(text, 0), text)
    return text


def _as_written_int(value: int, text: str) -> int:
    if str(value) == text:
        return value
    written = WrittenInt(value)
    written.source = text
    return written


def _as_written_float(value: float, text: str) -> float:
    if str(value) == text:
        return value
    written = WrittenFloat(value)
    written.source = text
    return written


_STANDARD = "tag:yaml.org,2002:"
TAGS = frozenset(_STANDARD + name for name in ("str", "int", "float", "bool", "null", "map", "seq"))
"""The tags a film may use, in full; ``!`` alone means text too."""


def resolve_tagged(tag: str, text: str) -> Any:
    """The value of a scalar with a standard tag. Raises ValueError when the text is no such."""
    if tag in ("!", _STANDARD + "str"):
        return text
    value = resolve_plain(text)
    kind = tag.removeprefix(_STANDARD)
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    fits = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, float),
        "bool": isinstance(value, bool),
        "null": value is None,
    }
    if not fits.get(kind, False):
        raise ValueError(f"'{text}' is no {kind}")
    return value
