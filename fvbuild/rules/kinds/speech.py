"""``speech``: a line of dialogue or narration, spoken."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.rule import Rule
from fvbuild.rules.sounds import speech_node
from fvbuild.rules.stage import Stage, numbered
from fvbuild.rules.view import View


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    shot = view.shot
    for at, line in enumerate(shot.dialogue):
        yield speech_node(
            stage,
            f"{shot.path}/{numbered('speech', at)}",
            line,
            shot.use.get("speech", ()),
            seed=shot.controls.seed,
            takes=shot.takes.get("speech", 1),
        )


def _of_film(stage: Stage) -> Iterable[Node]:
    use, seed = stage.film.use.get("speech", ()), stage.film.controls.seed
    for at, line in enumerate(stage.film.sound.narration):
        name = f"sound/{numbered('narration', at)}"
        yield speech_node(stage, name, line, use, seed=seed, takes=1)


RULES = (Rule(Kind("speech", generated=True), of_shot=_of_shot, of_film=_of_film),)
