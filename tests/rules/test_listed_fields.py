"""No edit outside the fields that a node kind lists changes the recipe of a node of that kind.

A field of the film is changed in one place; every node which is there before and after, and whose
own part of the recipe differs, must be of a kind that lists the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_build import FILMS, targets

from fvbuild.engine.graph import Graph
from fvbuild.engine.key import recipe_text
from fvbuild.film.load import load
from fvbuild.film.resolved import Act, Budget, Film, Frame, Scene, Shot, Transition, Words
from fvbuild.rules import KINDS, expand
from fvbuild.timecode import Length

_LOOK = {"reference", "plate", "prop", "caption", "motion", "anchor", "boundary", "segment"}
_TIMES = {"mix", "subtitles", "titles"}
_FRAMING = {"caption", "anchor", "boundary", "segment"}

# Field -> the kinds whose recipe it may be part of. `composition` carries the framing into what is
# made by a target that asks for it, as `sketch` does.
LISTED: Mapping[str, set[str]] = {
    "shot.action": {"caption", "motion"},
    "shot.first_frame": {"caption"},
    "shot.last_frame": {"caption"},
    "shot.size": _FRAMING,
    "shot.angle": _FRAMING,
    "shot.lens": _FRAMING,
    "shot.time": _FRAMING,
    "shot.lighting": _FRAMING,
    "shot.location": _FRAMING,
    "shot.characters": _FRAMING,
    "shot.props": _FRAMING,
    "shot.camera": {"motion", "segment"},
    "shot.duration": {"segment", "conform", "transition", *_TIMES},
    "shot.transition": {"transition", *_TIMES, "cut"},
    "shot.negative": {"segment"},
    "shot.guidance": {"segment"},
    "shot.motion_strength": {"segment"},
    "shot.seed": {"anchor", "boundary", "segment", "speech"},
    "shot.enhance": {"caption", "motion"},
    "shot.strategy": {"motion"},
    "shot.line": {"speech", "subtitles"},
    "shot.delivery": {"speech", "motion"},
    "shot.takes": set(),
    "shot.place": set(),
    "scene.heading": {"titles"},
    "scene.axis": set(),
    "scene.ambience": {"ambience"},
    "film.title": {"titles"},
    "film.fps": {"conform", "transition", *_TIMES, "cut"},
    "film.size of equal ratio": {"conform", "transition", "cut"},
    "film.look": _LOOK,
    "film.preset": _LOOK - {"motion"},
    "film.avoid": {"anchor", "boundary", "segment"},
    "film.budget": set(),
    "film.approve": set(),
    "film.acts": set(),
    "film.profile": set(),
    "film.loudness": {"mix"},
    "film.outfit": {"reference", *_FRAMING},
    "film.location look": {"plate", *_FRAMING},
    "film.prop look": {"prop", *_FRAMING},
    "film.unworn outfit": {"reference"},
    # A segment only where it is chained: it goes on from another shot, and as that was framed.
    "film.order of shots": {"mix", "subtitles", "titles", "cut", "transition", "segment"},
}

Change = Callable[[Film, int, str], Film]


@cache
def _film(name: str) -> Film:
    return load(FILMS / name).variants[0]


@cache
def _before(name: str) -> Graph:
    return _graph(_film(name))


def _graph(film: Film) -> Graph:
    return expand([film], targets(), folder=Path("/nowhere"))


def _own(graph: Graph) -> dict[str, str]:
    """Each node's own part of its recipe, lengths that wait for speech included."""
    return {node.id: recipe_text(node, KINDS[node.kind], node.params, {}) for node in graph}


def _shot(change: Callable[[Shot, str], Shot]) -> Change:
    """A change of one shot, the ``pick``-th of the film."""

    def changed(film: Film, pick: int, word: str) -> Film:
        shots = list(film.shots())
        chosen = shots[pick % len(shots)]
        scenes = tuple(
            replace(scene, shots=tuple(change(s, word) if s is chosen else s for s in scene.shots))
            for scene in film.scenes
        )
        return replace(film, scenes=scenes)

    return changed


