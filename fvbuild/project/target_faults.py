"""Settings of a film's targets that are wrong, told with the place where the film has them."""

from __future__ import annotations

from pathlib import Path

from fvbuild.errors import SettingError
from fvbuild.film.diagnostics import Diagnostic, FilmFaults, lines_of
from fvbuild.film.place import Place
from fvbuild.film.resolved import TargetSettings


def located(error: SettingError, target: TargetSettings, folder: Path) -> FilmFaults:
    """The same as a fault of the film in ``folder``: file, line and column, and the line."""
    name_at, value_at = target.places.get(error.setting) or (target.loc, target.loc)
    place = name_at if error.named else value_at
    source = _line(folder / place.file, place)
    return FilmFaults([Diagnostic(place, "error", error.message, error.hint or "", "", source)])


def _line(file: Path, place: Place) -> str:
    """The line of a place; empty where the file has changed or gone meanwhile."""
    try:
        lines = lines_of(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return ""
    return lines[place.line - 1] if place.line <= len(lines) else ""
