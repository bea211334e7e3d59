"""Faults of a film: each with its place, the line it stands in, and the next step."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from fvbuild.errors import ManifestError
from fvbuild.film.place import Place
from fvbuild.values import dataclass

Severity = Literal["error", "warning"]

_BREAKS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_SHOWN_CHARS = 100
_MAX_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault. ``source`` is the text of its line; ``code`` names a lint, else it is empty."""

    place: Place
    severity: Severity
    message: str
    hint: str = ""
    code: str = ""
    source: str = ""

    def render(self) -> str:
        """``file:line:column: error: message``, the line with a caret under it, the hint."""
        code = f" [{self.code}]" if self.code else ""
        lines = [f"{self.place}: {self.severity}: {self.message}{code}"]
        if self.source.strip():
            lines += [f"  {shown}" for shown in _with_caret(self.source, self.place.column)]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The same as one JSON object."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }


def _with_caret(source: str, column: int) -> tuple[str, str]:
    """A window of the line around a column, and the caret below it; tabs keep their width."""
    at = min(column - 1, len(source))
    begin = max(0, at - _SHOWN_CHARS // 2) if len(source) > _SHOWN_CHARS else 0
    piece = source[begin : begin + _SHOWN_CHARS]
    piece = "".join(
        char if char == "\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for char in piece
    )
    before = "".join("\t" if char == "\t" else " " for char in piece[: at - begin])
    return piece, before + "^"


def lines_of(text: str) -> list[str]:
    """The lines of a text, broken where YAML breaks them."""
    return _BREAKS.split(text)


def ordered(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By place, errors before warnings there, each once."""
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda d: (d.place, d.severity, d.message))


def render(found: Iterable[Diagnostic]) -> str:
    """All of them as a person reads them, and how many there are."""
    shown = ordered(found)
    text = "\n".join(each.render() for each in shown[:_MAX_SHOWN])
    if len(shown) > _MAX_SHOWN:
        text += f"\n... and {len(shown) - _MAX_SHOWN} more"
    return text


class FilmFaults(ManifestError):
    """A film that does not load. ``str()`` is every diagnostic; ``diagnostics`` are the values."""

    def __init__(self, found: Iterable[Diagnostic]) -> None:
        self.diagnostics = ordered(found)
        super().__init__(render(self.diagnostics))

    def as_json(self) -> list[dict[str, Any]]:
        """Every diagnostic as a JSON object."""
        return [each.as_json() for each in self.diagnostics]
