"""What the sketch target's results depend on, found without importing a library that draws."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fvbuild.engine.digest import Json, quick
from fvbuild.media.profile import VERSION as JOINING_VERSION
from fvbuild.media.profile import libraries
from fvbuild.resources import template

RENDERER = 5
"""Version of the drawing and of the scenes: raised whenever equal recipes would look different."""

_DATA = ("sketch/palettes.json", "sketch/words.json")


@cache
def of_pictures() -> Mapping[str, Json]:
    """Renderer, the digest of palettes and vocabulary, Pillow's major version, the encoder."""
    data = b"\0".join(template(name).read_bytes() for name in _DATA)
    return {
        "renderer": RENDERER,
        "data": quick(data),
        "pillow": _pillow_major(),
        "joining": JOINING_VERSION,
        "encoder": dict(libraries()).get("x264", ""),
    }


def _pillow_major() -> str:
    spec = importlib.util.find_spec("PIL")
    if spec is None or spec.origin is None:
        return ""
    declared = Path(spec.origin).with_name("_version.py")
    try:
        match = re.search(r"__version__\s*=\s*['\"](\d+)", declared.read_text(encoding="utf-8"))
    except OSError:
        return ""
    return match[1] if match else ""
