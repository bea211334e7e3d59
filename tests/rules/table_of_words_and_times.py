"""The edit table on the ferry film: labels, order, sound and times."""

from __future__ import annotations

from edit_row import CUT, TIMES, Edit, chained, clip, drawn

TAKEN = ("pier/taken",)
INTO_TURN = chained("pier/promise", "pier/turn")
ARRIVAL = (
    "        first_frame: empty pier, a tiny figure\n        action: the figure walks to the end\n"
)

WORDS_AND_TIMES = [
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
]
