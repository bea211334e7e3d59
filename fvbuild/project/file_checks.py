"""Whether the files that a film names can be used, before anything is made from them.

A file is looked at when its digest is worked out, and again only when it has changed: what a plan
has once found whole costs no later plan anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError, UsageError

if TYPE_CHECKING:
    from fvbuild.film.diagnostics import Diagnostic
    from fvbuild.film.place import Place
    from fvbuild.project.opened import OpenFilm

_SOUNDS = frozenset(
    {".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".au", ".caf"}
)
"""Suffixes of sounds: whatever the first bytes are, such a file is meant to be heard."""


def check_file(path: Path, media_type: str, loc: str | None) -> None:
    """Raise UsageError, at the place where the film names it, for a file that cannot be used.

    A picture is decoded whole, so one that ends early is found as well; what is too large to be
    decoded safely is refused by its header. A sound is decoded as well, but for a WAV as we write.
    """
    try:
        if media_type.startswith("image/"):
            from fvbuild.media.image import check_picture

            check_picture(path)
        elif path.suffix.lower() == ".cube":
            from fvbuild.media.cube import read_cube

            read_cube(path)
        elif media_type.startswith("audio/") or path.suffix.lower() in _SOUNDS:
            from fvbuild.media.sound import probe_sound

            probe_sound(path)
    except MediaError as error:
        named = error.place if error.place and ":" in error.place else ""
        message = f"{named}: {error.message}" if named else error.message
        raise UsageError(message, place=loc or str(path), hint=error.hint) from error


def file_diagnostics(film: OpenFilm) -> list[Diagnostic]:
    """Every file that cannot be used, where the film names it, with the line."""
    from fvbuild.engine.sniff import media_type_of
    from fvbuild.film.diagnostics import Diagnostic

    known = (film.workspace.cache / "state.sqlite3").exists()
    found = []
    for node in film.graph:
        if node.file is None:
            continue
        try:
            if known:
                film.inputs.content(node)
            else:  # a check makes no state, only to remember that it has looked
                check_file(Path(node.file), media_type_of(Path(node.file)), node.loc)
        except UsageError as error:
            place = place_of(node.loc or "")
            source = line_of(film.folder, place)
            found.append(Diagnostic(place, "error", error.message, error.hint or "", "", source))
    return found


def place_of(loc: str) -> Place:
    """The place that a node's ``loc`` writes down."""
    from fvbuild.film.place import NOWHERE, Place

    file, _, position = loc.partition(":")
    line, _, column = position.partition(":")
    known = file and line.isdigit() and column.isdigit()
    return Place(file, int(line), int(column)) if known else NOWHERE


def line_of(folder: Path, place: Place) -> str:
    """The text of the line that a place is in, as far as it can be read."""
    from fvbuild.film.diagnostics import lines_of

    try:
        lines = lines_of((folder / place.file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""
    return lines[place.line - 1] if place.line <= len(lines) else ""
