"""A model that only draws from reference pictures is refused by the plan where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from fvbuild.engine.events import Act, Plan
from fvbuild.project import Project

NEEDS = "target 'turbo' needs a reference picture: show a character, location or prop"


def planned(folder: Path, use: str, shot: str) -> Plan:
    (folder / "film.yaml").write_text(
        "film: {title: Needy}\n"
        "targets: {turbo: {provider: runway, model: gen4_image_turbo}}\n"
        f"use: {{anchor: {use}, reference: sketch, plate: sketch, prop: sketch}}\n"
        "characters: {ann: {look: a woman}}\n"
        "locations: {pier: {look: a pier}}\n"
        "props: {cup: {look: a cup}}\n"
        f"shots: [{{id: one, action: she waits, {shot}}}]\n"
    )
    return Project.open(folder).plan()


@pytest.mark.parametrize("kind", ["anchor", "boundary"])
def test_alone_it_is_refused_before_anything_is_bought(tmp_path: Path, kind: str) -> None:
    shot = "duration: 4s" if kind == "anchor" else "mode: keyframe, last_frame: she is gone"
    steps = {step.node: step for step in planned(tmp_path, "turbo", shot).steps}
    refused = steps[f"main/one/{kind}"]
    assert refused.action is Act.BLOCKED
    assert refused.message.startswith(NEEDS)
    assert refused.cost.free


@pytest.mark.parametrize("shown", ["characters: [ann]", "location: pier", "props: [cup]"])
def test_with_anything_to_see_it_draws(tmp_path: Path, shown: str) -> None:
    steps = {step.node: step for step in planned(tmp_path, "turbo", shown).steps}
    assert steps["main/one/anchor"].action in (Act.BUILD, Act.MAYBE)
    assert steps["main/one/anchor"].target == "turbo"


def test_the_next_of_the_list_draws_what_it_cannot(tmp_path: Path) -> None:
    steps = {step.node: step for step in planned(tmp_path, "[turbo, sketch]", "").steps}
    assert steps["main/one/anchor"].target == "sketch"
