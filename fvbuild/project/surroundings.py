"""What targets need of the place where a film is built: keys, hosts, limits, receipts, devices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.project.trusted import trusted_hosts
from fvbuild.resources import user_cache
from fvbuild.targets.api.place import Place
from fvbuild.targets.api.secrets import Secrets
from fvbuild.targets.diffusers.devices import GpuPlace

if TYPE_CHECKING:
    from fvbuild.project.workspace import Workspace


def place_of(
    film_folder: Path,
    workspace: Workspace,
    receipts: Callable[[str, str, str], float] | None = None,
    *,
    untrusted: bool = False,
) -> Place:
    """The place of a film in its workspace; see :class:`Place` for ``receipts``.

    Keys are looked for in the environment, then in ``.env`` beside ``fvbuild.yaml``, then in
    ``.env`` beside the film. An untrusted film has none, and asks nobody.
    """
    if untrusted:
        return Place(film_folder, {}, limits_folder(), Secrets({}), asks=False)
    secrets = Secrets(folders=(workspace.root, film_folder))
    gpu = replace(
        workspace.gpu or GpuPlace(),
        memory_file=workspace.cache / "placements.json",
        elsewhere=workspace.executor is not None,
    )
    place = Place(
        film_folder,
        workspace.providers,
        limits_folder(),
        secrets,
        gpu=gpu,
        trusted=trusted_hosts(),
    )
    return place if receipts is None else replace(place, receipts=receipts)


def limits_folder() -> Path:
    """Where all builds of a user on this machine keep the limits that they share."""
    return user_cache() / "limits"
