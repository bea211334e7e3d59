"""How a film is named in the commands that are offered to a user."""

from __future__ import annotations

import shlex
from pathlib import Path

from fvbuild.project.unchanged import film_file


def command_of(film: Path, profile: str | None) -> str:
    """The beginning of a command about a film, from the folder where we are."""
    words = ["fvbuild"]
    if film_file("") != str(film):
        named = film.parent if film.name == "film.yaml" else film
        here = Path.cwd()
        words += ["-f", str(named.relative_to(here) if named.is_relative_to(here) else named)]
    if profile is not None:
        words += ["--profile", profile]
    return shlex.join(words)
