"""What a described model can do, in the engine's words, so that a plan refuses what it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import ceil, gcd
from typing import TYPE_CHECKING, Any

from fvbuild.engine.target import Capabilities
from fvbuild.targets.api.ways import multiple_of, pixels_of

if TYPE_CHECKING:
    from fvbuild.targets.api.facts import ModelFacts

_ANY_COUNT = (1, 1_000_000, 1)


def abilities(model: ModelFacts, settings: Mapping[str, Any], *, takes_files: bool) -> Capabilities:
    """The capabilities of a model as it is set.

    ``takes_files``: pictures of the film can be given to it, which some models take by public
    address alone.
    """
    can, kinds = model.takes, model.kinds
    rate = Fraction(model.fps).limit_denominator(1001)
    makes_clips = "segment" in kinds
    return Capabilities(
        kinds=kinds,
        first_frame=bool(can["first_frame"]) and takes_files,
        last_frame=can["last_frame"] and takes_files,
        text_to_video=can["text_to_video"] and can["first_frame"] != "required",
        references=can["references"] if takes_files else 0,
        edits=bool(can["edits"]) and takes_files,
        masks=bool(can["masks"]) and takes_files,
        only_edits=can["edits"] == "required",
        only_masks=can["masks"] == "required",
        needs_references=can["references_required"],
        hears_dialogue=can["hears_dialogue"],
        negative=can["negative"],
        guidance=can["guidance"],
        seed=can["seed"],
        rate_fps=str(rate) if makes_clips else None,
        frames=_frames(model, rate) if makes_clips else _ANY_COUNT,
        canvas_pixels=pixels_of(model, settings),
        size_multiple=multiple_of(model),
        dialect=str(settings.get("dialect") or model.dialect or ""),
        prompt_chars=model.max_chars,
        prompt_tokens=model.max_tokens,
    )


def _frames(model: ModelFacts, rate: Fraction) -> tuple[int, int, int]:
    """The frame counts of its lengths: least, most, and a step that meets every one of them."""
    counts = sorted({ceil(Fraction(length) * rate) for length in model.lengths})
    if not counts:
        return _ANY_COUNT
    steps = [later - earlier for earlier, later in pairwise(counts)]
    return counts[0], counts[-1], gcd(*steps) if steps else 1
