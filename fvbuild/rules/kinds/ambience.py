"""``ambience``: what a scene's place sounds like; a bed that is repeated under the whole scene.

Its length is one for all scenes, so that no shot's length makes it again.
"""

from __future__ import annotations

from collections.abc import Iterable

from fvbuild.engine.graph import Kind, Node
from fvbuild.film.resolved import Scene
from fvbuild.rules.rule import Rule
from fvbuild.rules.sounds import sound_node
from fvbuild.rules.stage import Stage

_BED_S = 30.0


def _of_scene(stage: Stage, scene: Scene) -> Iterable[Node]:
    if scene.ambience is not None and scene.ambience.make:
        yield sound_node(stage, "ambience", f"{scene.id}/ambience", scene.ambience, _BED_S)


RULES = (Rule(Kind("ambience", generated=True), of_scene=_of_scene),)
