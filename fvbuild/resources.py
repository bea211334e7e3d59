"""Finds data that travels with the program (templates, fonts, schemas), and the user's cache."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from fvbuild.errors import FilmBuildError

_PACKAGE = Path(__file__).resolve().parent


@cache
def _root(name: str) -> Path:
    # In a wheel the folders lie inside the package, in a checkout beside it.
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FilmBuildError(
        f"the program's own '{name}' folder is missing",
        hint="the installation is broken: install fvbuild again",
    )


def template(relative: str) -> Path:
    """Path of a file or folder under ``templates/``."""
    return _root("templates") / relative


def schema(relative: str) -> Path:
    """Path of a file under ``schemas/``."""
    return _root("schemas") / relative


def user_cache() -> Path:
    """The folder that all builds of a user on this machine share; it may be lost at any time.

    Raises RuntimeError where a user has no home.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if named and Path(named).is_absolute() else Path.home() / ".cache"
    return base / "fvbuild"
