"""Makes one of everything that encodes, for the test that another process gives the same bytes.

``python make_clips.py FOLDER [plain]``; ``plain``: without any processor's special instructions.
Prints the digest of every file as JSON.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from fvbuild.media.clip import encode_clip
from fvbuild.media.conform import conform
from fvbuild.media.image import write_png
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.sheet import SheetCell, write_sheets
from fvbuild.media.still import Slate, hold_picture
from fvbuild.media.transition import make_transition

PROFILE = JoiningProfile(192, 108, Fraction(24))
OTHER = JoiningProfile(144, 144, Fraction(25))


def use_plain_instructions() -> None:
    """Have FFmpeg and x264 take the code that every processor can run."""
    folder = Path(av.__file__).parent.with_name("av.libs")
    for library in folder.glob("libavutil*"):
        ctypes.CDLL(str(library)).av_force_cpu_flags(0)
    written = JoiningProfile.encoder_options

    def without_assembly(self: JoiningProfile) -> dict[str, str]:
        options = written(self)
        return {**options, "x264-params": options["x264-params"] + ":asm=0"}

    JoiningProfile.encoder_options = without_assembly  # type: ignore[method-assign]


def make(folder: Path, frames: int = 40) -> dict[str, str]:
    """Clips from RGB, conformed, mixed and slated; a picture and a sheet; their digests."""
    noise = np.random.default_rng(7).integers(0, 60, (frames, 108, 192, 3), dtype=np.uint8)
    ramp = np.linspace(0, 190, 192, dtype=np.uint8)[None, :, None]
    pictures = [np.roll(ramp, 3 * number, 1) + grain for number, grain in enumerate(noise)]
    write_png(folder / "a.png", Image.fromarray(pictures[0]))
    encode_clip(folder / "a.mp4", pictures, PROFILE)
    encode_clip(folder / "b.mp4", pictures[::-1], PROFILE)
    steps: list[Callable[[], object]] = [
        lambda: conform(folder / "a.mp4", folder / "conformed.mp4", OTHER, 45),
        lambda: make_transition(
            folder / "a.mp4",
            folder / "b.mp4",
            folder / "mix.mp4",
            PROFILE,
            a_from=24,
            b_to=24,
            kind="wipe",
            length=9,
        ),
        lambda: hold_picture(
            folder / "a.png", folder / "still.mp4", PROFILE, 10, slate=Slate("a", "b", "1")
        ),
        lambda: write_sheets([SheetCell(folder / "a.png", "a")], folder, width=640),
    ]
    for step in steps:
        step()
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


if __name__ == "__main__":
    if "plain" in sys.argv:
        use_plain_instructions()
    print(json.dumps(make(Path(sys.argv[1]))))
