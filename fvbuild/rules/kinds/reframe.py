"""``reframe``: a shot's clip at another ratio, cropped to it. ``center`` keeps the middle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fvbuild.engine.graph import Kind, Node
from fvbuild.film.resolved import Output
from fvbuild.rules.kinds.conform import make, shown_clip
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage, is_film, own_clips
from fvbuild.rules.timeline import settle_frames

_CENTER = ("center", "centre")


def _of_output(stage: Stage, output: Output) -> Iterable[Node]:
    if not output.reframe or not is_film(output) or not own_clips(output, stage.film):
        return
    for view in stage.views:
        node = shown_clip(stage, output, view, "reframe")
        if output.reframe in _CENTER:
            yield node
        else:
            yield replace(
                node,
                params={**node.params, "reframe": output.reframe},
                blocked=f"no target follows a subject yet, which `reframe: {output.reframe}` of "
                f"the output '{output.name}' asks for; `reframe: center` can be made",
            )


RULES = (Rule(Kind("reframe", make=make, settle=settle_frames), of_output=_of_output),)
