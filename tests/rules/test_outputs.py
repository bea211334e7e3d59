"""What gates, finishes, checks and delivers a film, and how its nodes are named and shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from naive_build import drawing, keys
from small_films import HEAD, Expanded, inputs, made_by

from fvbuild.engine.graph import Graph
from fvbuild.engine.target import Capabilities
from fvbuild.film.load import load
from fvbuild.rules import KINDS, expand

# --- gates, takes, finishing, checks --------------------------------------------------------------


def test_what_is_to_be_approved_gates_what_is_made_from_it(expanded: Expanded) -> None:
    film = (
        "film: {title: T, approve: [anchor]}\n"
        "outputs: {master: {}, animatic: {from: anchor}, stills: {sheet: 2x2}}\n"
        "shots: [{id: a, action: rain}, {id: b, mode: chain, action: wind}]\n"
    )
    graph = expanded(film)
    assert {node.id: node.gates for node in graph if node.gates} == {
        "main/a/segment": frozenset({"main/a/anchor"})
    }


def test_takes_are_of_the_kinds_they_are_given_for(expanded: Expanded) -> None:
    film = "shots: [{id: a, action: rain, takes: {anchor: 3}}]\n"
    graph = expanded(film)
    assert (graph["main/a/anchor"].takes, graph["main/a/segment"].takes) == (3, 1)


def test_finishing_blocks_the_film_but_not_its_stills(expanded: Expanded) -> None:
    film = (
        "finish: {upscale: true, match: anchor, interpolate: true}\n"
        "outputs: {master: {}, animatic: {from: anchor}}\nshots: [{id: a, action: rain}]\n"
    )
    graph = expanded(film)
    assert inputs(graph, "main/a/match") == [
        ("source", "main/a/segment"),
        ("like", "main/a/anchor"),
    ]
    assert inputs(graph, "main/a/upscale") == [("source", "main/a/match")]
    assert inputs(graph, "main/a/conform") == [("source", "main/a/interpolate")]
    assert "`finish.upscale`" in str(graph["main/a/upscale"].blocked)
    makeable = keys(graph)
    assert {"cut/animatic", "main/a/segment"} <= set(makeable)
    assert "cut" not in makeable


def test_finishing_by_a_target_that_can(tmp_path: Path) -> None:
    (tmp_path / "film.yaml").write_text(
        HEAD + "finish: {upscale: true}\nshots: [{id: a, action: rain}]\n", encoding="utf-8"
    )
    film = load(tmp_path / "film.yaml").variants[0]
    (shot,) = film.shots()
    shot = replace(shot, use={**shot.use, "upscale": ("sharp",)})
    film = replace(film, scenes=(replace(film.scenes[0], shots=(shot,)),))
    sharp = replace(drawing(), capabilities=Capabilities(kinds=frozenset({"upscale"})))
    node = expand([film], made_by(sharp=sharp), folder=tmp_path)["main/a/upscale"]
    assert node.blocked is None
    assert node.target is not None and node.target.name == "sharp"
    assert node.params == {"size": [1280, 720]}


def test_checks_hang_beside_and_block_nothing(expanded: Expanded) -> None:
    film = "checks: {motion: 0.4, safety: block}\nshots: [{id: a, action: rain}]\n"
    graph = expanded(film)
    assert graph["main/a/check"].params == {"motion": 0.4, "safety": "block"}
    assert "`checks.motion` and `checks.safety`" in str(graph["main/a/check"].blocked)
    assert "main/a/check" not in graph.closure(graph.outputs)
    assert "cut" in keys(graph)


# --- outputs --------------------------------------------------------------------------------------


def test_outputs_are_shown_under_the_films_title(expanded: Expanded) -> None:
    film = (
        "film: The Last Ferry\n"
        "outputs: {animatic: {from: anchor}, edit: [otio], web: {container: webm}}\n"
        "shots: [{id: a, action: rain}]\n"
    )
    graph = expanded(film)
    assert graph.outputs == ("cut/animatic", "cut/edit", "cut/web")
    assert graph["cut"].out == "the-last-ferry"
    assert graph["cut/animatic"].out == "the-last-ferry-animatic"
    assert "otio" in str(graph["cut/edit"].blocked)
    assert "webm" in str(graph["cut/web"].blocked)


@pytest.mark.parametrize(
    ("title", "name"), [("Été / L'île", "été-lîle"), ("...!", "film"), ("海辺", "海辺")]
)
def test_a_title_is_shown_as_a_file_name(title: str, name: str, expanded: Expanded) -> None:
    graph = expanded(f'film: "{title}"\nshots: [{{id: a, action: rain}}]\n')
    assert graph["cut"].out == name


def test_an_output_of_another_size_has_clips_of_its_own(expanded: Expanded) -> None:
    film = (
        "outputs: {master: {}, tall: {size: 360x640, reframe: center}, "
        "left: {size: 360x640, reframe: left}, small: {size: 640x360}}\n"
        "shots: [{id: a, action: rain, transition: dissolve 6f}, {id: b, action: wind}]\n"
    )
    graph = expanded(film)
    assert graph["cut/tall/main/a"].kind == "reframe"
    assert graph["cut/tall/main/a"].params["size"] == [360, 640]
    assert graph["cut/tall/main/a"].blocked is None
    assert "`reframe: left`" in str(graph["cut/left/main/a"].blocked)
    assert graph["cut/small/main/a"].kind == "conform"
    assert inputs(graph, "cut/small/main/a/transition") == [
        ("first", "cut/small/main/a"),
        ("second", "cut/small/main/b"),
    ]


def test_an_animatic_needs_no_segment(expanded: Expanded) -> None:
    film = (
        "outputs: {animatic: {from: anchor, slate: true}}\n"
        "shots:\n"
        "  - {id: a, mode: keyframe, action: rain, last_frame: sun}\n"
        "  - {id: b, mode: chain, action: wind}\n"
        "  - {id: c, mode: direct, action: snow}\n"
    )
    graph = expanded(film)
    needed = {graph[node].kind for node in graph.closure(["cut/animatic"])}
    assert not needed & {"segment", "tail", "motion"}
    for shot, picture in (("b", "main/a/boundary"), ("c", "main/c/anchor")):
        assert inputs(graph, f"cut/animatic/main/{shot}") == [
            ("picture", picture),
            ("take", picture),
        ]
    slate = {"scene": "main", "shot": "a", "start_frame": 0}
    assert graph["cut/animatic/main/a"].params["slate"] == slate


def test_a_slate_is_burnt_into_the_masters_clips(expanded: Expanded) -> None:
    film = "outputs: {master: {slate: true}}\nshots: [{id: a, action: rain}]\n"
    graph = expanded(film)
    assert inputs(graph, "cut")[0] == ("clip", "cut/master/main/a")
    assert inputs(graph, "cut/master/main/a") == [
        ("clip", "main/a/conform"),
        ("take", "main/a/segment"),
    ]
    settle = KINDS["conform"].settle
    assert settle is not None
    settled = settle(graph["cut/master/main/a"].params, {"take": (2,)})
    expected = {"scene": "main", "shot": "a", "take": "2", "start_frame": 0}
    assert settled["slate"] == expected


SLATED = (
    "outputs: {animatic: {from: anchor, slate: true}, web: {}}\n"
    "characters: {teo: {look: boy}}\n"
    "scenes:\n"
    "  - id: pier\n"
    "    shots:\n"
    "      - {id: a, duration: 2s, action: x, transition: dissolve 12f}\n"
    "      - {id: b, duration: 3s, action: y}\n"
    "      - {id: c, duration: 1s, action: z}\n"
)
SPOKEN = SLATED + (
    "      - {id: d, duration: dialogue, action: w, characters: [teo], dialogue: "
    "[{speaker: teo, line: Hello there.}]}\n"
    + "".join(f"      - {{id: {shot}, duration: 1s, action: v}}\n" for shot in "efg")
)


def slate_of(graph: Graph, shot: str) -> dict[str, Any]:
    """What the slate of a shot of the pier says in the animatic."""
    slate = graph[f"cut/animatic/pier/{shot}"].params["slate"]
    assert isinstance(slate, dict)
    return slate


def test_a_slate_shows_where_in_the_film_its_shot_begins(expanded: Expanded) -> None:
    graph = expanded(SLATED)
    starts = [slate_of(graph, shot)["start_frame"] for shot in "abc"]
    assert starts == [0, 48 - 12, 48 - 12 + 72]
    assert "slate" not in graph["pier/b/conform"].params


def test_only_slates_and_what_shows_them_follow_an_earlier_length(expanded: Expanded) -> None:
    before = expanded(SLATED)
    after = expanded(SLATED.replace("duration: 3s", "duration: 4s"))
    changed = {node.id for node in after if node.params != before[node.id].params}
    assert "cut/animatic/pier/c" in changed and "cut/animatic/pier/a" not in changed
    assert not {node for node in changed if node.startswith("pier/c/")}


def test_a_slate_after_an_open_length_waits_for_the_titles_measure(expanded: Expanded) -> None:
    graph = expanded(SPOKEN)
    assert slate_of(graph, "a")["start_frame"] == 0
    late = graph["cut/animatic/pier/g"]
    assert "start_frame" not in slate_of(graph, "g")
    assert ("start", "cut/titles") in inputs(graph, late.id)
    titles, conform = KINDS["titles"].settle, KINDS["conform"].settle
    assert titles is not None and conform is not None
    told = titles(graph["cut/titles"].params, {"length": (1.5,)})
    assert told["starts"] == [0, 36, 108, 132, 180, 204, 228]
    settled = conform(late.params, {"take": (1,), "start": (228,)})
    assert settled["slate"] == {"scene": "pier", "shot": "g", "take": "1", "start_frame": 228}


def test_titles_measure_starts_only_for_slates(expanded: Expanded) -> None:
    plain = SPOKEN.replace("slate: true", "slate: false")
    assert "slated" not in expanded(plain)["cut/titles"].params


def test_variants_have_nodes_of_their_own_and_share_files(
    expanded: Expanded, tmp_path: Path
) -> None:
    (tmp_path / "first.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    film = (
        "film: T\nmatrix: {shape: {wide: {film: {size: 640x360}}, tall: {film: {size: 360x640}}}}\n"
        "characters: {teo: {look: boy}}\n"
        "shots: [{id: a, first_frame: first.png, action: x}, {id: b, action: y}]\n"
    )
    graph = expanded(film)
    assert graph.outputs == ("cut@wide", "cut@tall")
    assert ("start", "files/first.png") in inputs(graph, "main/a/segment@tall")
    assert graph["main/b/anchor@tall"].out == "main/b@tall/anchor"
    assert graph["cut@tall"].out == "t@tall"
    assert graph["characters/teo/default@wide"].out == "characters/teo@wide/default"


def test_sounds_given_as_files_are_mixed_as_they_are(expanded: Expanded, tmp_path: Path) -> None:
    (tmp_path / "bell.wav").write_bytes(b"sound")
    film = (
        "sound: {effects: [{at: a+1s, file: bell.wav}], loudness: -20 LUFS}\n"
        "shots: [{id: a, action: x, duration: 2s}]\n"
    )
    graph = expanded(film)
    assert inputs(graph, "sound/mix") == [("effect", "files/bell.wav")]
    params = graph["sound/mix"].params
    assert params["cues"] == [{"role": "effect", "gain_db": -3.0, "at": 48_000}]
    assert (params["loudness_lufs"], params["samples"]) == (-20.0, 96_000)


def test_every_node_says_where_it_comes_from_and_what_it_is(expanded: Expanded) -> None:
    text = (Path(__file__).parent / "films/ferry.yaml").read_text(encoding="utf-8")
    for node in expanded(text):
        assert node.loc is not None and node.loc.startswith("film.yaml:"), node.id
        assert node.title, node.id


def test_no_id_of_the_film_is_in_any_recipe(expanded: Expanded) -> None:
    """Only a slate carries ids, and this film has none."""
    text = (Path(__file__).parent / "films/ferry.yaml").read_text(encoding="utf-8")
    for word in ("arrival", "taken", "promise", "crossing"):
        text = text.replace(word, f"zzz-{word}")
    for node in expanded(text):
        assert "zzz-" not in repr(dict(node.params)), node.id
