"""Changes of recipes in film words: never a sample, a digest or a piece of JSON."""

from __future__ import annotations

import pytest

from fvbuild.engine.digest import Json
from fvbuild.engine.events import Act, Change, Reason, Step
from fvbuild.report.changes import all_changes, change, phrases


def _node(kind: str, *changes: Change) -> list[tuple[Step, Change]]:
    step = Step(f"a/b/{kind}", kind, Act.BUILD, Reason.RECIPE_CHANGED)
    return [(step, one) for one in changes]


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        ("camera", "dolly in", "pan left", "camera changed (dolly in -> pan left)"),
        ("move.camera", "static", "zoom in", "camera changed (static -> zoom in)"),
        ("composition.size", "wide", "full", "size changed (wide -> full)"),
        ("characters.0.outfit", "coat", "suit", "character outfit changed (coat -> suit)"),
        ("canvas", [1280, 720], [720, 1280], "picture size changed (1280x720 -> 720x1280)"),
        ("frames", 96, 120, "length changed (96 -> 120 frames)"),
        ("frames", 1, 2, "length changed (1 frame -> 2 frames)"),
        ("samples", 48000, 72000, "sound length changed (1.0 -> 1.5 s)"),
        ("fps", "24", "25", "rate changed (24 -> 25 fps)"),
        ("fps", "24000/1001", "24", "rate changed (23.976 -> 24 fps)"),
        ("negative", None, "blur", "negative added (blur)"),
        ("negative", "blur", None, "negative removed (was blur)"),
        ("guidance", None, 4.0, "guidance added (4)"),
        ("overlay", True, False, "overlay changed (yes -> no)"),
        ("start", ["a" * 64], ["b" * 64], "start picture changed"),
        ("like", ["a" * 64], ["b" * 64], "picture it is matched to changed"),
        ("reference", ["a" * 64], ["a" * 64, "b" * 64], "1 reference added"),
        ("prop", ["a" * 64, "b" * 64], ["b" * 64, "a" * 64], "order of the props changed"),
        ("target.model", "flux-1", "flux-2", "target model changed (flux-1 -> flux-2)"),
        ("version", 1, 2, "fvbuild's own rule changed (1 -> 2)"),
        ("characters.1", {"look": "tall man", "outfit": "suit"}, None,
         "character removed (was tall man in suit)"),
        ("slate", {"scene": "pier", "shot": "one", "take": None}, None,
         "slate removed (was scene pier, shot one)"),
    ],
)  # fmt: skip
def test_a_change_reads_as_a_person_would_say_it(
    path: str, old: Json, new: Json, told: str
) -> None:
    assert change(Change(path, old, new)) == told


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        ("mix", [("cues.0.at", 192000, 144000)], "sound moved from 00:04.0 to 00:03.0"),
        ("mix", [("cues.0.at", 0, 24000), ("cues.1.at", 48000, 72000)],
         "2 sounds come 0.5 s later"),
        ("mix", [("cues.0.at", 0, 24000), ("cues.1.at", 48000, 96000)], "2 sounds moved"),
        ("mix", [("cues.0.at", 0, 24000), ("samples", 48000, 96000)],
         "sound moved from 00:00.0 to 00:00.5"),
        ("mix", [("samples", 48000, 96000)], "length of the film changed (1.0 -> 2.0 s)"),
        ("mix", [("cues.2.gain_db", -22.0, -20.0)], "level changed (-22 -> -20 dB)"),
        ("mix", [("loudness_lufs", -16.0, -20.0)], "loudness changed (-16 -> -20 LUFS)"),
        ("mix", [("cues.1.role", "effect", "music"), ("cues.2", None, {"role": "music"})],
         "1 sound added"),
        ("subtitles", [("cues.0.0", 8000, 6000), ("cues.0.1", 9000, 7000)],
         "subtitle moved from 00:08.0 to 00:06.0"),
        ("subtitles", [("cues.0.1", 9000, 9500)],
         "end of a subtitle moved from 00:09.0 to 00:09.5"),
        ("subtitles", [("cues.1", None, [0, 900, "Home."])], "subtitle added (Home.)"),
        ("titles", [("chapters.1.0", 502, 514)], "chapter moved from frame 502 to frame 514"),
        ("titles", [("chapters.1.1", "DECK", "PIER")], "heading changed (DECK -> PIER)"),
        ("titles", [("starts.1", 36, 48)], "shot moved from frame 36 to frame 48"),
        ("conform", [("slate.start_frame", 36, 48)], "shot moved from frame 36 to frame 48"),
        ("transition", [("length", 12, 24), ("from", 96, 72)], "length changed (12 -> 24 frames)"),
        ("transition", [("from", 96, 72)],
         "its begin in the first shot moved from frame 96 to frame 72"),
        ("conform", [("size.0", 320, 640), ("size.1", 180, 360)],
         "size changed (320x180 -> 640x360)"),
        ("conform", [("size.1", 720, 800)], "height changed (720 -> 800)"),
        ("cut", [("joins.0.1", "dissolve", "wipe")], "transition changed (dissolve -> wipe)"),
        ("cut", [("after.0", 5, 6), ("after.1", 9, 10), ("joins.0.0", 5, 6)],
         "2 transitions come 1 shot later"),
        ("cut", [("clip", ["a" * 64], ["b" * 64, "a" * 64]), ("after.0", 5, 6)], "1 clip added"),
        ("cut", [("subtitles", ["a" * 64], ["a" * 64, "b" * 64]), ("subtitles.1", None, "fr")],
         "subtitle language added (fr)"),
        ("speech", [("text", "You came.", "You went.")], "line changed (You came. -> You went.)"),
    ],
)  # fmt: skip
def test_the_changes_of_a_node_are_told_in_its_units(
    kind: str, changes: list[tuple[str, Json, Json]], told: str
) -> None:
    assert phrases(kind, [Change(*one) for one in changes])[0] == told
    assert all_changes(_node(kind, *(Change(*one) for one in changes))).startswith(told)


