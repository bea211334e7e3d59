"""From a film's text to its files, by the makers themselves: what the local kinds put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from naive_build import graph_of

from fvbuild.engine.action import Action, InputFile, Made
from fvbuild.engine.digest import Json, content
from fvbuild.engine.graph import Graph, Node
from fvbuild.engine.target import Target
from fvbuild.rules import KINDS
from fvbuild.targets.registry import create_target

FILM = """
film: {title: Ünï Test, size: 160x90}
use: {anchor: placeholder, segment: placeholder, speech: placeholder, music: placeholder,
      effect: placeholder, ambience: placeholder}
characters: {teo: {look: boy}}
scenes:
  - id: a
    heading: INT. A
    ambience: wind
    shots:
      - {id: one, action: x, duration: 2s, transition: dissolve 12f}
      - id: two
        action: y
        duration: dialogue
        characters: [teo]
        dialogue:
          - {speaker: teo, line: "You came back to me, at last."}
          - {speaker: teo, line: Yes.}
        transition: wipe left 8f
      - {id: three, mode: keyframe, action: z, last_frame: the end, duration: 1s}
      - {id: four, mode: chain, action: on, duration: 1s, transition: fade 10f}
  - id: b
    heading: EXT. B
    shots:
      - {id: five, mode: direct, action: sea, duration: 2s}
sound:
  effects: [{at: b/five, make: horn}]
  music: {make: cello, duck: -9dB}
outputs:
  master: {subtitles: [en]}
  animatic: {from: anchor, slate: true}
  stills: {sheet: 2x2}
  tall: {size: 90x160, reframe: center}
  archive: {container: mkv}
"""

Results = Mapping[str, tuple[InputFile, ...]]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return graph_of(FILM, tmp_path_factory.mktemp("film"), _targets())


@pytest.fixture(scope="module")
def made(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Every node of the film, made in order, without an engine."""
    return _all_made(graph, tmp_path_factory.mktemp("made"))


def _all_made(graph: Graph, root: Path) -> Results:
    results: dict[str, tuple[InputFile, ...]] = {}
    for number, node in enumerate(graph):
        folder = root / str(number)
        folder.mkdir()
        results[node.id] = _made(node, results, folder)
    return results


def _targets() -> dict[str, Target]:
    return {name: create_target(name, {}) for name in ("template", "placeholder", "sketch")}


def _made(node: Node, results: Results, folder: Path) -> tuple[InputFile, ...]:
    if node.text is not None:
        data = node.text.encode()
        return (InputFile("", content(data), None, "text/plain", node.text),)
    inputs: dict[str, tuple[InputFile, ...]] = {}
    facts: dict[str, tuple[Json, ...]] = {}
    for edge in node.inputs:
        first = results[edge.node][0]
        if edge.fact is not None:
            facts[edge.role] = (*facts.get(edge.role, ()), first.facts[edge.fact])
        else:
            inputs[edge.role] = (*inputs.get(edge.role, ()), first)
    kind = KINDS[node.kind]
    params = node.params if kind.settle is None else kind.settle(node.params, facts)
    action = Action(node.id, node.kind, params, inputs, folder, seed=node.seed or 1)
    make = kind.make
    if make is None:
        assert node.target is not None, f"{node.id}: {node.blocked}"
        make = _targets()[node.target.name].make
    given = {file.digest: file for files in inputs.values() for file in files}
    kept = [_kept(one, given, folder / f"out-{n}") for n, one in enumerate(make(action).outputs)]
    take: dict[str, Json] = {} if node.target is None else {"take": 1}
    return tuple(replace(one, facts={**one.facts, **take}) for one in kept)


def _kept(made: Made, given: Mapping[str, InputFile], path: Path) -> InputFile:
    if made.same_as is not None:
        source = given[made.same_as]
        return InputFile("", source.digest, source.path, made.media_type, None, made.facts)
    if made.text is not None:
        data = made.text.encode()
    elif made.data is not None:
        data = made.data
    else:
        assert made.path is not None
        data = made.path.read_bytes()
    path.write_bytes(data)
    return InputFile("", content(data), path, made.media_type, made.text, made.facts)


def _written(made: Results, node: str, path: Path) -> Path:
    """The file of a film, from its assembly."""
    from fvbuild.media.mp4.assembly import write_assembly

    paths = {file.digest: file.path for files in made.values() for file in files if file.path}
    document = made[node][0].path
    assert document is not None
    write_assembly(document.read_bytes(), paths.__getitem__, path)
    return path


