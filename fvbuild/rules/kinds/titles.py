"""``titles``: the film's title and its chapters, one a scene, as the cut carries them."""

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
    if timeline.known or not chapters:
        params["chapters"] = _at_frames(chapters, timeline.layout)
    else:
        params.update(scenes=chapters, timeline=timeline.written())
        inputs = stage.lengths(*stage.views)
    yield Node(
        stage.of_film("cut/titles"),
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
    return {"title": params["title"], "chapters": _at_frames(scenes, layout)}


def _make(action: Action) -> Outcome:
    titles = {"title": action.params["title"], "chapters": action.params["chapters"]}
    text = json.dumps(titles, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return Outcome((Made("text/plain", text=text),))


RULES = (Rule(Kind("titles", make=_make, settle=_settle), of_film=_of_film),)