def test_of_long_texts_only_the_differing_words_are_told() -> None:
    old = "the figure walks slowly to the very end of the rotting pier and stops"
    new = "the figure runs slowly to the very end of the rotting pier and stops"
    told = change(Change("action", old, new))
    assert told == "action changed (… figure walks slowly … -> … figure runs slowly …)"


def test_one_edit_that_arrives_by_two_paths_is_told_once() -> None:
    look = [Change(path, "warm", "cold") for path in ("look", "style.look", "composition.look")]
    assert all_changes(_node("anchor", *look)) == "style look changed (warm -> cold)"


def test_a_location_is_told_once_wherever_its_look_arrives() -> None:
    looks = "a large salon with an old grand piano", "a large salon with a table"
    found = [*_node("anchor", Change("composition.location.look", *looks))]
    found += _node("caption", Change("location", *looks))
    told = "location look changed (… with an old grand piano -> … with a table)"
    assert all_changes(found) == told


def test_what_is_cut_ends_with_one_ellipsis() -> None:
    old = "dark hall with nothing but one enormous broken piano in it at night"
    told = change(Change("look", old, old.replace("nothing but one enormous broken", "a")))
    assert told == "look changed (… with nothing but one enormous bro… -> … with a piano …)"


@pytest.mark.parametrize("path", ["composition.characters", "characters"])
def test_the_same_characters_in_another_order(path: str) -> None:
    first, second = ("man", "coat"), ("woman", "suit")
    swapped = [
        Change(f"{path}.{at}.{part}", a, b)
        for at, (old, new) in enumerate([(first, second), (second, first)])
        for part, a, b in zip(("look", "outfit"), old, new, strict=True)
    ]
    assert all_changes(_node("anchor", *swapped)) == "order of the characters changed"
    assert "woman" in all_changes(_node("anchor", *swapped[:3]))


def test_of_many_changes_the_first_are_told_and_their_number() -> None:
    many = [Change(name, 1, 2) for name in ("seed", "guidance", "strength", "steps")]
    assert all_changes(_node("segment", *many)) == (
        "seed changed (1 -> 2), guidance changed (1 -> 2) and 2 more"
    )


def test_a_value_of_any_length_stays_short() -> None:
    told = change(Change("look", "a" * 5000, {"deep": ["b"] * 5000}))
    assert len(told) < 120
