"""A still picture held for a number of frames; and the slate, burnt in where an output asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.media.clip import Check, decode_frames, encode_clip
from fvbuild.media.codec import to_yuv
from fvbuild.media.fit import Fit
from fvbuild.media.image import fit_picture, read_picture
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.slate import Plate, Slate, fixed_plates, timecode_plate

if TYPE_CHECKING:
    from fvbuild.media.codec import Pixels

__all__ = ["Slate", "burn_slate", "hold_picture"]


def hold_picture(
    picture: Path,
    path: Path,
    profile: JoiningProfile,
    frames: int,
    *,
    fit: Fit = "crop",
    slate: Slate | None = None,
    check: Check | None = None,
) -> None:
    """Write a clip of the profile which shows ``picture`` for ``frames`` frames."""
    import numpy as np

    image = fit_picture(read_picture(picture), (profile.width, profile.height), fit)
    still = np.asarray(to_yuv(np.asarray(image)).to_ndarray(), dtype=np.uint8)
    shown = iter([still] * frames)
    encode_clip(path, _slated(shown, profile, slate) if slate else shown, profile, check=check)


def burn_slate(
    source: Path, path: Path, profile: JoiningProfile, slate: Slate, *, check: Check | None = None
) -> int:
    """Write a conformed clip again with the slate over it; returns its number of frames."""
    return encode_clip(path, _slated(decode_frames(source), profile, slate), profile, check=check)


def _slated(frames: Iterator[Pixels], profile: JoiningProfile, slate: Slate) -> Iterator[Pixels]:
    """Each frame with the slate; a held frame without timecode stays one and the same object."""
    size = (profile.width, profile.height)
    fixed = [(plate, _planar(plate)) for plate in fixed_plates(slate, size)]
    last: Pixels | None = None
    burnt: Pixels | None = None
    for number, frame in enumerate(frames):
        if frame is not last or burnt is None:
            last, burnt = frame, frame.copy()
            for plate, pixels in fixed:
                _paste(burnt, pixels, plate)
        if slate.start_frame is None:
            yield burnt
            continue
        running = timecode_plate(slate.start_frame + number, profile.fps, size)
        timed = burnt.copy()
        _paste(timed, _planar(running), running)
        yield timed


def _planar(plate: Plate) -> Pixels:
    import numpy as np

    return np.asarray(to_yuv(np.asarray(plate.image)).to_ndarray(), dtype=np.uint8)


def _paste(frame: Pixels, pixels: Pixels, plate: Plate) -> None:
    """Lay a planar picture into a planar frame, in place; what lies outside is cut off."""
    height, width = frame.shape[0] * 2 // 3, frame.shape[1]
    rows, columns = pixels.shape[0] * 2 // 3, pixels.shape[1]
    flat, small = frame.reshape(-1), pixels.reshape(-1)
    into = at = 0
    for part in (1, 2, 2):
        shape = (height // part, width // part)
        plane = flat[into : into + shape[0] * shape[1]].reshape(shape)
        piece_shape = (rows // part, columns // part)
        piece = small[at : at + piece_shape[0] * piece_shape[1]].reshape(piece_shape)
        target = plane[plate.top // part :, plate.left // part :][
            : piece_shape[0], : piece_shape[1]
        ]
        target[:] = piece[: target.shape[0], : target.shape[1]]
        into += shape[0] * shape[1]
        at += piece_shape[0] * piece_shape[1]
