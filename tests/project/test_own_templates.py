"""A film's own templates: used from its folder, keyed, and watched for changes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from films import SETTLED_S, Place, film, made

from fvbuild.engine.events import Act
from fvbuild.errors import TargetError
from fvbuild.project.unchanged import try_quick_build


def write(place: Place, name: str, text: str) -> Path:
    path = place.folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    time.sleep(SETTLED_S)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    data: dict[str, Any] = film(shots=2, scenes=1)
    return Place(tmp_path / "film", data)


def quick(place: Place) -> bool:
    """Whether the build is answered from recorded stats alone."""
    return try_quick_build(["-f", str(place.folder), "build"]) == 0


def test_a_template_beside_the_film_writes_its_texts(place: Place) -> None:
    place.build()
    write(place, "prompts/motion.j2", "{{ action }} / {{ camera }}")
    graph = place.project().graph
    assert graph["s0/a0/motion"].text == "somebody waits for time 0.0 / the camera is still"
    assert made(place.build()) >= {"s0/a0/motion", "s0/a0/segment"}


def test_other_kinds_are_left_alone(place: Place) -> None:
    place.build()
    write(place, "prompts/motion.j2", "{{ action }}!")
    again = made(place.build())
    assert not {node for node in again if node.endswith(("caption", "anchor"))}


def test_a_new_template_is_noticed_by_the_quick_way(place: Place) -> None:
    place.build()
    time.sleep(SETTLED_S)
    place.build()
    assert quick(place)
    path = write(place, "prompts/motion.j2", "{{ action }}!")
    assert not quick(place)
    place.build()
    place.build()
    assert quick(place)
    write(place, "prompts/motion.j2", "{{ action }}?")
    assert not quick(place)
    place.build()
    place.build()
    assert quick(place)
    path.unlink()
    assert not quick(place)


def test_a_template_in_a_new_folder_is_noticed(place: Place) -> None:
    write(place, "prompts/motion.j2", "{{ action }}!")
    place.build()
    place.build()
    assert quick(place)
    write(place, "styles/cinematic.json", '{"caption": "grain", "motion": "slow"}')
    assert not quick(place)


def test_taking_a_template_away_makes_nothing(place: Place) -> None:
    place.build()
    path = write(place, "prompts/motion.j2", "{{ action }}!")
    place.build()
    path.unlink()
    steps = place.project().plan().steps
    assert all(step.action is Act.REUSE for step in steps)


def test_a_template_that_cannot_be_filled_is_named(place: Place) -> None:
    write(place, "prompts/caption.j2", "{{ nothing_of_this_name }}")
    with pytest.raises(TargetError, match=r"templates/prompts/caption\.j2"):
        place.project().plan()


def test_own_templates_are_watched(place: Place) -> None:
    path = write(place, "prompts/motion.veo.j2", "{{ action }}!")
    assert path in place.project().watch_paths()
