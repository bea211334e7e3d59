"""``music``: a piece under a stretch of the film, repeated where the stretch is longer.

Its length does not follow the shots it lies under, so that no shot's length makes it again.
"""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.rule import Rule
from fvbuild.rules.sounds import sound_node
from fvbuild.rules.stage import Stage, numbered

_PIECE_S = 60.0


def _of_film(stage: Stage) -> Iterable[Node]:
    for at, sound in enumerate(stage.film.sound.music):
        if sound.make:
            yield sound_node(stage, "music", f"sound/{numbered('music', at)}", sound, _PIECE_S)


RULES = (Rule(Kind("music", generated=True), of_film=_of_film),)
