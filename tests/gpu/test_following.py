"""While a model works, the next one is read by a process of its own, where there is room for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_workers import FAULTY, action_of, make, pixels_of
from tiny_models import save

from fvbuild.engine.action import Action
from fvbuild.engine.digest import Json
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers import create, memory
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.fleet import fleet_of
from fvbuild.targets.diffusers.following import following
from fvbuild.targets.diffusers.seat import Seat
from fvbuild.targets.diffusers.target import DiffusersTarget

SETTINGS: dict[str, Json] = {"dtype": "float32", "steps": 2, "pixels": 4096}


def target_of(model: Path, gpu: GpuPlace, tmp_path: Path) -> DiffusersTarget:
    return create("local", {"model": str(model), **SETTINGS}, Place(tmp_path, gpu=gpu))


def before(action: Action, model: Path, tmp_path: Path) -> Action:
    """The action, after which its slot will probably be asked for a picture of another model."""
    settings: dict[str, Json] = {"provider": "diffusers", "model": str(model), **SETTINGS}
    after = Action("b", "anchor", {}, {}, tmp_path, settings=settings, slots=action.slots)
    return replace(action, after=lambda: after)


@pytest.mark.usefixtures("forked_workers")
def test_the_next_model_is_there_when_its_turn_comes(models: Path, tmp_path: Path) -> None:
    gpu = GpuPlace(("cpu",), environment={"FVBUILD_TEST": str(tmp_path)})
    flux, klein = save("flux", models), save("flux2-klein", models)
    first, second = target_of(flux, gpu, tmp_path), target_of(klein, gpu, tmp_path)
    first.make(before(action_of(first, tmp_path / "a"), klein, tmp_path))
    notes: list[str] = []
    made = make(second, tmp_path / "b", progress=lambda _done, note: notes.append(note))
    assert "loading the model" not in notes, "it was read before"
    assert "the model moves to its device" in notes
    plain = GpuPlace(("cpu",), environment={"FVBUILD_TEST": f"{tmp_path} plain"})
    whole = make(target_of(klein, plain, tmp_path), tmp_path / "c")
    assert pixels_of(made) == pixels_of(whole), "and draws the same"
    again: list[str] = []
    make(first, tmp_path / "d", progress=lambda _done, note: again.append(note))
    assert "loading the model" not in again, "where both have room, the first one stays"
    fleet_of(gpu).stop()
    fleet_of(plain).stop()


@pytest.mark.usefixtures("forked_workers")
def test_a_reading_that_dies_harms_nobody(models: Path, tmp_path: Path) -> None:
    """The process that reads the next model ends in the middle; both takes are made."""
    fault = f"reading killed unless {tmp_path / 'once'}"
    gpu = GpuPlace(("cpu",), environment={"PYTHONPATH": str(FAULTY), "FVBUILD_TEST_FAULT": fault})
    flux, klein = save("flux", models), save("flux2-klein", models)
    first, second = target_of(flux, gpu, tmp_path), target_of(klein, gpu, tmp_path)
    assert first.make(before(action_of(first, tmp_path / "a"), klein, tmp_path)).outputs
    assert make(second, tmp_path / "b").outputs
    assert (tmp_path / "once").exists()
    fleet_of(gpu).stop()


def test_nothing_is_read_that_has_no_room(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flux, klein = save("flux", models), save("flux2-klein", models)
    gpu = GpuPlace(("cpu",))
    target = target_of(flux, gpu, tmp_path)
    asked = before(action_of(target, tmp_path / "a"), klein, tmp_path)
    coming = following(asked, tmp_path, frozenset())
    assert coming is not None
    seat = Seat(("cpu",), gpu)
    need = memory.size_on_disk_bytes(str(klein))
    for free, reads in ((int(need * 1.4), False), (int(need * 1.6), True)):
        monkeypatch.setattr(memory, "free_bytes", lambda free=free: free)
        seat.prepare(coming[0])
        assert (seat._next is not None) == reads
    seat.stop()


@pytest.mark.parametrize(
    "settings",
    [
        {"provider": "sketch"},
        {"provider": "diffusers", "model": "owner/not-here", "revision": "abcdef0"},
        {"provider": "diffusers", "model": "./nowhere"},
        {"provider": "diffusers"},
    ],
)
def test_what_is_not_here_is_left_alone(settings: dict[str, object], tmp_path: Path) -> None:
    after = Action("b", "segment", {}, {}, tmp_path, settings=settings)  # type: ignore[arg-type]
    action = Action("a", "anchor", {}, {}, tmp_path)
    assert following(replace(action, after=lambda: after), tmp_path, frozenset()) is None
    assert following(action, tmp_path, frozenset()) is None


@pytest.mark.usefixtures("forked_workers")
def test_what_nobody_asks_for_is_given_back(models: Path, tmp_path: Path) -> None:
    """Models and devices, a while after the last node: another build may have them."""
    import time

    gpu = GpuPlace(("cpu",), idle_s=0.5)
    target = target_of(save("flux", models), gpu, tmp_path)
    make(target, tmp_path / "a")
    fleet = fleet_of(gpu)
    assert fleet.holding == {(1,)}
    until_s = time.monotonic() + 10
    while fleet.holding and time.monotonic() < until_s:
        time.sleep(0.1)
    assert not fleet.holding
    assert make(target, tmp_path / "b").outputs, "and all comes back when it is asked for"
    fleet.stop()
