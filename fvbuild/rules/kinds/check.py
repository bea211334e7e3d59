"""``check``: what a clip is measured against. It hangs beside the clip: nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    checks = stage.film.checks
    wanted: dict[str, Any] = {}
    if checks.motion is not None:
        wanted["motion"] = checks.motion
    if checks.safety != "off":
        wanted["safety"] = checks.safety
    if not wanted:
        return
    names = " and ".join(f"`checks.{name}`" for name in wanted)
    yield Node(
        stage.of_shot(view.shot, "check"),
        "check",
        wanted,
        (Input("clip", stage.of_shot(view.shot, "segment")),),
        blocked=f"nothing measures {names} yet; the film is built without",
        loc=view.loc,
        title=view.shot.action,
    )


RULES = (Rule(Kind("check"), of_shot=_of_shot),)
