"""The edit table, a contract: what an edit makes again, and nothing else.

Every row is an edit of a film's text (old, new) and the nodes that have no result afterwards. A
shot's ``clip`` is its segment and what finishes and joins it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

import pytest
from naive_build import FILMS, graph_of, made_again

CUT = ("cut",)
TIMES = ("sound/mix", "sound/subtitles/en", "cut/titles")
"""What follows from the lengths of the shots before it."""


@dataclass(frozen=True)
class Edit:
    """One row: texts to replace in a film, and the globs of exactly what is made again."""

    name: str
    film: str
    changes: tuple[tuple[str, str], ...]
    again: tuple[str, ...] = ()


def clip(*shots: str, joins: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The clips of shots, the joins named, and the cut."""
    own = [f"{shot}/{kind}" for shot in shots for kind in ("segment", "conform")]
    return (*own, *(f"{shot}/transition" for shot in joins), *CUT)


def drawn(*shots: str) -> tuple[str, ...]:
    """The captions and anchors of shots."""
    return tuple(f"{shot}/{kind}" for shot in shots for kind in ("caption", "anchor"))


def chained(shot: str, after: str) -> tuple[str, ...]:
    """A shot's last frame, and the clip of the shot that begins on it."""
    return (f"{shot}/tail", f"{after}/segment", f"{after}/conform")


TAKEN = ("pier/taken",)
INTO_TURN = chained("pier/promise", "pier/turn")
ARRIVAL = (
    "        first_frame: empty pier, a tiny figure\n        action: the figure walks to the end\n"
)

