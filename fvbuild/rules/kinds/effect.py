"""``effect``: one sound at one moment, as long as its target makes it."""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.rule import Rule
from fvbuild.rules.sounds import sound_node
from fvbuild.rules.stage import Stage, numbered


def _of_film(stage: Stage) -> Iterable[Node]:
    for at, sound in enumerate(stage.film.sound.effects):
        if sound.make:
            yield sound_node(stage, "effect", f"sound/{numbered('effect', at)}", sound, None)


RULES = (Rule(Kind("effect", generated=True), of_film=_of_film),)