def _scene(change: Callable[[Scene, str], Scene]) -> Change:
    def changed(film: Film, pick: int, word: str) -> Film:
        chosen = film.scenes[pick % len(film.scenes)]
        scenes = tuple(change(s, word) if s is chosen else s for s in film.scenes)
        return replace(film, scenes=scenes)

    return changed


def _controls(**values: Any) -> Change:
    return _shot(lambda shot, _word: replace(shot, controls=replace(shot.controls, **values)))


def _line(name: str) -> Change:
    def changed(shot: Shot, word: str) -> Shot:
        value: Any = Words(word) if name == "words" else word
        lines = tuple(replace(line, **{name: value}) for line in shot.dialogue)
        return replace(shot, dialogue=lines)

    return _shot(changed)


def _outfit(character: str, outfit: str) -> Change:
    def changed(film: Film, _pick: int, word: str) -> Film:
        who = film.characters.get(character)
        if who is None:
            return film
        wardrobe = {**who.wardrobe, outfit: replace(who.wardrobe[outfit], look=word)}
        characters = {**film.characters, character: replace(who, wardrobe=wardrobe)}
        return replace(film, characters=characters)

    return changed


def _things(section: str) -> Change:
    def changed(film: Film, pick: int, word: str) -> Film:
        things = dict(getattr(film, section))
        if not things:
            return film
        name = sorted(things)[pick % len(things)]
        things[name] = replace(things[name], look=word)
        values: dict[str, Any] = {section: things}
        return replace(film, **values)

    return changed


def _reordered(film: Film, pick: int, _word: str) -> Film:
    """One shot moved to the front of its scene; one that is chained stays behind another."""
    scene = film.scenes[pick % len(film.scenes)]
    shots = list(scene.shots)
    if shots[pick % len(shots)].mode == "chain":
        return film
    shots.insert(0, shots.pop(pick % len(shots)))
    scenes = tuple(replace(s, shots=tuple(shots)) if s is scene else s for s in film.scenes)
    return replace(film, scenes=scenes)


def _first(shot: Shot, word: str) -> Shot:
    return replace(shot, first_frame=Frame(text=word))


def _last(shot: Shot, word: str) -> Shot:
    return replace(shot, last_frame=Frame(text=word)) if shot.last_frame else shot


def _fewer(name: str) -> Callable[[Shot, str], Shot]:
    def changed(shot: Shot, _word: str) -> Shot:
        values: dict[str, Any] = {name: getattr(shot, name)[1:]}
        return replace(shot, **values)

    return changed


