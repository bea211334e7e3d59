"""``motion``: in words, what moves in a clip, how the camera moves, and how lines are spoken.

``strategy`` says what goes in: ``combined`` all of it, ``motion-only`` all but the style,
``original`` the action alone, as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.clips import clip_choice
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View
from fvbuild.rules.words import given_text, text_node


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    shot = view.shot
    if shot.motion:
        yield given_text(stage, view, "motion", "motion", shot.motion)
        return
    loc = str(shot.at("action"))
    if shot.controls.strategy == "original":
        # Written as it stands: no template adds to it, so no target makes it.
        yield Node(
            stage.of_shot(shot, "motion"),
            "motion",
            {"action": shot.action},
            text=shot.action,
            loc=loc,
            title=shot.action,
        )
        return
    yield text_node(stage, view, "motion", "motion", _fields(stage, view), loc)


def _fields(stage: Stage, view: View) -> dict[str, Any]:
    shot, controls = view.shot, view.shot.controls
    fields: dict[str, Any] = {"camera": shot.camera}
    if shot.action:
        fields["action"] = shot.action
    delivery = [line.delivery for line in shot.dialogue if line.delivery]
    if delivery:
        fields["delivery"] = delivery
    if stage.film.style.look and controls.strategy != "motion-only":
        fields["style"] = {"look": stage.film.style.look}
    dialect = stage.dialect(clip_choice(stage, view)[0])
    if dialect:
        fields["dialect"] = dialect
    if controls.enhance:
        fields["enhance"] = True
        fields["style"] = {"preset": stage.film.style.preset, **fields.get("style", {})}
    return fields


RULES = (Rule(Kind("motion", generated=True), of_shot=_of_shot),)
