"""The target ``placeholder``: the smallest valid artifact of every kind, at next to no cost.

For benchmarks and tests. What it makes is a function of the whole recipe, so an edit changes the
content of all that it should reach; and it needs no picture or sound library for that.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from struct import pack

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.target import Capabilities
from fvbuild.errors import TargetError
from fvbuild.targets.base import LocalTarget, check_settings, recipe_digest, seconds_spoken
from fvbuild.targets.placeholder_clip import READY_SIZE, clip

_SAMPLE_RATE = 48_000
_LONGEST_MADE_UP_S = Fraction(10)
"""Whoever lays an ambience or music repeats it; hours of silence would be no small artifact."""


def _text(action: Action, mark: bytes) -> Made:
    return Made("text/plain", text=f"{action.kind} {mark.hex()}")


def _picture(action: Action, mark: bytes) -> Made:
    width, height = _canvas(action)
    row = b"\0" + mark[:3] * width
    data = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        # All of the mark, as three bytes of colour may be equal where marks are not.
        + _chunk(b"tEXt", b"Comment\0" + mark.hex().encode())
        + _chunk(b"IDAT", zlib.compress(row * height, 1))
        + _chunk(b"IEND", b"")
    )
    return Made("image/png", data=data, facts={"width": width, "height": height})


def _chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))


def _segment(action: Action, mark: bytes) -> Made:
    width, height = _canvas(action)
    frames = _whole(action.params["frames"])
    data = clip(width, height, frames, mark)
    facts: dict[str, Json] = {"frames": frames, "width": width, "height": height, "fps": "24"}
    return Made("video/mp4", data=data, facts=facts)


def _sound(action: Action, mark: bytes) -> Made:
    if action.kind == "speech":
        length_s = seconds_spoken(str(action.params["text"]))
    else:
        asked = action.params.get("seconds")
        length_s = min(Fraction(1 if asked is None else str(asked)), _LONGEST_MADE_UP_S)
    samples = int(length_s * _SAMPLE_RATE)
    # The mark is heard by nobody: a third of a millisecond at 1/256 of full scale.
    body = b"".join(pack("<h", byte - 128) for byte in mark)[: samples * 2].ljust(
        samples * 2, b"\0"
    )
    form = pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _SAMPLE_RATE, _SAMPLE_RATE * 2, 2, 16)
    data = pack("<4sI", b"data", len(body)) + body
    riff = pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE")
    facts: dict[str, Json] = {"seconds": samples / _SAMPLE_RATE, "samples": samples}
    return Made("audio/wav", data=riff + form + data, facts=facts)


def _canvas(action: Action) -> tuple[int, int]:
    canvas = action.params.get("canvas", list(READY_SIZE))
    if not isinstance(canvas, list | tuple) or len(canvas) != 2:
        raise ValueError(f"canvas {canvas!r}")
    return _whole(canvas[0]), _whole(canvas[1])


def _whole(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{value!r} is not a number of pixels or frames")
    return value


_MAKERS: Mapping[str, Callable[[Action, bytes], Made]] = {
    **dict.fromkeys(("caption", "motion"), _text),
    **dict.fromkeys(("reference", "plate", "prop", "anchor", "boundary"), _picture),
    "segment": _segment,
    **dict.fromkeys(("speech", "ambience", "effect", "music"), _sound),
}


class Placeholder(LocalTarget):
    """Makes flat pictures, grey clips and silence. Its texts are not pure, as a model's are not."""

    capabilities = Capabilities(
        kinds=frozenset(_MAKERS),
        edits=True,
        masks=True,
        negative=True,
        guidance=True,
        rate_fps="24",
        canvas_pixels=READY_SIZE[0] * READY_SIZE[1],
        size_multiple=4,
    )
    identity: Mapping[str, Json] = {"model": "placeholder", "version": 1}

    def make(self, action: Action) -> Outcome:
        """Make one take. Raises TargetError for a kind it does not know or params it needs."""
        maker = _MAKERS.get(action.kind)
        if maker is None:
            raise TargetError(f"the placeholder target makes no '{action.kind}'")
        try:
            return Outcome((maker(action, bytes.fromhex(recipe_digest(action))),))
        except (KeyError, TypeError, ValueError) as error:
            raise TargetError(
                f"{action.node}: the placeholder target cannot use these params: {error!r}"
            ) from error


def create(name: str, settings: Mapping[str, Json]) -> Placeholder:
    """The entry point: a placeholder has no settings. Raises UsageError for any."""
    check_settings(name, settings, ())
    return Placeholder()
