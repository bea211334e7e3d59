"""``caption``: in words, what a still shows: a shot's first frame, or the last one's boundary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fvbuild.engine.graph import Kind, Node
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View
from fvbuild.rules.words import given_text, text_node


def _of_shot(stage: Stage, view: View) -> Iterable[Node]:
    shot = view.shot
    if view.draws_anchor or view.start is None:
        if shot.caption:
            yield given_text(stage, view, "caption", "caption", shot.caption)
        else:
            yield _first(stage, view)
    if shot.last_frame is not None and shot.last_frame.text:
        fields = {"last_frame": shot.last_frame.text, **_fields(stage, view)}
        loc = str(shot.at("last_frame"))
        yield text_node(stage, view, "caption", "boundary-caption", fields, loc)


def _first(stage: Stage, view: View) -> Node:
    shot = view.shot
    if shot.first_frame is not None and shot.first_frame.text:
        field, words = "first_frame", shot.first_frame.text
    else:
        field, words = "action", shot.action
    fields = {field: words, **_fields(stage, view)}
    return text_node(stage, view, "caption", "caption", fields, str(shot.at(field)))


def _fields(stage: Stage, view: View) -> dict[str, Any]:
    """What frames the picture and what is visible; fields that the shot leaves out are absent."""
    shot, film = view.shot, stage.film
    fields: dict[str, Any] = {"style": stage.style}
    if shot.size:
        fields["size"] = shot.size
    if shot.angle:
        fields["angle"] = shot.angle
    if shot.lens:
        fields["lens"] = shot.lens
    if shot.location:
        fields["location"] = film.locations[shot.location].look
    if shot.time:
        fields["time"] = shot.time
    if shot.lighting:
        fields["lighting"] = shot.lighting
    if shot.characters:
        fields["characters"] = [stage.look(worn) for worn in shot.characters]
    if shot.props:
        fields["props"] = [film.props[prop].look for prop in shot.props]
    if shot.controls.enhance:
        fields["enhance"] = True
    return fields


RULES = (Rule(Kind("caption", generated=True), of_shot=_of_shot),)
