"""The edit table on the ferry film: what is seen, and how."""

from __future__ import annotations

from edit_row import CUT, TIMES, Edit, chained, clip, drawn

TAKEN = ("pier/taken",)
INTO_TURN = chained("pier/promise", "pier/turn")
ARRIVAL = (
    "        first_frame: empty pier, a tiny figure\n        action: the figure walks to the end\n"
)
EVERY_PICTURE_ON = (
    *("characters/*", "locations/*", "props/*", "*/*/anchor", "*/*/boundary"),
    *("*/*/segment", "*/*/tail", "*/*/conform", "*/*/transition", *CUT),
)
"""Every picture, and all that is made from pictures."""

PICTURES = [
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
        EVERY_PICTURE_ON,
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
        ("*/*/caption", "*/*/boundary-caption", "*/*/motion", *EVERY_PICTURE_ON),
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
