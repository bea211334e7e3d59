"""Camera shake taken out of a clip; what the camera does on purpose stays.

In two passes. The first measures how the picture moves from frame to frame, by phase correlation
(C. Kuglin and D. Hines, "The phase correlation image alignment method", 1975) of overlapping parts
of small pictures; the median of the parts counts, so that who walks through it moves no camera.
The path so found is smoothed over some tenths of a second, and the second pass shows each frame
through a window that moves by the difference. The window is as much smaller than the picture as the
shake was large, so no border is ever seen. Only shifts are taken out: a camera that rolls, or one
before which near things pass by far ones, is beyond this. Shifts are rounded to 1/64 pixel and
Pillow resamples in whole numbers, so that equal clips give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.media.clip import Check, encode_clip
from fvbuild.media.steps import frames_like, pictures_of, profile_like

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray
    from PIL.Image import Image

    from fvbuild.media.steps import StepProfile

    Path2 = NDArray[np.float64]
    """Shifts in pixels to the right and down, (frames, 2)."""

_MEASURED_WIDTH_PX = 320
_PARTS = (3, 5)
"""Rows and columns of parts, each half as high and a third as wide as the picture."""
_SMOOTHED_S = 0.3
"""Standard deviation of the Gaussian over which a path is smoothed."""
_MOST_SHARE = 0.05
"""How much of the picture may be cut off on each side."""
_STILL_PX = 0.25
"""Shake that nobody sees: such a clip is left as it is."""
_STEPS_PX = 64
_CHECK_EVERY = 8


def stabilize(source: Path, path: Path, *, check: Check | None = None) -> int | None:
    """Write ``source`` without its shake; the number of its frames, which stays what it was.

    None, and nothing is written, when it does not shake. Raises MediaError.
    """
    import numpy as np

    profile, _ = profile_like(source)
    camera = camera_path(source, profile, check)
    shake = camera - smoothed(camera, _SMOOTHED_S * float(profile.fps))
    room = np.array([profile.width, profile.height]) * _MOST_SHARE
    shake = np.clip(shake, -room, room)
    if np.abs(shake).max(initial=0.0) < _STILL_PX:
        return None
    shake = np.rint(shake * _STEPS_PX) / _STEPS_PX
    return encode_clip(path, _windows(source, profile, shake), profile, check=check)


def _windows(source: Path, profile: StepProfile, shake: Path2) -> Iterator[Image]:
    """Each frame through its window; all windows are of one size, in the ratio of the picture."""
    import numpy as np
    from PIL import Image as Pillow

    width, height = profile.width, profile.height
    most = np.abs(shake).max(axis=0)
    share = float(max(most[0] / width, most[1] / height))
    left, top = share * width, share * height
    for picture, (right, down) in zip(pictures_of(source, profile), shake, strict=False):
        box = (
            left + right,
            top + down,
            min(float(width), width - left + right),
            min(float(height), height - top + down),
        )
        box = (max(0.0, box[0]), max(0.0, box[1]), box[2], box[3])
        yield picture.resize((width, height), Pillow.Resampling.BICUBIC, box=box)


def camera_path(source: Path, profile: StepProfile, check: Check | None = None) -> Path2:
    """Where the picture's content is in each frame, in pixels from where the first has it."""
    import numpy as np

    factor = max(1, profile.width // _MEASURED_WIDTH_PX)
    place = np.zeros(2)
    found = [place]
    frames = frames_like(source, profile)
    first = next(frames, None)
    if first is None:
        return np.zeros((0, 2))
    before = _spectra(first, factor)
    for number, frame in enumerate(frames):
        if check is not None and number % _CHECK_EVERY == 0:
            check()
        here = _spectra(frame, factor)
        place = place + np.array(_shift(before, here)) * factor
        found.append(place)
        before = here
    return np.array(found)


def _spectra(frame: VideoFrame, factor: int) -> NDArray[np.complex128]:
    """The spectra of the parts of a small luma picture, each fading out towards its borders."""
    import numpy as np
    from PIL import Image as Pillow

    rows = np.asarray(frame.to_ndarray(), np.uint8)[: frame.height, : frame.width]
    small = np.asarray(Pillow.fromarray(rows).reduce(factor), np.float64)
    height, width = (max(2, side // share) for side, share in zip(small.shape, (2, 3), strict=True))
    parts = np.stack(
        [
            small[top : top + height, left : left + width]
            for top in np.linspace(0, small.shape[0] - height, _PARTS[0]).astype(int)
            for left in np.linspace(0, small.shape[1] - width, _PARTS[1]).astype(int)
        ]
    )
    fade = np.outer(np.hanning(height), np.hanning(width))
    return np.asarray(np.fft.rfft2((parts - parts.mean(axis=(1, 2), keepdims=True)) * fade))


def _shift(before: NDArray[np.complex128], here: NDArray[np.complex128]) -> tuple[float, float]:
    """How far what is seen has moved to the right and down, to a fraction of a pixel."""
    import numpy as np

    cross = here * before.conj()
    size = np.abs(cross)
    most = size.max(axis=(1, 2), keepdims=True)
    # Frequencies of which neither picture has anything would be noise of full strength.
    peaks = np.fft.irfft2(cross / (size + 1e-3 * most + 1e-9))
    found = [_of_part(peak) for peak, told in zip(peaks, most.ravel(), strict=True) if told > 1]
    if not found:
        return 0.0, 0.0
    right, down = np.median(np.array(found), axis=0)
    return float(right), float(down)


def _of_part(peak: NDArray[np.float64]) -> tuple[float, float]:
    import numpy as np

    row, column = (int(at) for at in np.unravel_index(np.argmax(peak), peak.shape))
    down = row + _top(peak[[row - 1, row, (row + 1) % peak.shape[0]], column])
    right = column + _top(peak[row, [column - 1, column, (column + 1) % peak.shape[1]]])
    down -= peak.shape[0] if down > peak.shape[0] / 2 else 0
    right -= peak.shape[1] if right > peak.shape[1] / 2 else 0
    return right, down


def _top(three: NDArray[np.float64]) -> float:
    """Where between its neighbours a peak is highest: the top of the parabola through them."""
    before, top, after = (float(value) for value in three)
    bend = before - 2 * top + after
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, (before - after) / 2 / bend))


def smoothed(path: Path2, sigma: float) -> Path2:
    """A path without what is quicker than ``sigma`` frames; a straight one stays what it is."""
    import numpy as np

    reach = min(len(path) - 1, max(1, int(3 * sigma)))
    if reach < 1:
        return path
    # Mirrored through its ends, so that a camera that pans is not held back there.
    start = 2 * path[0] - path[reach:0:-1]
    end = 2 * path[-1] - path[-2 : -reach - 2 : -1]
    whole = np.concatenate([start, path, end])
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    return np.stack([np.convolve(whole[:, axis], weights, "valid") for axis in (0, 1)], axis=1)
