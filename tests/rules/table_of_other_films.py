"""The edit table on two other films: the smallest one, and one with variants."""

from __future__ import annotations

from edit_row import CUT, Edit, clip, drawn

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
            "cut/animatic/end/loaf",  # its slate shows the film's timecode
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
