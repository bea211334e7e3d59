"""``subtitles``: what is said, in one language, with the times at which it is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.rules.rule import Rule
from fvbuild.rules.score import begins, placed, said, samples, settled_layout
from fvbuild.rules.stage import Stage, is_film
from fvbuild.rules.timeline import SAMPLE_RATE
from fvbuild.timecode import nearest


def languages(stage: Stage) -> list[str]:
    """Every language that an output of the film has subtitles in, in the order first asked for."""
    asked = (lang for output in stage.outputs if is_film(output) for lang in output.subtitles)
    return list(dict.fromkeys(asked))


def _of_film(stage: Stage) -> Iterable[Node]:
    wanted = languages(stage)
    if not wanted:
        return
    lines = said(stage)
    timeline = stage.timeline
    speeches = tuple(Input("speech", one.node, fact="seconds") for one in lines)
    for lang in wanted:
        entries: list[dict[str, Any]] = [
            {"text": " ".join((one.line.words.into(lang) or "").split()), **one.place}
            for one in lines
        ]
        params: dict[str, Any] = {"lines": entries}
        if timeline.known:
            params["lines"] = placed(entries, timeline.layout)
        else:
            params["timeline"] = timeline.written()
        yield Node(
            stage.of_film(f"sound/subtitles/{lang}"),
            "subtitles",
            params,
            (*speeches, *stage.lengths(*stage.views)),
            out=stage.shown(f"sound/subtitles/{lang}"),
            loc=str(stage.film.loc),
            title=f"subtitles: {lang}",
        )


def _settle(
    params: Mapping[str, Json], facts: Mapping[str, tuple[Json, ...]]
) -> Mapping[str, Json]:
    """Lines become cues: [first millisecond, last, text]."""
    lines: Any = params.get("lines")
    if lines is None:
        return params
    layout = settled_layout(params, facts)
    if layout is not None:
        lines = placed(lines, layout)
    lengths = [samples(seconds) for seconds in facts.get("speech", ())]
    found: list[Json] = [
        [_milliseconds(at), _milliseconds(at + length), line["text"]]
        for line, at, length in zip(lines, begins(lines, lengths), lengths, strict=True)
        if line["text"]
    ]
    return {"cues": found}


def _milliseconds(sample: int) -> int:
    return max(0, nearest(Fraction(sample * 1000, SAMPLE_RATE)))


def _make(action: Action) -> Outcome:
    from fvbuild.media.subtitles import Cue, to_srt

    shown: Any = action.params["cues"]
    cues = [Cue(Fraction(a, 1000), Fraction(b, 1000), text) for a, b, text in shown]
    path = action.folder / "subtitles.srt"
    # A film in which nothing is said has a file of no cues, which is not an empty file.
    path.write_text(to_srt(cues) or "\n", encoding="utf-8", newline="")
    return Outcome((Made("application/x-subrip", path),))


RULES = (Rule(Kind("subtitles", make=_make, settle=_settle, beside_store=True), of_film=_of_film),)
