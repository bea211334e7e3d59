"""Opens the film that a command is about."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.cli.console import Console
from fvbuild.errors import UsageError

if TYPE_CHECKING:
    from fvbuild.project import Project

FILM = "film.yaml"


def film_path(given: Path | None) -> Path:
    """The film's file: what ``-f`` names (a folder or a file), else ``film.yaml`` here.

    Raises UsageError when it is not there.
    """
    asked = given or Path()
    path = asked / FILM if asked.is_dir() else asked
    if path.is_file():
        _must_be_text(path)
        return path
    if given is None:
        raise UsageError(
            f"there is no {FILM} in this folder",
            hint="name a film with -f FOLDER, or begin one: fvbuild init DIR",
        )
    if asked.is_dir():
        raise UsageError(
            f"there is no {FILM} in '{asked}'",
            hint=_others(asked) or f"begin a film there: fvbuild init {shlex.quote(str(asked))}",
        )
    raise UsageError(f"there is no film '{asked}'", hint="-f names a film's folder or its file")


def _must_be_text(path: Path) -> None:
    """Raise UsageError for a path that cannot be written down: it stands in records and lists."""
    name = str(path.absolute())
    try:
        name.encode()
    except UnicodeEncodeError:
        raise UsageError(
            "the name of the film's folder is not UTF-8 text",
            place=name.encode(errors="replace").decode(),
            hint="rename the folder; or, if it looks right in other programs, set PYTHONUTF8=1",
        ) from None


def _others(folder: Path) -> str:
    """Films that lie one folder deeper, which may have been meant."""
    found = sorted(str(path.parent) for path in folder.glob(f"*/{FILM}"))[:3]
    return f"did you mean -f {' or -f '.join(map(shlex.quote, found))}?" if found else ""


def open_project(args: argparse.Namespace, console: Console) -> Project:
    """The film of ``-f`` and ``--profile``, its warnings told on stderr."""
    from fvbuild.project import Project

    project = Project.open(film_path(args.film), args.profile, untrusted=args.untrusted)
    if not console.quiet:
        for warning in project.warnings:
            console.diagnostics(warning.render())
        if project.untrusted:
            _tell_what_is_ignored(project, console)
    return project


def _tell_what_is_ignored(project: Project, console: Console) -> None:
    from fvbuild.project.untrusted import ignored

    if (told := ignored(project.workspace)) is not None:
        console.warning(told)


def command_prefix(args: argparse.Namespace) -> str:
    """How a command about the same film begins: ``fvbuild -f projects/ferry``."""
    words = ["fvbuild"]
    if args.film is not None:
        words += ["-f", shlex.quote(str(args.film))]
    if args.profile is not None:
        words += ["--profile", shlex.quote(args.profile)]
    if args.untrusted:
        words.append("--untrusted")
    return " ".join(words)