FERRY = [
    Edit("comment", "ferry", (("film:\n", "# a comment\nfilm:\n"),)),
    Edit("formatting", "ferry", (("    time: dusk\n", "    time:   'dusk'\n\n"),)),
    Edit(
        "key order",
        "ferry",
        (
            (
                "        angle: high\n        lens: 24mm\n",
                "        lens: 24mm\n        angle: high\n",
            ),
        ),
    ),
    Edit("axis", "ferry", (("{left: teo, right: mara}", "{left: mara, right: teo}"),)),
    Edit(
        "a shot's id",
        "ferry",
        (
            ("id: ticket\n", "id: paper\n"),
            ("ticket.last_frame", "paper.last_frame"),
            ("id: arrival\n", "id: opening\n"),
            ("at: arrival+1s", "at: opening+1s"),
            ("pier/arrival..", "pier/opening.."),
        ),
    ),
    Edit(
        "a character's id",
        "ferry",
        (("mara:", "marah:"), ("mara]", "marah]"), (": mara", ": marah")),
    ),
    Edit(
        "fallback list",
        "ferry",
        (("scenes:\n", "use: {segment: [sketch, placeholder]}\nscenes:\n"),),
    ),
    Edit("film title", "ferry", (("The Last Ferry", "The First Ferry"),), ("cut/titles", *CUT)),
    Edit("heading", "ferry", (("EXT. PIER - DUSK", "EXT. PIER"),), ("cut/titles", *CUT)),
    Edit("loudness", "ferry", (("-16 LUFS", "-14 LUFS"),), ("sound/mix", *CUT)),
    Edit("level of a sound", "ferry", (("gain: -22dB", "gain: -20dB"),), ("sound/mix", *CUT)),
    Edit("subtitles", "ferry", (("[en]", "[en, fr]"),), CUT),
    Edit(
        "a transition's kind",
        "ferry",
        (("dissolve 12f", "wipe 12f"),),
        ("pier/taken/transition", *CUT),
    ),
    Edit(
        "a transition's length",
        "ferry",
        (("dissolve 12f", "dissolve 18f"),),
        ("pier/taken/transition", *TIMES, *CUT),
    ),
    Edit(
        "a new transition",
        "ferry",
        (("he stands at the rail\n", "he stands at the rail\n        transition: fade 10f\n"),),
        ("deck/rail/transition", *CUT),
    ),
    Edit(
        "a line, in a shot of fixed length",
        "ferry",
        (("Is it far?", "Is it near by?"),),
        ("deck/rail/speech", "sound/subtitles/en", "sound/mix", *CUT),
    ),
    Edit(
        "a line of equal length, in a shot that lasts as long",
        "ferry",
        (("You came back.", "You went away."),),
        ("pier/promise/speech", "sound/subtitles/en", "sound/mix", *CUT),
    ),
    Edit(
        "a longer line, in a shot that lasts as long",
        "ferry",
        (("You came back.", "You came back to me."),),
        ("pier/promise/speech", *TIMES, *INTO_TURN, *clip("pier/promise", joins=TAKEN)),
    ),
    Edit(
        "how a line is spoken",
        "ferry",
        (("delivery: dry", "delivery: warm"),),
        (
            "pier/promise/speech",
            "pier/promise/motion",
            "sound/mix",
            *INTO_TURN,
            *clip("pier/promise", joins=TAKEN),
        ),
    ),
    Edit(
        "duration",
        "ferry",
        (
            (
                "        duration: 5s\n        characters: [teo]\n        first",
                "        duration: 6s\n        characters: [teo]\n        first",
            ),
        ),
        (*clip("pier/arrival"), *TIMES),
    ),
    Edit(
        "duration of a shot with a transition",
        "ferry",
        (
            (
                "duration: 4s\n        characters: [teo, mara]",
                "duration: 5s\n        characters: [teo, mara]",
            ),
        ),
        (*clip("pier/taken", joins=TAKEN), *TIMES),
    ),
    Edit(
        "visible characters",
        "ferry",
        (("action: harbour lights", "characters: [mara]\n        action: harbour lights"),),
        (*drawn("deck/lights"), *clip("deck/lights")),
    ),
    Edit(
        "visible props",
        "ferry",
        (("action: harbour lights", "props: [ticket]\n        action: harbour lights"),),
        (*drawn("deck/lights"), *clip("deck/lights")),
    ),
    Edit(
        "location of a shot",
        "ferry",
        (("action: harbour lights", "location: pier\n        action: harbour lights"),),
        (*drawn("deck/lights"), *clip("deck/lights")),
    ),
    Edit(
        "film size, same ratio",
        "ferry",
        (("1280x720", "1920x1080"),),
        ("*/*/conform", "*/*/transition", *CUT),
    ),
    Edit(
        "film size, another ratio",
        "ferry",
        (("1280x720", "1280x1280"),),
        (
            "characters/*",
            "locations/*",
            "props/*",
            "*/*/anchor",
            "*/*/boundary",
            "*/*/segment",
            "*/*/tail",
            "*/*/conform",
            "*/*/transition",
            *CUT,
        ),
    ),
    Edit(
        "negative of a segment",
        "ferry",
        (("action: he stands", "negative: blur\n        action: he stands"),),
        clip("deck/rail"),
    ),
    Edit(
        "guidance of a segment",
        "ferry",
        (("action: he stands", "guidance: 6\n        action: he stands"),),
        clip("deck/rail"),
    ),
    Edit(
        "seed of a shot",
        "ferry",
        (("action: he stands", "seed: 7\n        action: he stands"),),
        ("deck/rail/anchor", "deck/rail/speech", "sound/mix", *clip("deck/rail")),
    ),
    Edit(
        "camera move",
        "ferry",
        (("dolly in", "pan left"),),
        ("pier/ticket/motion", *clip("pier/ticket")),
    ),
    Edit(
        "action of a shot which has first_frame",
        "ferry",
        (("the figure walks to the end", "the figure runs to the end"),),
        ("pier/arrival/motion", *clip("pier/arrival")),
    ),
    Edit(
        "camera move and action of a shot which has first_frame",
        "ferry",
        (("crane down", "static"), ("the figure walks to the end", "the figure runs")),
        ("pier/arrival/motion", *clip("pier/arrival")),
    ),
    Edit(
        "action of a shot without first_frame",
        "ferry",
        (("he stands at the rail", "he leans on the rail"),),
        (*drawn("deck/rail"), "deck/rail/motion", *clip("deck/rail")),
    ),
    Edit(
        "size",
        "ferry",
        (("size: extreme wide", "size: wide"),),
        (*drawn("pier/arrival"), *clip("pier/arrival")),
    ),
    Edit(
        "angle",
        "ferry",
        (("angle: high", "angle: low"),),
        (*drawn("pier/arrival"), *clip("pier/arrival")),
    ),
    Edit(
        "lens",
        "ferry",
        (("lens: 24mm", "lens: 35mm"),),
        (*drawn("pier/arrival"), *clip("pier/arrival")),
    ),
    Edit(
        "lighting of a scene",
        "ferry",
        (("lighting: low sun", "lighting: hard noon"),),
        (
            "pier/*/caption",
            "pier/*/boundary-caption",
            "pier/*/anchor",
            "pier/*/boundary",
            "pier/*/segment",
            "pier/*/tail",
            "pier/*/conform",
            "pier/*/transition",
            *CUT,
        ),
    ),
    Edit(
        "a boundary's text",
        "ferry",
        (("Teo holds the ticket up", "Teo tears the ticket"),),
        (
            "pier/ticket/boundary-caption",
            "pier/ticket/boundary",
            *clip("pier/ticket", "pier/taken", joins=TAKEN),
        ),
    ),
    Edit(
        "outfit of a character",
        "ferry",
        (("yellow oilskin", "black oilskin"),),
        (
            "characters/mara/oilskin",
            "pier/taken/boundary-caption",
            "pier/taken/boundary",
            *drawn("pier/promise"),
            *INTO_TURN,
            *clip("pier/taken", "pier/promise", joins=TAKEN),
        ),
    ),
    Edit(
        "outfit nobody wears", "ferry", (("charcoal suit", "blue suit"),), ("characters/mara/suit",)
    ),
    Edit(
        "a shot inserted",
        "ferry",
        (
            (
                "      - id: rail\n",
                "      - {id: wake, action: white water}\n      - id: rail\n",
            ),
        ),
        ("deck/wake/*", "sound/mix", "sound/subtitles/en", *CUT),
    ),
    Edit(
        "a shot inserted before a chained one",
        "ferry",
        (
            (
                "      - id: turn\n",
                "      - {id: wait, action: waves}\n      - id: turn\n",
            ),
        ),
        ("pier/wait/*", "pier/turn/segment", "pier/turn/conform", *TIMES, *CUT),
    ),
    Edit(
        "a shot removed",
        "ferry",
        (
            (
                "      - id: lights\n        duration: 3s\n        action: harbour lights\n",
                "",
            ),
        ),
        ("sound/mix", *CUT),
    ),
    Edit(
        "a segment's own recipe: its shot and what is chained to it",
        "ferry",
        (("action: Mara speaks", "guidance: 3\n        action: Mara speaks"),),
        (*clip("pier/promise", joins=TAKEN), *INTO_TURN),
    ),
    Edit(
        "fps",
        "ferry",
        (("fps: 24", "fps: 30"),),
        ("*/*/conform", "*/*/transition", *TIMES, *CUT),
    ),
    Edit(
        "style look",
        "ferry",
        (("teal dusk", "grey noon"),),
        (
            "characters/*",
            "locations/*",
            "props/*",
            "*/*/caption",
            "*/*/boundary-caption",
            "*/*/motion",
            "*/*/anchor",
            "*/*/boundary",
            "*/*/segment",
            "*/*/tail",
            "*/*/conform",
            "*/*/transition",
            *CUT,
        ),
    ),
    Edit(
        "what music sounds like",
        "ferry",
        (("slow cello", "fast cello"),),
        ("sound/music", "sound/mix", *CUT),
    ),
    Edit("when an effect sounds", "ferry", (("crossing+1s", "crossing+2s"),), ("sound/mix", *CUT)),
    Edit(
        "what is narrated",
        "ferry",
        (("I was nine.", "I was only nine."),),
        ("sound/narration", "sound/subtitles/en", "sound/mix", *CUT),
    ),
    Edit(
        "a motion given by hand",
        "ferry",
        (("action: he stands", "motion: he stands and breathes\n        action: he stands"),),
        ("deck/rail/motion", *clip("deck/rail")),
    ),
    Edit(
        "a caption given by hand",
        "ferry",
        (("action: he stands", "caption: a boy at a rail\n        action: he stands"),),
        (*drawn("deck/rail"), *clip("deck/rail")),
    ),
]

