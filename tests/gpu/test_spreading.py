"""How nodes share devices: the policy, what a plan says of it, how the workspace asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_local_film import film_of, fvbuild

from fvbuild.errors import FilmBuildError
from fvbuild.project.workspace_file import read
from fvbuild.targets.diffusers.configuration import Configuration
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.family import families
from fvbuild.targets.diffusers.spreading import BY_PARTS, CONTEXT, in_words, spread_of

FOUR = (0, 1, 2, 3)


@pytest.mark.parametrize(
    ("family", "place", "width", "way", "said"),
    [
        ("wan", GpuPlace(), 1, "", "GPU 0, one node at once"),
        ("wan", GpuPlace(("cpu",)), 1, "", "the CPU, one node at once"),
        ("wan", GpuPlace(FOUR), 1, "", "GPUs 0, 1, 2, 3; one node on each"),
        (
            "wan", GpuPlace(FOUR, per_node=2), 2, CONTEXT,
            "GPUs 0, 1, 2, 3; a node is computed by 2 of them, 2 nodes at once",
        ),
        (
            "sd3", GpuPlace(FOUR, per_node=2), 1, "",
            "GPUs 0, 1, 2, 3; one node on each "
            "(diffusers cannot split the steps of Stable Diffusion 3)",
        ),
        (
            "sd3", GpuPlace(FOUR, by_target={"a": 4}), 4, BY_PARTS,
            "GPUs 0, 1, 2, 3; the parts of the model lie on 4 of them, one node at once "
            "(diffusers cannot split the steps of Stable Diffusion 3)",
        ),
        ("wan", GpuPlace(FOUR, by_target={"other": 4}), 1, "", "GPUs 0, 1, 2, 3; one node on each"),
    ],
)  # fmt: skip
def test_throughput_first_and_several_where_it_is_said(
    family: str, place: GpuPlace, width: int, way: str, said: str
) -> None:
    spread = spread_of(Configuration("a", "./model"), families()[family], place)
    assert (spread.width, spread.way) == (width, way)
    assert in_words(spread, place) == said


def test_a_step_cache_keeps_a_node_on_one_device() -> None:
    cached = Configuration("a", "./model", step_cache=0.1)
    spread = spread_of(cached, families()["wan"], GpuPlace(FOUR, per_node=2))
    assert spread.width == 1 and "step cache" in spread.why


def test_the_workspace_says_how_many_devices_a_node_gets(tmp_path: Path) -> None:
    file = tmp_path / "fvbuild.yaml"
    file.write_text("pools: {gpu: {devices: [0, 1, 2], per_node: {wan: 3}, idle_s: 10}}\n")
    said = read(file)
    assert said.gpu.by_target == {"wan": 3} and said.gpu.per_node == 1 and said.gpu.idle_s == 10
    assert said.pools == {"gpu": 3}
    for wrong in ("per_node: 4", "per_node: {wan: 4}", "per_node: {wan: two}"):
        file.write_text(f"pools: {{gpu: {{devices: [0, 1, 2], {wrong}}}}}\n")
        with pytest.raises(FilmBuildError) as told:
            read(file)
        assert "1 to 3" in str(told.value)


def test_a_film_whose_clips_are_made_by_two_devices_each(tmp_path: Path, models: Path) -> None:
    """Pictures one a device, clips over both, in one build; the plan says which."""
    film = film_of(tmp_path, models)
    (film / "fvbuild.yaml").write_text("pools: {gpu: {devices: [cpu, cpu], per_node: {ltx: 2}}}\n")
    planned = fvbuild(film, "plan").stdout
    assert "a node is computed by 2 of them, one node at once" in planned
    assert "one node on each" in planned
    built = fvbuild(film, "build")
    assert built.returncode == 0, built.stderr
    assert (film / "out" / "local.mp4").stat().st_size > 1000
