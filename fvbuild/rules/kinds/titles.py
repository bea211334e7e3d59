"""``titles``: the film's title and its chapters, one a scene, as the cut carries them.

Where slates show the film's timecode and shots last as long as their lines, it also measures at
which frame every shot begins, for the slates to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.rule import Rule
from fvbuild.rules.score import settled_layout
from fvbuild.rules.stage import Stage
from fvbuild.rules.timeline import Layout

TITLES = "cut/titles"


def start_fact(number: int) -> str:
    """The fact that tells at which frame of the film a shot begins."""
    return f"start {number}"


def _of_film(stage: Stage) -> Iterable[Node]:
    film, timeline = stage.film, stage.timeline
    scenes: list[list[Json]] = []
    number = 0
    for scene in film.scenes:
        scenes.append([number, scene.heading.text or scene.id])
        number += len(scene.shots)
    # A film of one scene is its own chapter.
    chapters = scenes if len(scenes) > 1 else []
    params: dict[str, Any] = {"title": film.title.text}
    inputs = []
    slated = any(output.slate for output in stage.outputs)
    if timeline.known or not (chapters or slated):
        params["chapters"] = _at_frames(chapters, timeline.layout)
    else:
        params.update(scenes=chapters, timeline=timeline.written())
        if slated:
            params["slated"] = True
        inputs = stage.lengths(*stage.views)
    yield Node(
        stage.of_film(TITLES),
        "titles",
        params,
        tuple(inputs),
        loc=str(film.loc),
        title=film.title.text,
    )


def _at_frames(scenes: Iterable[Any], layout: Layout) -> list[Json]:
    return [[layout.starts[number], heading] for number, heading in scenes]


def _settle(
    params: Mapping[str, Json], facts: Mapping[str, tuple[Json, ...]]
) -> Mapping[str, Json]:
    layout = settled_layout(params, facts)
    if layout is None:
        return params
    scenes: Any = params["scenes"]
    settled = {"title": params["title"], "chapters": _at_frames(scenes, layout)}
    return {**settled, "starts": list(layout.starts)} if params.get("slated") else settled


def _make(action: Action) -> Outcome:
    titles = {"title": action.params["title"], "chapters": action.params["chapters"]}
    text = json.dumps(titles, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    starts: Any = action.params.get("starts", ())
    facts = {start_fact(number): frame for number, frame in enumerate(starts)}
    return Outcome((Made("text/plain", text=text, facts=facts),))


RULES = (Rule(Kind("titles", make=_make, settle=_settle, beside_store=True), of_film=_of_film),)
