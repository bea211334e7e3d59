"""A film's targets brought to another machine: the same ones, or none."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fvbuild.engine.action import Action
from fvbuild.errors import ExecutorError
from fvbuild.project.targets import FilmTargets
from fvbuild.targets import elsewhere
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.registry import create_target

PARAMS: dict[str, Any] = {"canvas": [64, 36]}


def _targets(folder: Path, **settings: Any) -> FilmTargets:
    gpu = GpuPlace((0, 1), per_node=2, elsewhere=True)
    return FilmTargets(settings, ["placeholder"], folder, lambda: Place(folder, gpu=gpu))


def _action(folder: Path) -> Action:
    folder.mkdir()
    return Action("s/a/anchor", "anchor", PARAMS, {}, folder)


def test_it_makes_the_same_there(tmp_path: Path) -> None:
    targets = _targets(tmp_path)
    opening = targets.elsewhere("placeholder", "anchor")
    make = pickle.loads(pickle.dumps(opening))(("cpu",), tmp_path / "own")
    here, there = tmp_path / "here", tmp_path / "there"
    made = targets.find("placeholder").make(_action(here)), make(_action(there))
    one, other = (outcome.outputs[0] for outcome in made)
    assert one.data
    assert one == other


def test_another_one_is_refused_by_what_differs(tmp_path: Path) -> None:
    opening = _targets(tmp_path).elsewhere("placeholder", "anchor")
    assert opening is not None
    other = replace(opening, identity={**opening.identity, "version": "another"})
    with pytest.raises(ExecutorError) as caught:
        other(("cpu",), tmp_path)
    assert "target 'placeholder' is another one on a machine of the cluster" in str(caught.value)
    assert 'version: "another", there ' in str(caught.value)


def test_hosted_models_stay(tmp_path: Path) -> None:
    targets = _targets(tmp_path, veo={"provider": "google", "model": "veo-3.1-generate-001"})
    assert targets.elsewhere("veo", "segment") is None


def test_a_films_own_templates_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also to a machine that does not have the film, or has another version of it."""
    folder = tmp_path / "film"
    (folder / "templates" / "prompts").mkdir(parents=True)
    (folder / "templates" / "prompts" / "still.j2").write_text("my own")
    opening = _targets(folder).elsewhere("placeholder", "anchor")
    places: list[Place] = []
    made = create_target

    def create(name: str, settings: Any, place: Any) -> Any:
        places.append(place())
        return made(name, settings, place)

    monkeypatch.setattr(elsewhere, "create_target", create)
    assert opening is not None
    opening((3,), tmp_path / "own")
    assert places[0].film_folder == folder
    (folder / "templates" / "prompts" / "still.j2").write_text("changed meanwhile")
    opening((3,), tmp_path / "own")
    assert places[1].film_folder == tmp_path / "own"
    sent = tmp_path / "own" / "templates" / "prompts" / "still.j2"
    assert sent.read_text() == "my own"


def test_devices_are_those_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opening = _targets(tmp_path).elsewhere("placeholder", "anchor")
    places: list[Place] = []
    made = create_target

    def create(name: str, settings: Any, place: Any) -> Any:
        places.append(place())
        return made(name, settings, place)

    monkeypatch.setattr(elsewhere, "create_target", create)
    assert opening is not None
    opening((5, 7), tmp_path / "own")
    gpu = places[0].gpu
    assert gpu is not None
    assert (gpu.devices, gpu.per_node, gpu.elsewhere) == ((5, 7), 2, False)


def test_a_branch_stands_for_the_commit_of_the_plan(tmp_path: Path) -> None:
    """What ``main`` is may be another commit on another machine, on another day."""

    class Planned:
        def identity_of(self, _kind: str) -> Any:
            return {"provider": "diffusers", "revision": "a" * 40}

    settings: dict[str, Any] = {"provider": "diffusers", "model": "a/model", "revision": "main"}
    planned: Any = Planned()
    opening = elsewhere.elsewhere("flux", "anchor", planned, settings, tmp_path, None)
    assert opening.settings["revision"] == "a" * 40
