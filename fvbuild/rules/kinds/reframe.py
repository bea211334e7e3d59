"""``reframe``: a shot's clip at another ratio: its middle, or the whole of it (``letterbox``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fvbuild.engine.graph import Kind, Node
from fvbuild.film.resolved import Output
from fvbuild.rules.kinds.conform import make, settle, shown_clip
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage, is_film, own_clips

_MADE = ("center", "letterbox")


def _of_output(stage: Stage, output: Output) -> Iterable[Node]:
    if not output.reframe or not is_film(output) or not own_clips(output, stage.film):
        return
    blocked = None
    if output.reframe not in _MADE:
        blocked = (
            f"`reframe: {output.reframe}` of the output '{output.name}' cannot be made yet: "
            f"use {' or '.join(_MADE)}"
        )
    for view in stage.views:
        node = shown_clip(stage, output, view, "reframe")
        params = {**node.params, "reframe": output.reframe}
        yield replace(node, params=params, blocked=blocked)


RULES = (Rule(Kind("reframe", make=make, settle=settle), of_output=_of_output),)
