"""The node kinds that targets make, by the words of ``use`` and ``takes``."""

KINDS = (
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
)
