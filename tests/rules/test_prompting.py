"""What prompts are made of: dialects, words for language models, pictures that find room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from naive_build import Painter, graph_of, made_again, model, targets

from fvbuild.engine.graph import Graph
from fvbuild.engine.target import Capabilities, Target

FILM = """
film: {title: T, style: {look: teal}}
targets: {tv: {provider: tv%s}}
use: {segment: [tv, sketch], anchor: %s, caption: %s, motion: %s}
characters: {ann: {look: woman}, ben: {look: man}}
locations: {pier: {look: rotting pier}}
props: {rope: {look: wet rope}}
scenes:
  - id: s
    location: pier
    shots:
      - {id: a, action: she turns, size: wide, camera: push in, characters: [ben, ann], props: rope,
         dialogue: [{speaker: %s, line: Yes.}]}
      - {id: b, mode: direct, action: he goes, characters: ann}
"""


def video(dialect: str = "", *, references: int = 8, longest: int = 161) -> Painter:
    can = replace(
        model().capabilities, dialect=dialect, references=references, frames=(5, longest, 4)
    )
    return Painter(can, {"model": "tv"})


def writer() -> Painter:
    """A language model, as far as the rules see it."""
    return Painter(Capabilities(kinds=frozenset({"caption", "motion"}), seed=False), {"model": "w"})


def film(
    folder: Path,
    *,
    settings: str = "",
    tv: Painter | None = None,
    anchor: str = "sketch",
    text: str = "template",
    speaker: str = "ann",
) -> Graph:
    made_by = {
        **targets(),
        "tv": cast(Target, tv or video()),
        "writer": cast(Target, writer()),
        "camera": cast(Target, video(references=2)),
    }
    return graph_of(FILM % (settings, anchor, text, text, speaker), folder, made_by)


# --- dialects -----------------------------------------------------------------------------------


def test_a_motion_speaks_the_dialect_of_the_model_that_makes_the_clip(tmp_path: Path) -> None:
    graph = film(tmp_path, tv=video("hailuo"))
    assert graph["s/a/motion"].text == "She turns. [Push in] Teal."
    assert graph["s/a/motion"].params["dialect"] == "hailuo"


def test_the_film_may_say_how_its_target_is_spoken_to(tmp_path: Path) -> None:
    graph = film(tmp_path, settings=", dialect: luma", tv=video("hailuo"))
    assert graph["s/a/motion"].text == "She turns. Camera push in. Teal."


def test_a_dialect_that_nobody_wrote_is_spoken_plainly(tmp_path: Path) -> None:
    graph = film(tmp_path, tv=video("martian"))
    assert graph["s/a/motion"].text == "She turns. The camera moves slowly in. Teal."


def test_the_dialect_is_of_the_target_that_can_make_the_clip(tmp_path: Path) -> None:
    """The first target of the list is too short for the shot, so the second one is spoken to."""
    graph = film(tmp_path, tv=video("hailuo", longest=9))
    use = graph["s/a/segment"].target
    assert use is not None and use.name == "sketch"
    assert graph["s/a/motion"].text == "She turns. The camera moves slowly in. Teal."


def test_another_dialect_makes_the_motion_again_and_no_caption(tmp_path: Path) -> None:
    before = film(tmp_path, tv=video("hailuo"))
    again = made_again(before, film(tmp_path, tv=video("wan")))
    assert {"s/a/motion", "s/b/motion"} <= again
    assert not {node for node in again if node.endswith(("caption", "anchor"))}


# --- language models ------------------------------------------------------------------------------


def test_a_language_model_is_told_what_the_vocabulary_says(tmp_path: Path) -> None:
    graph = film(tmp_path, text="writer", tv=video("veo"))
    caption, motion = graph["s/a/caption"], graph["s/a/motion"]
    assert caption.text is None and motion.text is None
    assert caption.params["size"] == "wide shot, the whole place around the figures"
    assert motion.params["camera"] == "the camera moves slowly in"
    assert (motion.params["move"], motion.params["dialect"]) == ("dolly in", "veo")
    assert [edge.role for edge in graph["s/a/anchor"].inputs][:1] == ["caption"]


def test_the_looks_of_all_that_is_visible_are_in_a_caption(tmp_path: Path) -> None:
    text = film(tmp_path)["s/a/caption"].text
    assert text is not None
    for words in ("Man.", "Woman.", "Rotting pier.", "Wet rope.", "teal"):
        assert words in text


def test_a_clip_from_words_alone_gets_caption_motion_and_pictures(tmp_path: Path) -> None:
    roles = [edge.role for edge in film(tmp_path)["s/b/segment"].inputs]
    assert roles == ["motion", "caption", "reference", "plate"]


# --- pictures -------------------------------------------------------------------------------------


def test_pictures_are_chosen_in_the_stated_order_and_the_rest_is_known(tmp_path: Path) -> None:
    anchor = film(tmp_path, anchor="camera")["s/a/anchor"]
    assert [edge.node for edge in anchor.inputs] == [
        "s/a/caption",
        "characters/ben/default",
        "characters/ann/default",
    ]
    assert anchor.left_out == ("locations/pier", "props/rope")


def test_what_finds_room_leaves_nothing_out(tmp_path: Path) -> None:
    assert all(not node.left_out for node in film(tmp_path))


def test_who_speaks_moves_no_picture(tmp_path: Path) -> None:
    """The order is the shot's, so that another line of dialogue draws no picture again."""
    before = film(tmp_path, anchor="camera", speaker="ann")
    after = film(tmp_path, anchor="camera", speaker="ben")
    assert before["s/a/anchor"].inputs == after["s/a/anchor"].inputs
    assert not {node for node in made_again(before, after) if node.endswith(("anchor", "segment"))}


def test_what_is_left_out_is_in_no_key(tmp_path: Path) -> None:
    one = film(tmp_path, anchor="camera")
    node = one["s/a/anchor"]
    other = Graph([replace(n, left_out=()) for n in one], one.kinds)
    assert node.left_out and made_again(one, other) == set()


NAMED = """
film: T
use: {caption: writer, motion: writer}
characters:
  teo: {look: boy of 9, wardrobe: {red: red parka}}
  mara: {look: woman of 60, name: Old Mara}
scenes:
  - id: s
    wardrobe: {teo: red}
    shots: [{id: a, action: "Teo waves, and someone waves back", characters: [mara, teo]}]
"""


def named(folder: Path, text: str = NAMED) -> Graph:
    return graph_of(text, folder, {**targets(), "writer": cast(Target, writer())})


def test_a_language_model_is_told_whom_the_text_names_and_no_other_id(tmp_path: Path) -> None:
    graph = named(tmp_path)
    teo = {"look": "boy of 9", "outfit": "red parka", "called": "Teo"}
    assert graph["s/a/caption"].params["characters"] == [{"look": "woman of 60", "outfit": ""}, teo]
    assert graph["s/a/motion"].params["characters"] == [teo]


def test_a_name_that_the_text_does_not_use_is_in_no_key(tmp_path: Path) -> None:
    before = named(tmp_path)
    after = named(tmp_path, NAMED.replace("mara", "ann").replace("Old Mara", "Ann"))
    again = made_again(before, after)
    assert not {node for node in again if node.endswith(("caption", "motion"))}
