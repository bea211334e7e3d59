"""Which model a slot will need next: worked out from what waits, so that it can be read ahead."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fvbuild.engine.action import Action
from fvbuild.engine.digest import Json
from fvbuild.errors import FilmBuildError
from fvbuild.targets.diffusers import fetching
from fvbuild.targets.diffusers.asking import spec_of
from fvbuild.targets.diffusers.configuration import read_configuration
from fvbuild.targets.diffusers.family import family_here
from fvbuild.targets.diffusers.spreading import way_of
from fvbuild.targets.diffusers.worker.messages import ModelSpec


def following(
    action: Action, film_folder: Path, trusted: frozenset[str]
) -> tuple[ModelSpec, tuple[int, ...]] | None:
    """The model that an action's slots will probably need next, and those of them that it will
    have; None where that is no local model, or its files are not here yet."""
    after = action.after()
    if after is None or after.settings.get("provider") != "diffusers":
        return None
    try:
        return _model(after.settings, len(after.slots), film_folder, trusted), after.slots
    except FilmBuildError:
        return None


def _model(
    settings: Mapping[str, Json], width: int, film_folder: Path, trusted: frozenset[str]
) -> ModelSpec:
    given = {name: value for name, value in settings.items() if name != "provider"}
    configuration = read_configuration("", given)
    family = family_here(
        configuration.model, configuration.revision, configuration.family, film_folder
    )

    def fetch(model: str, revision: str | None) -> Path:
        return fetching.folder_of(
            model, revision, film_folder, lambda _done, _note: None, online=False
        )

    way = way_of(configuration, family, max(1, width))
    return spec_of(configuration, family, fetch, trusted, way)
