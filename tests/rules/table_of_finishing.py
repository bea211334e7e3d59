"""The edit table on a film whose clips are finished: match, upscale, interpolate, grade."""

from __future__ import annotations

from edit_row import CUT, Edit

_STEPS = ("match", "stabilize", "upscale", "interpolate", "grade")


def _from(step: str, *shots: str) -> tuple[str, ...]:
    """A step and the steps after it, and what is joined of them."""
    after = [kind for kind in _STEPS[_STEPS.index(step) :] if kind != "stabilize" or kind == step]
    wanted = shots or ("rock", "sea", "boat")
    return (*(f"main/{shot}/{kind}" for shot in wanted for kind in (*after, "conform")), *CUT)


FINISHING = [
    Edit("comment", "finished", (("finish: {", "finish: {  # all of it\n  "),)),
    Edit(
        "order of the steps as written",
        "finished",
        (
            (
                "match: anchor, upscale: true, interpolate: true",
                "interpolate: true, upscale: true, match: anchor",
            ),
        ),
    ),
    Edit("a shot's id", "finished", (("id: boat", "id: ship"),)),
    Edit(
        "fps",
        "finished",
        (("fps: 24", "fps: 30"),),
        _from("interpolate"),
    ),
    Edit("colour table", "finished", (("dusk.cube", "noon.cube"),), _from("grade")),
    Edit(
        "film size, same ratio",
        "finished",
        (("1280x720", "1920x1080"),),
        _from("upscale"),
    ),
    Edit("match taken out", "finished", (("match: anchor, ", ""),), _from("upscale")),
    Edit(
        "stabilize put in",
        "finished",
        (("match: anchor, ", "match: anchor, stabilize: true, "),),
        _from("stabilize"),
    ),
    Edit(
        "grade taken out",
        "finished",
        ((", grade: luts/dusk.cube", ""),),
        (
            "main/*/conform",
            *CUT,
        ),
    ),
    Edit(
        "camera move",
        "finished",
        (("crane up", "crane down"),),
        (
            "main/rock/motion",
            "main/rock/segment",
            "main/rock/tail",
            "main/sea/segment",
            *_from("match", "rock", "sea"),
        ),
    ),
    Edit(
        "duration",
        "finished",
        (("duration: 2s, action: a boat", "duration: 3s, action: a boat"),),
        ("main/boat/segment", *_from("match", "boat"), "sound/mix"),
    ),
]
