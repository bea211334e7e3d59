"""What a stream can show: colour, and signs beyond ASCII."""

from __future__ import annotations

import os
from typing import TextIO

from fvbuild.values import dataclass

# C0 and C1 control characters but tab and newline, and what turns the order of all that follows on
# a line (Unicode Bidirectional Algorithm, 2.1 to 2.4): a film's text must never steer a terminal.
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSAFE = {code: "�" for code in _CONTROLS if code not in (0x09, 0x0A)}


def safe(text: str) -> str:
    """The text without characters that steer a terminal."""
    return text if text.isprintable() else text.translate(_UNSAFE)


def is_terminal(stream: TextIO) -> bool:
    """True when a person sits at the stream and cursor movement works there."""
    try:
        return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "")
    except ValueError:  # closed
        return False


@dataclass(frozen=True, slots=True)
class Style:
    """How to write: with colour or without, with signs or in ASCII."""

    color: bool = False
    unicode: bool = True

    @classmethod
    def of(cls, stream: TextIO, *, no_color: bool = False) -> Style:
        """What suits a stream, heeding ``NO_COLOR`` (no-color.org) and ``TERM=dumb``."""
        color = not no_color and not os.environ.get("NO_COLOR") and is_terminal(stream)
        encoding = (getattr(stream, "encoding", None) or "ascii").lower()
        return cls(color, encoding.replace("-", "").startswith("utf"))

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text

    def bold(self, text: str) -> str:
        """Names and headings."""
        return self._paint("1", text)

    def dim(self, text: str) -> str:
        """What may be read over."""
        return self._paint("2", text)

    def red(self, text: str) -> str:
        """Failures."""
        return self._paint("31", text)

    def green(self, text: str) -> str:
        """Things made."""
        return self._paint("32", text)

    def yellow(self, text: str) -> str:
        """Warnings, and what waits for a person."""
        return self._paint("33", text)

    def cyan(self, text: str) -> str:
        """Things to be made."""
        return self._paint("36", text)

    def bar(self, done: float, cells: int) -> str:
        """A progress bar of ``cells`` columns, ``done`` from 0 to 1."""
        full = round(max(0.0, min(1.0, done)) * cells)
        if not self.unicode:
            return "#" * full + "." * (cells - full)
        return self.cyan("━" * full) + self.dim("─" * (cells - full))
