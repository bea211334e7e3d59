"""Text nodes: pure where their target is, asked of a model where it is one, or given by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Node
from fvbuild.engine.target import TextTarget
from fvbuild.film.resolved import Character
from fvbuild.rules.choice import PHRASED
from fvbuild.rules.stage import Stage
from fvbuild.rules.view import View

_PROSE = ("action", "first_frame", "last_frame")
"""Fields in which people may be named."""


def given_text(stage: Stage, view: View, kind: str, name: str, text: str) -> Node:
    """A text that the film gives by hand, in place of the node that would have made it."""
    shot = view.shot
    return Node(
        stage.of_shot(shot, name),
        kind,
        {"given": text},
        text=text,
        loc=str(shot.at(name)),
        title=text,
    )


def text_node(
    stage: Stage, view: View, kind: str, name: str, params: Mapping[str, Json], loc: str
) -> Node:
    """The text ``name`` of a shot, from fields in the film's own words.

    A target is told what the vocabulary says of each word. Of a pure one that is in its identity;
    of a model it is in the params, word by word.
    """
    shot = view.shot
    choice = stage.choices.first(kind, shot.use.get(kind, ()))
    text = None
    if choice.target is not None:
        fields = _phrased(stage, params)
        if choice.can.pure:
            text = cast(TextTarget, choice.target).text(kind, fields)
        else:
            params = _with_names(stage, view, fields)
    return Node(
        stage.of_shot(shot, name),
        kind,
        params,
        (),
        choice.use,
        shot.controls.seed if choice.can.seed else None,
        1 if text is not None else shot.takes.get(kind, 1),
        text=text,
        blocked=choice.blocked,
        price=choice.target.price(kind, params) if choice.target else None,
        loc=loc,
        title=shot.action,
    )


def _phrased(stage: Stage, params: Mapping[str, Json]) -> dict[str, Any]:
    """Fields with what the vocabulary says in place of its words; the move keeps its word too."""
    fields: dict[str, Any] = dict(params)
    for field in PHRASED:
        if field in fields:
            fields[field] = stage.film.phrase(field, fields[field])
    if "dialect" in fields and "camera" in fields:
        fields["move"] = params["camera"]
    return fields


def _with_names(stage: Stage, view: View, fields: dict[str, Any]) -> dict[str, Any]:
    """Fields for a language model, which is told who the names in the shot's text stand for.

    Only a name that the text uses is told, as the text writes it: no other id enters a key.
    """
    words = " ".join(str(fields.get(field, "")) for field in _PROSE)
    called = {
        worn.character: name
        for worn in view.shot.characters
        if (name := _named(words, stage.film.characters[worn.character]))
    }
    if not called:
        return fields
    who = [
        {**stage.look(worn), "called": called[worn.character]}
        if worn.character in called
        else stage.look(worn)
        for worn in view.shot.characters
        if worn.character in called or "characters" in fields
    ]
    return {**fields, "characters": who}


def _named(words: str, character: Character) -> str:
    """How a text calls a character, by its name or id; "" where it does not."""
    for name in (character.name, character.id):
        if name and (found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE)):
            return found[0]
    return ""