LIGHTHOUSE = [
    Edit("comment", "lighthouse", (("shots:", "shots:  # three of them"),)),
    Edit("a shot's id", "lighthouse", (("id: fog", "id: rock"),)),
    Edit("film title", "lighthouse", (("The Lighthouse", "A Lighthouse"),), ("cut/titles", *CUT)),
    Edit(
        "outfit of a character",
        "lighthouse",
        (("yellow coat", "red coat"),),
        (
            "characters/keeper/coat",
            *drawn("main/stair", "main/lamp"),
            *clip("main/stair", "main/lamp"),
        ),
    ),
    Edit(
        "outfit nobody wears",
        "lighthouse",
        (("blue shirt", "grey shirt"),),
        ("characters/keeper/shirt",),
    ),
    Edit(
        "camera move",
        "lighthouse",
        (("dolly in", "dolly out"),),
        ("main/stair/motion", *clip("main/stair")),
    ),
    Edit(
        "action of a shot which has first_frame",
        "lighthouse",
        (("she lights it", "she waits"),),
        ("main/lamp/motion", *clip("main/lamp")),
    ),
    Edit(
        "action of a shot without first_frame",
        "lighthouse",
        (("a boat turns", "a boat sinks"),),
        (*drawn("main/boat"), "main/boat/motion", *clip("main/boat")),
    ),
    Edit(
        "two shots change places",
        "lighthouse",
        (
            ("  - {id: fog, size: wide, camera: crane up, action: fog rolls over a rock}\n", ""),
            (
                "action: a boat turns}\n",
                "action: a boat turns}\n"
                "  - {id: fog, size: wide, camera: crane up, action: fog rolls over a rock}\n",
            ),
        ),
        CUT,
    ),
    Edit(
        "fps",
        "lighthouse",
        (("style: {look", "fps: 25, style: {look"),),
        ("main/*/conform", *CUT),
    ),
    Edit(
        "seed of the film",
        "lighthouse",
        (("style: {look", "seed: 5, style: {look"),),
        ("characters/*", "main/*/anchor", "main/*/segment", "main/*/conform", *CUT),
    ),
]

