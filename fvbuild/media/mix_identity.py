"""What a mix's bytes depend on beside its sounds; apart from the mix, as every plan asks for it."""

from __future__ import annotations

import json
from functools import cache

from fvbuild.media.aac import BIT_RATE, BLOCK_PACKETS, OPTIONS
from fvbuild.media.profile import libraries

VERSION = 1
"""Raised whenever the same cues would give other bytes."""


@cache
def identity_text() -> str:
    """:func:`mix_identity` as JSON text."""
    used = {name: version for name, version in libraries() if name in ("av", "avcodec", "avutil")}
    encoder = {"codec": "aac", "bit_rate": BIT_RATE, "block_packets": BLOCK_PACKETS, **OPTIONS}
    return json.dumps({"version": VERSION, "encoder": encoder, "libraries": used})


def mix_identity() -> dict[str, object]:
    """All that a mix's bytes depend on beside cues, length and loudness; this goes into its key.

    Cheap: imports no media library.
    """
    found: dict[str, object] = json.loads(identity_text())
    return found
