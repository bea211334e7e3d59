"""The node kinds that targets make, by the words of ``use`` and ``takes``."""

from typing import Literal, get_args

Kind = Literal[
    "caption",
    "motion",
    "reference",
    "plate",
    "prop",
    "anchor",
    "boundary",
    "segment",
    "speech",
    "music",
    "ambience",
    "effect",
    "upscale",
    "interpolate",
]

KINDS: tuple[str, ...] = get_args(Kind)
