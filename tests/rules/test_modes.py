"""What a shot is made from: modes, choices of target, and lengths that follow speech."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from naive_build import drawing, keys, made_again, model
from small_films import Expanded, able, inputs

from fvbuild.rules import KINDS

# --- modes ----------------------------------------------------------------------------------------


def test_an_anchored_shot(expanded: Expanded) -> None:
    graph = expanded("shots: [{id: a, action: rain}]\n")
    assert inputs(graph, "main/a/anchor") == [("caption", "main/a/caption")]
    assert inputs(graph, "main/a/segment") == [
        ("motion", "main/a/motion"),
        ("start", "main/a/anchor"),
    ]
    assert inputs(graph, "main/a/conform") == [("source", "main/a/segment")]
    assert inputs(graph, "cut") == [
        ("clip", "main/a/conform"),
        ("mix", "sound/mix"),
        ("titles", "cut/titles"),
    ]


def test_the_boundary_of_two_shots_is_made_once(expanded: Expanded) -> None:
    film = (
        "shots:\n"
        "  - {id: a, mode: keyframe, action: rain, last_frame: sun}\n"
        "  - {id: b, mode: keyframe, action: wind, start: a.last_frame, last_frame: night}\n"
    )
    graph = expanded(film)
    assert ("end", "main/a/boundary") in inputs(graph, "main/a/segment")
    assert ("start", "main/a/boundary") in inputs(graph, "main/b/segment")
    assert ("end", "main/b/boundary") in inputs(graph, "main/b/segment")
    assert "main/b/anchor" not in graph and "main/b/caption" not in graph
    assert graph["main/a/boundary-caption"].kind == "caption"


def test_a_chained_shot_begins_on_the_last_frame_before_it(expanded: Expanded) -> None:
    film = "shots:\n  - {id: a, action: rain}\n  - {id: b, mode: chain, action: wind}\n"
    graph = expanded(film)
    assert inputs(graph, "main/a/tail") == [("clip", "main/a/segment")]
    assert ("start", "main/a/tail") in inputs(graph, "main/b/segment")
    assert "main/b/anchor" not in graph


def test_a_chained_shot_goes_on_as_the_shot_before_it_was_framed(expanded: Expanded) -> None:
    film = (
        "shots:\n  - {id: a, size: close-up, angle: low, lens: 85mm, action: rain}\n"
        "  - {id: b, mode: chain, action: wind}\n"
        "  - {id: c, mode: chain, size: wide, action: hail}\n"
        "  - {id: d, mode: chain, angle: high, action: snow}\n"
        "  - {id: e, action: sun}\n"
    )
    graph = expanded(film)
    framed = {}
    for shot in "abcde":
        told = graph[f"main/{shot}/segment"].params["composition"]
        assert isinstance(told, dict)
        framed[shot] = (told["size"], told["angle"], told["lens"])
    assert framed["a"] == framed["b"] == ("close-up", "low", "85mm")
    assert framed["c"] == ("wide", "low", "85mm") and framed["d"] == ("wide", "high", "85mm")
    assert framed["e"] == ("", "", "")


def test_a_direct_shot_is_made_of_words_and_references(expanded: Expanded) -> None:
    film = (
        "characters: {teo: {look: boy}}\nprops: {hat: {look: red hat}}\n"
        "locations: {pier: {look: old pier}}\n"
        "scenes:\n  - id: s\n    location: pier\n    shots:\n"
        "      - {id: a, mode: direct, characters: [teo], props: [hat], action: rain}\n"
    )
    graph = expanded(film)
    assert inputs(graph, "s/a/segment") == [
        ("motion", "s/a/motion"),
        ("caption", "s/a/caption"),
        ("reference", "characters/teo/default"),
        ("plate", "locations/pier"),
        ("prop", "props/hat"),
    ]
    assert "s/a/anchor" not in graph


def test_pictures_and_words_given_by_hand_replace_their_nodes(
    expanded: Expanded, tmp_path: Path
) -> None:
    (tmp_path / "art").mkdir()
    for name in ("first.png", "last.png"):
        (tmp_path / "art" / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    film = (
        "shots:\n  - {id: a, mode: keyframe, first_frame: art/first.png, "
        "last_frame: art/last.png, motion: rain falls}\n"
        "  - {id: b, caption: a wet street, action: rain}\n"
    )
    graph = expanded(film)
    assert inputs(graph, "main/a/segment") == [
        ("motion", "main/a/motion"),
        ("start", "files/art/first.png"),
        ("end", "files/art/last.png"),
    ]
    assert "main/a/anchor" not in graph and "main/a/boundary" not in graph
    assert graph["main/a/motion"].text == "rain falls"
    assert graph["main/b/caption"].text == "a wet street"
    assert graph["main/b/caption"].target is None
    assert graph["files/art/first.png"].file == str(tmp_path / "art/first.png")


def test_as_many_references_as_the_target_takes(expanded: Expanded) -> None:
    film = (
        "use: {anchor: few}\n"
        "characters: {teo: {look: boy}, mara: {look: woman}}\nprops: {hat: {look: red hat}}\n"
        "shots: [{id: a, characters: [mara, teo], props: [hat], action: rain}]\n"
    )
    few = able(drawing(), references=2)
    graph = expanded(film, few=few)
    assert inputs(graph, "main/a/anchor") == [
        ("caption", "main/a/caption"),
        ("reference", "characters/mara/default"),
        ("reference", "characters/teo/default"),
    ]


def test_what_nobody_wears_is_in_the_graph_but_not_among_the_goals(expanded: Expanded) -> None:
    film = (
        "characters: {teo: {look: boy, wardrobe: {red: red coat, blue: blue coat}}}\n"
        "shots: [{id: a, characters: [teo], wardrobe: {teo: red}, action: rain}]\n"
    )
    graph = expanded(film)
    assert "characters/teo/blue" in graph
    assert "characters/teo/blue" not in graph.closure(graph.outputs)


def test_what_the_films_own_vocabulary_says_of_a_word_is_what_texts_say(expanded: Expanded) -> None:
    film = (
        "vocabulary: {camera: {falling leaf: %s}}\n"
        "shots: [{id: a, camera: falling leaf, action: rain}, {id: b, action: wind}]\n"
    )
    before = expanded(film % "the camera sinks")
    assert before["main/a/motion"].text == "Rain. The camera sinks. Teal."
    assert before["main/a/motion"].params["camera"] == "falling leaf"
    after = expanded(film % "the camera sways")
    assert {node for node in made_again(before, after) if after[node].text is None} == {
        "main/a/segment",
        "main/a/conform",
        "cut",
    }


@pytest.mark.parametrize(
    ("strategy", "text"),
    [
        ("combined", "Rain. The camera is still. Teal."),
        ("motion-only", "Rain. The camera is still."),
        ("original", "rain"),
    ],
)
def test_strategies_of_a_motion(strategy: str, text: str, expanded: Expanded) -> None:
    film = f"shots: [{{id: a, strategy: {strategy}, action: rain}}]\n"
    assert expanded(film)["main/a/motion"].text == text


# --- targets --------------------------------------------------------------------------------------


def test_structured_fields_go_only_to_targets_that_want_them(expanded: Expanded) -> None:
    film = "use: {anchor: %s, segment: %s}\nshots: [{id: a, size: wide, action: rain}]\n"
    wants = expanded(film % ("sketch", "sketch"))
    plain = expanded(film % ("placeholder", "placeholder"))
    assert wants["main/a/anchor"].params["composition"]["size"] == "wide"  # type: ignore[index,call-overload]
    assert wants["main/a/segment"].params["move"] == {"camera": "static", "frames": 96}
    assert set(plain["main/a/anchor"].params) == {"canvas"}
    assert set(plain["main/a/segment"].params) == {"canvas", "frames"}


def test_the_next_target_of_the_list_where_the_first_cannot(expanded: Expanded) -> None:
    short = able(model(), last_frame=False)
    film = (
        "use: {segment: [short, placeholder]}\n"
        "shots: [{id: a, mode: keyframe, action: rain, last_frame: sun}, {id: b, action: rain}]\n"
    )
    graph = expanded(film, short=short)
    chosen = [graph[f"main/{shot}/segment"].target for shot in "ab"]
    assert [(use.name, use.fallbacks) for use in chosen if use] == [
        ("placeholder", ()),
        ("short", ("placeholder",)),
    ]


@pytest.mark.parametrize(
    ("can", "shot", "why"),
    [
        ({"first_frame": False}, "action: rain", "cannot start from a picture"),
        (
            {"last_frame": False},
            "mode: keyframe, action: rain, last_frame: sun",
            "end on a picture",
        ),
        ({"text_to_video": False}, "mode: direct, action: rain", "`mode: direct`"),
        ({"kinds": frozenset({"anchor"})}, "action: rain", "makes no segment"),
        ({"frames": (1, 48, 1)}, "action: rain, duration: 9s", "lasts 9 s, longer than"),
    ],
)
def test_what_no_target_can_do_is_blocked_and_says_why(
    can: dict[str, object], shot: str, why: str, expanded: Expanded
) -> None:
    weak = able(model(), **can)
    film = f"use: {{segment: weak}}\nshots: [{{id: a, {shot}}}]\n"
    node = expanded(film, weak=weak)["main/a/segment"]
    assert node.blocked is not None and why in node.blocked
    assert node.target is None


def test_a_target_that_is_not_there_blocks_only_what_needs_it(expanded: Expanded) -> None:
    film = (
        "targets: {veo: {provider: google}}\nuse: {segment: veo}\n"
        "outputs: {master: {}, animatic: {from: anchor}, stills: {sheet: 2x2}}\n"
        "shots: [{id: a, action: rain}]\n"
    )
    graph = expanded(film)
    assert "'veo' is not installed" in str(graph["main/a/segment"].blocked)
    makeable = keys(graph)
    assert {"cut/animatic", "cut/stills"} <= set(makeable)
    assert not {"cut", "main/a/conform"} & set(makeable)


def test_frames_are_rounded_up_to_what_the_target_makes(expanded: Expanded) -> None:
    film = "use: {segment: placeholder}\nshots: [{id: a, action: rain, duration: 2.1s}]\n"
    graph = expanded(film)
    # 16 fps in steps of 4k + 1: 33.6 frames are wanted.
    assert graph["main/a/segment"].params["frames"] == 37
    assert graph["main/a/conform"].params["frames"] == 50


def test_seeds_are_of_the_recipe_only_where_the_target_draws_by_them(expanded: Expanded) -> None:
    film = "use: {segment: deaf}\nshots: [{id: a, seed: 7, action: rain}]\n"
    deaf = able(model(), seed=False)
    graph = expanded(film, deaf=deaf)
    assert (graph["main/a/anchor"].seed, graph["main/a/segment"].seed) == (7, None)


def test_only_a_model_that_hears_gets_the_lines(expanded: Expanded) -> None:
    film = (
        "use: {segment: hears}\ncharacters: {teo: {look: boy}}\n"
        "shots: [{id: a, action: rain, dialogue: [{speaker: teo, line: Hm., delivery: dry}]}]\n"
    )
    hears = able(model(), hears_dialogue=True)
    graph = expanded(film, hears=hears)
    assert graph["main/a/segment"].params["dialogue"] == [
        {"line": "Hm.", "delivery": "dry", "speaker": "boy"}
    ]
    assert graph["main/a/motion"].text == "Rain. The camera is still. Spoken dry. Teal."


# --- lengths that follow speech -------------------------------------------------------------------


def test_a_length_that_follows_its_lines_is_settled_from_their_seconds(expanded: Expanded) -> None:
    film = (
        "characters: {teo: {look: boy}}\n"
        "shots: [{id: a, duration: dialogue, action: rain, "
        "dialogue: [{speaker: teo, line: One two.}, {speaker: teo, line: Three.}]}]\n"
    )
    graph = expanded(film)
    node = graph["main/a/segment"]
    assert [(edge.role, edge.node, edge.fact) for edge in node.inputs if edge.fact] == [
        ("length", "main/a/speech", "seconds"),
        ("length", "main/a/speech-2", "seconds"),
    ]
    settle = KINDS["segment"].settle
    assert settle is not None
    settled = settle(node.params, {"length": (1.0, 0.5)})
    # A quarter of a second before, between and after: 2.25 s.
    assert settled["frames"] == 54
    assert settled["move"] == {"camera": "static", "frames": 54}


def test_the_price_of_an_open_length_is_a_range(expanded: Expanded) -> None:
    film = (
        "use: {segment: paid}\ncharacters: {teo: {look: boy}}\n"
        "shots:\n  - {id: a, duration: dialogue, action: x, "
        "dialogue: [{speaker: teo, line: some words that are said}]}\n"
        "  - {id: b, duration: 4s, action: x}\n"
    )
    paid = replace(drawing(), price_of_second=0.5)
    graph = expanded(film, paid=paid)
    open_, known = graph["main/a/segment"].price, graph["main/b/segment"].price
    assert open_ is not None and 0 < open_.min < open_.likely < open_.max
    assert known is not None and (known.min, known.likely, known.max) == (2.0, 2.0, 2.0)
