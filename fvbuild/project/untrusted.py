"""A film of somebody else, built without believing any of it, as CI does with a fork's.

Such a build buys nothing and asks nobody, has no secret, reads what lies in the film's folder and
nothing else, and writes nowhere else but into its cache. ``fvbuild.yaml`` counts only where
``FVBUILD_WORKSPACE`` names it; one that is merely found comes with the film.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import UsageError
from fvbuild.project.unchanged import UNTRUSTED

if TYPE_CHECKING:
    from fvbuild.engine.digest import Json
    from fvbuild.engine.graph import Graph
    from fvbuild.project.workspace import Workspace

NOTHING_IS_BOUGHT = (
    "an untrusted build asks no hosted model; what one made before is reused. To see the film all "
    "the same, build a profile of it that sketches (--profile NAME); where you trust it, build "
    f"without --untrusted and {UNTRUSTED}"
)
_MOST_NAMED = 3


def check_folder(folder: Path) -> None:
    """Raise UsageError where the film's folder leads anywhere else: what is read or written in it
    would be read or written there."""
    real, here = os.path.realpath(folder), str(Path.cwd())
    if _below(os.path.normpath(folder.absolute()), here) and not _below(
        real, os.path.realpath(here)
    ):
        raise UsageError(
            f"'{folder}' leads out of this folder, to {real}",
            hint="an untrusted film is built where it lies; name that folder itself",
        )
    found = list(islice(_leading_out(real), _MOST_NAMED + 1))
    if found:
        named = ", ".join(f"'{path}'" for path in found[:_MOST_NAMED])
        more = " and others" if len(found) > _MOST_NAMED else ""
        leads, files = ("leads", "file itself") if len(found) == 1 else ("lead", "files themselves")
        raise UsageError(
            f"{named}{more} {leads} out of the film's folder",
            hint=f"an untrusted build follows no such link; put the {files} there",
        )


def refusal(name: str, provider: str, settings: Mapping[str, Json], folder: Path) -> str | None:
    """Why a target is not there for an untrusted build; None: it is."""
    from fvbuild.targets.registry import BUILT_IN, is_described

    if provider in BUILT_IN:
        own = settings.get("templates")
        if own is None or _below(os.path.realpath(str(own)), os.path.realpath(folder)):
            return None
        return f"target '{name}' reads templates outside of the film's folder"
    if is_described(provider) and not provider.endswith((".yaml", ".yml")):
        return None
    return (
        f"target '{name}' ({provider}) is for builds that trust the film, and this one does not; a "
        "profile of the film that sketches needs no such target (--profile NAME)"
    )


def ignored(workspace: Workspace) -> str | None:
    """What is told of a workspace file that came with the film; None where none did."""
    if workspace.file is None or workspace.named:
        return None
    return (
        f"'{workspace.file}' comes with the film, so nothing in it counts in an untrusted build; "
        "FVBUILD_WORKSPACE names a file of your own"
    )


def unaffordable(graph: Graph, hosted: Mapping[str, object]) -> dict[str, str]:
    """The nodes that hosted models would make, each with why it is not made."""
    return {
        node.id: NOTHING_IS_BOUGHT
        for node in graph
        if node.target is not None and node.target.name in hosted
    }


def _leading_out(folder: str) -> Iterator[str]:
    """Links below a folder that lead out of it, as paths relative to it; git's own are left out."""
    todo = [folder]
    while todo:
        here = todo.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                if not _below(os.path.realpath(entry.path), folder):
                    yield os.path.relpath(entry.path, folder)
            elif entry.is_dir(follow_symlinks=False) and entry.name != ".git":
                todo.append(entry.path)


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
