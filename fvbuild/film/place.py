"""Where in the film's files something was written."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A point in a file. ``file`` is relative to the film's folder; both counts begin at 1.

    Its text is what every diagnostic, plan and node says: ``film.yaml:52:9``.
    """

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Place("film.yaml", 1, 1)
"""The place of what the film does not write: a default."""
