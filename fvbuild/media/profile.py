"""The joining profile: the one way every clip is encoded, so that clips join by copying bytes.

Two clips of equal profile have the same decoder configuration, closed groups of pictures (GOP) of
one length, and frame-exact durations; and the encoder's output depends neither on the number of
threads nor on the processor. Nothing here imports a media library: a plan asks for the identity.
"""

from __future__ import annotations

import importlib.util
import re
from fractions import Fraction
from functools import cache
from pathlib import Path

from fvbuild.errors import MediaError
from fvbuild.timecode import nearest
from fvbuild.values import dataclass

VERSION = 1
"""Raised whenever the same frames would give other bytes."""

REORDER_FRAMES = 2
"""How many frames decoding runs ahead of showing: two B-frames in a pyramid."""

MIN_SIDE, MAX_SIDE = 16, 8192

_MAX_TIMESCALE = 2**31 - 1
_CRF = "20"
_PRESET = "veryfast"
_LIBRARY_FILE = re.compile(r"lib([a-z0-9]+?)(?:-[0-9a-f]+)?(?:\.so)?\.(\d[\d.]*?)(?:\.dylib)?$")
_LIBRARIES = ("avcodec", "avfilter", "avformat", "avutil", "swscale", "x264")


@dataclass(frozen=True, slots=True)
class JoiningProfile:
    """Size in pixels (both sides even, 16 to 8192) and exact frame rate of a film's clips.

    Raises MediaError for a size that H.264 with 4:2:0 colour cannot have, or too fine a rate.
    """

    width: int
    height: int
    fps: Fraction

    def __post_init__(self) -> None:
        for side in (self.width, self.height):
            if side % 2 or not MIN_SIDE <= side <= MAX_SIDE:
                raise MediaError(
                    f"a clip cannot be {self.width}x{self.height}",
                    hint=f"both sides are even and lie between {MIN_SIDE} and {MAX_SIDE}",
                )
        if max(self.timescale, self.frame_ticks) > _MAX_TIMESCALE:
            raise MediaError(
                f"a clip cannot run at {self.fps} frames a second",
                hint="write the rate as 24, 23.976 or 24000/1001",
            )

    @property
    def gop(self) -> int:
        """Frames in a group of pictures: one second, so that joins touch little."""
        return max(1, nearest(self.fps))

    @property
    def frame_ticks(self) -> int:
        """Length of a frame in units of the time scale."""
        return self.fps.denominator * self._scale

    @property
    def timescale(self) -> int:
        """Time units a second, exact for the rate: 24000 for 24 fps and for 24000/1001."""
        return self.fps.numerator * self._scale

    @property
    def _scale(self) -> int:
        return 1000 if self.fps.numerator < 1000 else 1

    def encoder_options(self) -> dict[str, str]:
        """libx264's options. ``stitchable`` keeps settings out of the parameter sets."""
        private = {
            "keyint": self.gop,
            "min-keyint": self.gop,
            "open-gop": 0,
            "scenecut": 0,
            "stitchable": 1,
            "cpu-independent": 1,
            "force-cfr": 1,
            "threads": 1,
            "sliced-threads": 0,
            "colorprim": "bt709",
            "transfer": "bt709",
            "colormatrix": "bt709",
        }
        return {
            "preset": _PRESET,
            "crf": _CRF,
            "profile": "high",
            "bf": "2",
            "refs": "3",
            "g": str(self.gop),
            "x264-params": ":".join(f"{name}={value}" for name, value in private.items()),
        }

    def identity(self) -> dict[str, str | int | dict[str, str]]:
        """All that a clip's bytes depend on beside its frames; this goes into keys."""
        return {
            "version": VERSION,
            "size": f"{self.width}x{self.height}",
            "fps": str(self.fps),
            "timescale": self.timescale,
            "encoder": "libx264",
            "options": self.encoder_options(),
            "libraries": dict(libraries()),
        }


@cache
def libraries() -> tuple[tuple[str, str], ...]:
    """Versions of PyAV and the FFmpeg libraries in it, found without importing them.

    Importing ``av`` costs as much as a whole no-op build; its files tell the same.
    """
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        return ()
    package = Path(spec.origin).parent
    found = {"av": _declared_version(package)}
    for folder in (package.with_name("av.libs"), package / ".dylibs"):
        for file in folder.glob("lib*") if folder.is_dir() else ():
            name, version = library_version(file.name)
            if name in _LIBRARIES:
                found[name] = version
    return tuple(sorted(found.items()))


def library_version(file_name: str) -> tuple[str, str]:
    """Name and version of a shared library by its file's: ``libx264-d6533a8d.so.165``."""
    match = _LIBRARY_FILE.match(file_name)
    return (match[1], match[2]) if match else ("", "")


def _declared_version(package: Path) -> str:
    try:
        text = (package / "about.py").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    match = re.search(r"__version__\s*=\s*['\"]([^'\"]+)", text)
    return match[1] if match else "unknown"
