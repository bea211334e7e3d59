"""Prompts encoded in a row, before their turn, and what is made of them is the same to the bit."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_roles import WORDLESS, pictures, work_of
from test_workers import action_of, pixels_of, target_of
from tiny_models import MODELS, save

from fvbuild.engine.action import Action
from fvbuild.targets.diffusers.family import families
from fvbuild.targets.diffusers.memory import first_rung

__all__ = ["pictures"]

WITH_WORDS = [n for n in MODELS if n not in (*WORDLESS, "svd")]


@pytest.mark.parametrize("name", WITH_WORDS)
def test_a_rehearsal_encodes_all_and_changes_no_bit(
    name: str, models: Path, pictures: dict[str, str]
) -> None:
    import torch

    from fvbuild.targets.diffusers.worker.calling import pictures_of
    from fvbuild.targets.diffusers.worker.loading import Loaded, load
    from fvbuild.targets.diffusers.worker.steps import Steps

    cpu = torch.device("cpu")
    work = work_of(families()[name], save(name, models), pictures)
    frames = families()[name].frames
    work = replace(work, frames=frames.least if frames is not None else 0)
    works = [replace(work, prompt=text) for text in ("a boat", "two cats in the grass")]

    def drawn(loaded: Loaded, at: int) -> object:
        steps = Steps(lambda _told: None, threading.Event(), 2)
        return pictures_of(works[at], loaded, steps, works[at + 1 :])

    plain = load(work.model, cpu)
    aside = load(replace(work.model, placement="encoders_aside"), cpu)
    assert plain.encodings is None and aside.encodings is not None
    for at in range(len(works)):
        assert np.array_equal(drawn(plain, at), drawn(aside, at))  # type: ignore[arg-type]
        if not at:
            encoded = aside.encodings.encoded
            assert encoded >= len(works)
        assert aside.encodings.encoded == encoded, "all were encoded with the first"


def test_what_waits_is_encoded_with_the_first(models: Path, tmp_path: Path) -> None:
    """By the target and its worker, where memory is short."""
    model = save("flux", models)
    fault = "out of memory unless encoders_aside"
    short = target_of(model, tmp_path, fault)
    actions = [action_of(short, tmp_path / f"short-{seed}", seed) for seed in (1, 2, 3)]
    asked: list[int] = []

    def waiting(most: int) -> list[Action]:
        asked.append(most)
        return actions[1:]

    first = short.make(replace(actions[0], waiting=waiting))
    assert asked, "it looked at what waits"
    assert first.provenance["placement"] == "encoders_aside"
    whole = target_of(model, tmp_path)
    for at, action in enumerate(actions):
        here = short.make(action)
        there = whole.make(action_of(whole, tmp_path / f"whole-{at}", action.seed))
        assert pixels_of(here) == pixels_of(there)


def test_the_rung_is_chosen_by_what_has_to_lie_there_at_once(models: Path) -> None:
    folder = save("flux", models)
    parts = {part.parent.name: part.stat().st_size for part in folder.rglob("*.safetensors")}
    whole = sum(parts.values())
    encoders = parts["text_encoder"] + parts["text_encoder_2"]
    assert first_rung(str(folder), None) == "resident"
    assert first_rung(str(folder), 2 * whole) == "resident"
    assert first_rung(str(folder), int(1.3 * max(encoders, whole - encoders))) == "encoders_aside"
    assert first_rung(str(folder), int(1.3 * max(parts.values()))) == "model_offload"
    assert first_rung(str(folder), 1000) == "group_offload"
