"""The example films are what people see first: they load without a word of complaint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fvbuild.engine.events import Act
from fvbuild.film.load import load
from fvbuild.film.resolved import Film
from fvbuild.project import Project

PROJECTS = Path(__file__).parents[2] / "projects"
FILMS = sorted(path.parent.name for path in PROJECTS.glob("*/film.yaml"))


def variants(name: str, tmp_path: Path, profile: str | None = None) -> tuple[Film, ...]:
    loaded = load(PROJECTS / name / "film.yaml", profile, tmp_path / "cache")
    assert [str(warning) for warning in loaded.warnings] == []
    return tuple(loaded.variants)


@pytest.mark.parametrize("name", FILMS)
def test_a_film_loads_without_warnings(name: str, tmp_path: Path) -> None:
    assert variants(name, tmp_path)


@pytest.mark.parametrize("file", sorted(PROJECTS.glob("*/*.yaml")), ids=str)
def test_editors_find_the_schema(file: Path) -> None:
    first, *_ = file.read_text().splitlines()
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert (file.parent / found[1]).is_file()


def test_lighthouse_is_under_twelve_lines() -> None:
    assert len((PROJECTS / "lighthouse" / "film.yaml").read_text().splitlines()) < 12


def test_last_ferry_shows_the_whole_language(tmp_path: Path) -> None:
    (film,) = variants("last-ferry", tmp_path)
    shots = list(film.shots())
    assert (len(film.scenes), len(shots)) == (2, 12)
    assert {shot.mode for shot in shots} == {"anchor", "keyframe", "chain", "direct"}
    assert any(shot.start for shot in shots)
    assert any(shot.dialogue for shot in shots)
    assert len({shot.transition.kind for shot in shots if shot.transition}) >= 3
    assert film.sound.narration
    assert film.sound.music
    assert film.sound.effects


def test_last_ferry_has_a_draft_and_a_final_profile(tmp_path: Path) -> None:
    (draft,) = variants("last-ferry", tmp_path, "draft")
    (final,) = variants("last-ferry", tmp_path, "final")
    assert draft.size < (1280, 720) < final.size
    assert final.finish.steps
    plan = Project.open(PROJECTS / "last-ferry" / "film.yaml", "final").plan()
    blocked = [step for step in plan.steps if step.action is Act.BLOCKED]
    assert any(step.kind == "upscale" for step in blocked)


def test_commercial_comes_in_two_shapes_and_three_languages(tmp_path: Path) -> None:
    wide, tall = variants("commercial", tmp_path)
    assert (wide.variant, tall.variant) == ("wide", "tall")
    assert wide.size[0] * tall.size[0] == wide.size[1] * tall.size[1]
    for film in (wide, tall):
        assert film.outputs["master"].subtitles == ("en", "fr", "de")
        spoken = [line for shot in film.shots() for line in shot.dialogue]
        for line in (*spoken, *film.sound.narration):
            assert all(line.words.into(language) for language in ("en", "fr", "de"))