def _frames(path: Path) -> int:
    import av

    with av.open(str(path)) as film:
        return sum(1 for _ in film.decode(video=0))


# one 48, two 76 (0.25 + 1.9 + 0.25 + 0.5 + 0.25 s), three 24, four 24, five 48, less 12 and 8.
TOTAL = 48 + 76 + 24 + 24 + 48 - 12 - 8


@pytest.mark.parametrize("node", ["cut", "cut/animatic", "cut/tall"])
def test_a_film_has_exactly_its_frames_and_its_sound(
    node: str, made: Results, tmp_path: Path
) -> None:
    import av

    path = _written(made, node, tmp_path / "film.mp4")
    assert _frames(path) == TOTAL
    with av.open(str(path)) as film:
        (sound,) = film.streams.audio
        assert sound.duration is not None and sound.time_base is not None
        assert abs(sound.duration * sound.time_base - Fraction(TOTAL, 24)) < Fraction(1, 40)
        picture = film.streams.video[0]
        assert (picture.width, picture.height) == ((90, 160) if node == "cut/tall" else (160, 90))
        assert film.metadata["title"] == "Ünï Test"
        starts = [
            (chapter["metadata"]["title"], chapter["start"] * (chapter["time_base"] or 0))
            for chapter in film.chapters()
        ]
        assert starts == [("INT. A", 0), ("EXT. B", Fraction(TOTAL - 48, 24))]


def test_only_the_master_has_the_subtitles_it_asks_for(made: Results, tmp_path: Path) -> None:
    import av

    for node, tracks in (("cut", 1), ("cut/animatic", 0)):
        with av.open(str(_written(made, node, tmp_path / "film.mp4"))) as film:
            assert len(film.streams.subtitles) == tracks


def test_subtitles_follow_the_measured_speech(made: Results) -> None:
    path = made["sound/subtitles/en"][0].path
    assert path is not None
    # Shot two begins 36 frames in; its line a quarter of a second later, and lasts 1.9 s.
    assert path.read_text(encoding="utf-8") == (
        "1\n00:00:01,750 --> 00:00:03,650\nYou came back to me, at last.\n\n"
        "2\n00:00:03,900 --> 00:00:04,400\nYes.\n"
    )


def test_another_container_holds_the_same_film(made: Results) -> None:
    archive = made["cut/archive"][0]
    assert archive.media_type == "video/x-matroska"
    assert archive.path is not None and _frames(archive.path) == TOTAL


def test_the_sheets_hold_every_still(made: Results) -> None:
    pages = made["cut/stills"]
    assert [page.media_type for page in pages] == ["image/png", "image/png"]


def test_transitions_take_only_the_groups_of_pictures_they_touch(made: Results) -> None:
    assert made["a/one/transition"][0].facts["frames"] == 24 + 24 - 12
    assert made["a/four/transition"][0].facts["frames"] == 24 + 24


def test_a_tail_is_the_size_of_its_segment(made: Results) -> None:
    assert made["a/three/tail"][0].facts == {"width": 64, "height": 36}


def test_a_transition_that_speech_leaves_no_room_for_is_a_cut(tmp_path: Path) -> None:
    kind = KINDS["transition"]
    assert kind.settle is not None and kind.make is not None
    stretch: Json = {"fps": "24", "spans": [1, 1], "joins": [["dissolve", 12]], "at": 0}
    params: dict[str, Json] = {"stretch": stretch, "fps": "24", "size": [160, 90], "encoder": ""}
    settled = kind.settle(params, {})
    assert settled == {"kind": "cut", "fps": "24", "size": [160, 90], "encoder": ""}
    (made,) = kind.make(Action("a/transition", "transition", settled, {}, tmp_path)).outputs
    assert made.media_type == "text/plain"


def test_a_silent_film_has_a_silent_track_and_subtitles_of_nothing(tmp_path: Path) -> None:
    import av

    film = """
film: {title: T, size: 160x90}
use: {anchor: placeholder, segment: placeholder}
outputs: {master: {subtitles: [en]}}
shots: [{id: a, action: rain, duration: 1s}]
"""
    made = _all_made(graph_of(film, tmp_path / "film", _targets()), tmp_path)
    srt = made["sound/subtitles/en"][0].path
    assert srt is not None and srt.read_text(encoding="utf-8") == "\n"
    with av.open(str(_written(made, "cut", tmp_path / "film.mp4"))) as cut:
        assert len(cut.streams.audio) == len(cut.streams.subtitles) == 1
    assert _frames(tmp_path / "film.mp4") == 24
