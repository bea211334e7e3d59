"""Notices before anything is made that its results could not be kept where they belong."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.events import Act, Step
from fvbuild.engine.lock import lock_path
from fvbuild.errors import UsageError
from fvbuild.project.records import BuildOptions

if TYPE_CHECKING:
    from fvbuild.project.session import Project

_MAKING = (Act.BUILD, Act.MAYBE)


def check_writable(project: Project, goals: Sequence[str], options: BuildOptions) -> None:
    """Raise UsageError when a build would have to write the lock or ``out/``, and cannot.

    A film that can only be read may be looked at, and built when nothing is to do.
    """

    def steps() -> Sequence[Step]:
        return project.plan(goals, options).steps

    lock = lock_path(project.film_path, project.profile)
    out = project.folder / "out"
    if not _may_write_in(lock.parent) and any(_is_locked(project, one) for one in steps()):
        raise _refused(lock)
    place = out if out.is_dir() else project.folder
    if not _may_write_in(place) and any(one.action in _MAKING for one in steps()):
        raise _refused(out)


def _refused(path: Path) -> UsageError:
    return UsageError(
        f"{path.name} cannot be written here, so nothing was made",
        place=str(path.parent),
        hint="make the folder writable, or copy the film to where it can be built",
    )


def _may_write_in(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def _is_locked(project: Project, step: Step) -> bool:
    """True when a build that includes the step changes the lock."""
    node = project.graph[step.node]
    if node.target is None or node.text is not None:
        return False
    return step.action in _MAKING or project.lock_line(step.node) is None