HANDS = "bake/hands"


def both(*globs: str) -> tuple[str, ...]:
    """The same nodes of both variants."""
    return tuple(f"{glob}@{shape}" for glob in globs for shape in ("wide", "tall"))


COMMERCIAL = [
    Edit(
        "heading",
        "commercial",
        (("PACK SHOT", "THE LOAF"),),
        both("cut/titles", "cut", "cut/animatic"),
    ),
    Edit(
        "a shot's id is on the slate",
        "commercial",
        (("id: oven", "id: fire"),),
        both("cut/animatic/bake/fire", "cut/animatic/bake/hands/transition", "cut/animatic"),
    ),
    Edit(
        "camera move",
        "commercial",
        (("truck left", "truck right"),),
        both(
            "bake/oven/motion",
            "bake/oven/segment",
            "bake/oven/conform",
            "bake/hands/transition",
            "cut",
        ),
    ),
    Edit(
        "size",
        "commercial",
        (("size: insert", "size: medium"),),
        both(
            "bake/hands/caption",
            "bake/hands/anchor",
            "bake/hands/segment",
            "bake/hands/conform",
            "bake/hands/transition",
            "cut/animatic/bake/hands",
            "cut/animatic/bake/hands/transition",
            "cut/animatic",
            "cut/stills",
            "cut",
        ),
    ),
    Edit(
        "a prop's look",
        "commercial",
        (("round dark loaf", "long white loaf"),),
        both(
            "props/loaf",
            "bake/hands/caption",
            "bake/hands/anchor",
            "bake/hands/segment",
            "bake/hands/conform",
            "bake/hands/transition",
            "end/loaf/caption",
            "end/loaf/anchor",
            "end/loaf/segment",
            "end/loaf/conform",
            "cut/animatic/bake/hands",
            "cut/animatic/bake/hands/transition",
            "cut/animatic/end/loaf",
            "cut/animatic",
            "cut/stills",
            "cut",
        ),
    ),
    Edit(
        "a translation",
        "commercial",
        (("Cuit lentement.", "Cuit au four."),),
        both("sound/subtitles/fr", "cut"),
    ),
    Edit(
        "the size of one variant, same ratio",
        "commercial",
        (("{size: 720x1280}", "{size: 1080x1920}"),),
        (
            "*/*/conform@tall",
            "*/*/transition@tall",
            "cut/animatic/*@tall",
            "cut/animatic@tall",
            "cut@tall",
        ),
    ),
    Edit(
        "duration, within what the model rounds up to",
        "commercial",
        (("duration: 3s", "duration: 3.02s"),),
        both(
            "bake/oven/conform",
            "bake/hands/transition",
            "cut",
            "cut/titles",
            "sound/mix",
            "sound/subtitles/*",
            "cut/animatic/bake/oven",
            "cut/animatic/bake/hands/transition",
            "cut/animatic",
        ),
    ),
    Edit(
        "the model's revision",
        "commercial",
        (("use: {anchor: placeholder, segment: placeholder}", "use: {anchor: placeholder}"),),
        both("*/*/segment", "*/*/conform", "bake/hands/transition", "cut"),
    ),
]

EDITS = [*FERRY, *LIGHTHOUSE, *COMMERCIAL]


def apply(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    """The edited text; every change must find what it replaces."""
    for old, new in changes:
        assert old in text, f"the film says nothing of {old!r}"
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.film}: {edit.name}")
def test_an_edit_makes_exactly_this_again(edit: Edit, tmp_path: Path) -> None:
    text = (FILMS / f"{edit.film}.yaml").read_text(encoding="utf-8")
    before = graph_of(text, tmp_path)
    after = graph_of(apply(text, edit.changes), tmp_path)
    again = made_again(before, after)
    missed = {glob for glob in edit.again if not any(fnmatchcase(node, glob) for node in again)}
    surplus = {node for node in again if not any(fnmatchcase(node, glob) for glob in edit.again)}
    assert (missed, surplus) == (set(), set())


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.film}: {edit.name}")
def test_undoing_an_edit_makes_nothing(edit: Edit, tmp_path: Path) -> None:
    text = (FILMS / f"{edit.film}.yaml").read_text(encoding="utf-8")
    before = graph_of(text, tmp_path)
    graph_of(apply(text, edit.changes), tmp_path)
    assert made_again(before, graph_of(text, tmp_path)) == set()


def test_globs_of_the_table_name_nodes_one_by_one() -> None:
    """A glob with two stars in a row would hide what it should tell."""
    for edit in EDITS:
        for glob in edit.again:
            assert not any(a == b == "*" for a, b in pairwise(glob)), edit.name