CHANGES: Mapping[str, Change] = {
    "shot.action": _shot(lambda shot, word: replace(shot, action=word)),
    "shot.first_frame": _shot(_first),
    "shot.last_frame": _shot(_last),
    "shot.size": _shot(lambda shot, word: replace(shot, size=word)),
    "shot.angle": _shot(lambda shot, word: replace(shot, angle=word)),
    "shot.lens": _shot(lambda shot, word: replace(shot, lens=word)),
    "shot.time": _shot(lambda shot, word: replace(shot, time=word)),
    "shot.lighting": _shot(lambda shot, word: replace(shot, lighting=word)),
    "shot.location": _shot(lambda shot, _word: replace(shot, location=None)),
    "shot.characters": _shot(_fewer("characters")),
    "shot.props": _shot(_fewer("props")),
    "shot.camera": _shot(lambda shot, word: replace(shot, camera=word)),
    "shot.duration": _shot(
        lambda shot, word: replace(shot, duration=Length(None, Fraction(1 + len(word))))
    ),
    "shot.transition": _shot(
        lambda shot, word: replace(shot, transition=Transition("dissolve", 1 + len(word)))
    ),
    "shot.negative": _controls(negative="blur"),
    "shot.guidance": _controls(guidance=5.0),
    "shot.motion_strength": _controls(motion_strength=0.5),
    "shot.seed": _controls(seed=99),
    "shot.enhance": _controls(enhance=True),
    "shot.strategy": _controls(strategy="motion-only"),
    "shot.line": _line("words"),
    "shot.delivery": _line("delivery"),
    "shot.takes": _shot(lambda shot, word: replace(shot, takes={"anchor": len(word) + 2})),
    "shot.place": _shot(lambda shot, word: replace(shot, line=shot.line + len(word), places=())),
    "scene.heading": _scene(lambda scene, word: replace(scene, heading=Words(word))),
    "scene.axis": _scene(lambda scene, word: replace(scene, axis=(word, word))),
    "scene.ambience": _scene(
        lambda scene, word: (
            replace(scene, ambience=replace(scene.ambience, make=word)) if scene.ambience else scene
        )
    ),
    "film.title": lambda film, _pick, word: replace(film, title=Words(word)),
    "film.fps": lambda film, pick, _word: replace(film, fps=Fraction(25 + pick)),
    "film.size of equal ratio": lambda film, pick, _word: replace(
        film, size=(film.size[0] * (pick + 2) // 4 * 2, film.size[1] * (pick + 2) // 4 * 2)
    ),
    "film.look": lambda film, _pick, word: replace(film, style=replace(film.style, look=word)),
    "film.preset": lambda film, _pick, word: replace(
        film, style=replace(film.style, preset=word, phrase=word)
    ),
    "film.avoid": lambda film, _pick, word: replace(film, style=replace(film.style, avoid=word)),
    "film.budget": lambda film, pick, _word: replace(film, budget=Budget(pick + 1.0)),
    "film.approve": lambda film, _pick, _word: replace(film, approve=("anchor", "speech")),
    "film.acts": lambda film, _pick, word: replace(film, acts=(Act("one", Words(word), ()),)),
    "film.profile": lambda film, _pick, word: replace(film, profile=word),
    "film.loudness": lambda film, pick, _word: replace(
        film, sound=replace(film.sound, loudness_lufs=-20.0 - pick)
    ),
    "film.outfit": _outfit("mara", "oilskin"),
    "film.unworn outfit": _outfit("mara", "suit"),
    "film.location look": _things("locations"),
    "film.prop look": _things("props"),
    "film.order of shots": _reordered,
}

_WORDS = st.text(st.characters(categories=["L", "N", "Zs", "P"]), min_size=1, max_size=30)


def test_every_field_of_the_list_has_a_change() -> None:
    assert CHANGES.keys() == LISTED.keys()


@pytest.mark.parametrize("name", ["ferry.yaml", "lighthouse.yaml"])
@given(field=st.sampled_from(sorted(CHANGES)), pick=st.integers(0, 12), word=_WORDS)
def test_an_edit_reaches_only_kinds_that_list_its_field(
    name: str, field: str, pick: int, word: str
) -> None:
    before = _before(name)
    after = _graph(CHANGES[field](_film(name), pick, word))
    old, new = _own(before), _own(after)
    reached = {after[node].kind for node in new if node in old and new[node] != old[node]}
    assert reached <= LISTED[field]
    if field == "film.order of shots":
        clips = {n for n in new if n in old and new[n] != old[n] and after[n].kind == "segment"}
        assert clips <= {f"{s.scene}/{s.id}/segment" for s in _film(name).shots() if _goes_on(s)}


def _goes_on(shot: Shot) -> bool:
    return shot.mode == "chain"


@pytest.mark.parametrize("field", sorted(field for field in LISTED if LISTED[field]))
def test_every_listed_kind_is_reached_by_its_field(field: str) -> None:
    """A list which named too much would let a false rebuild through."""
    reached: set[str] = set()
    for name in ("ferry.yaml", "lighthouse.yaml"):
        old = _own(_before(name))
        for pick in range(12):
            after = _graph(CHANGES[field](_film(name), pick, "a word"))
            reached |= {
                node.kind
                for node in after
                if node.id in old
                and recipe_text(node, KINDS[node.kind], node.params, {}) != old[node.id]
            }
    assert reached == LISTED[field]
