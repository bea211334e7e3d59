"""Frames of any size, shape and colour, fitted to a film: scaled once, by lanczos."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from fvbuild.timecode import nearest

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

Fit: TypeAlias = Literal["crop", "pad"]

_HD_HEIGHT = 720
_UNTAGGED = 2
_BLACK_LUMA, _GREY_CHROMA = 16, 128


def crop_box(size: tuple[int, int], ratio: Fraction) -> tuple[int, int, int, int]:
    """Left, top, width and height, all even, of the largest centred part with this ratio."""
    width, height = size
    if ratio * height < width:
        kept = min(width, 2 * max(1, nearest(ratio * height / 2)))
        return (width - kept) // 4 * 2, 0, kept, height
    kept = min(height, 2 * max(1, nearest(width / ratio / 2)))
    return 0, (height - kept) // 4 * 2, width, kept


def inner_size(outer: tuple[int, int], ratio: Fraction) -> tuple[int, int]:
    """The largest even size of this ratio inside ``outer``."""
    width, height = outer
    if ratio * height < width:
        return min(width, 2 * max(1, nearest(ratio * height / 2))), height
    return width, min(height, 2 * max(1, nearest(width / ratio / 2)))


class FrameFitter:
    """Decoded frames -> yuv420p, BT.709 limited range, of one size. Upright, square pixels."""

    def __init__(self, width: int, height: int, fit: Fit = "crop") -> None:
        self._size = (width, height)
        self._fit = fit

    def __call__(self, frame: VideoFrame, pixel_ratio: Fraction = Fraction(1)) -> VideoFrame:
        """The fitted frame; ``pixel_ratio`` is the width of a source pixel over its height."""
        import av

        turns = frame.rotation // 90 % 4
        if turns:
            planes = [_turned(plane, turns) for plane in _planes(_converted(frame))]
            frame = _tagged(av.VideoFrame.from_ndarray(_packed(planes), format="yuv420p"))
            pixel_ratio = 1 / pixel_ratio if turns % 2 else pixel_ratio
        target = Fraction(*self._size)
        shown = Fraction(frame.width, frame.height) * pixel_ratio
        if self._fit == "pad" and shown != target:
            return self._padded(_converted(frame, inner_size(self._size, shown)))
        if shown != target:
            frame = _cropped(_converted(frame), target / pixel_ratio)
        return _converted(frame, self._size)

    def _padded(self, frame: VideoFrame) -> VideoFrame:
        import av
        import numpy as np

        if (frame.width, frame.height) == self._size:
            return frame
        width, height = self._size
        left, top = (width - frame.width) // 4 * 2, (height - frame.height) // 4 * 2
        padded = []
        for number, plane in enumerate(_planes(frame)):
            part = 2 if number else 1
            ground = np.full(
                (height // part, width // part), _GREY_CHROMA if number else _BLACK_LUMA, np.uint8
            )
            rows, columns = plane.shape
            ground[top // part :, left // part :][:rows, :columns] = plane
            padded.append(ground)
        return _tagged(av.VideoFrame.from_ndarray(_packed(padded), format="yuv420p"))


def _converted(frame: VideoFrame, size: tuple[int, int] | None = None) -> VideoFrame:
    """The frame as yuv420p, BT.709, limited range, scaled; itself when it is that already."""
    from av.video.reformatter import ColorRange, Colorspace, Interpolation

    width, height = size or (frame.width & ~1, frame.height & ~1)
    source = frame.colorspace
    if source == _UNTAGGED:
        # What players assume of a clip that does not say: BT.709 from HD on, BT.601 below.
        source = Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601
    limited = frame.color_range != ColorRange.JPEG
    same_colour = source == Colorspace.ITU709 and limited and frame.format.name == "yuv420p"
    if same_colour and (frame.width, frame.height) == (width, height):
        return frame
    return frame.reformat(
        width=width,
        height=height,
        format="yuv420p",
        src_colorspace=None if frame.format.is_rgb else source,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.LANCZOS
        | Interpolation.FULL_CHR_H_INP
        | Interpolation.ACCURATE_RND
        | Interpolation.BITEXACT,
        threads=1,
    )


def _cropped(frame: VideoFrame, ratio: Fraction) -> VideoFrame:
    import av

    left, top, width, height = crop_box((frame.width, frame.height), ratio)
    if (width, height) == (frame.width, frame.height):
        return frame
    kept = []
    for number, plane in enumerate(_planes(frame)):
        part = 2 if number else 1
        rows = slice(top // part, (top + height) // part)
        kept.append(plane[rows, left // part : (left + width) // part])
    return _tagged(av.VideoFrame.from_ndarray(_packed(kept), format="yuv420p"))


def _planes(frame: VideoFrame) -> list[NDArray[np.uint8]]:
    """Y, U and V of a yuv420p frame with even sides."""
    import numpy as np

    flat = np.asarray(frame.to_ndarray(), dtype=np.uint8).reshape(-1)
    luma, chroma = frame.width * frame.height, frame.width * frame.height // 4
    shape = (frame.height // 2, frame.width // 2)
    return [
        flat[:luma].reshape(frame.height, frame.width),
        flat[luma : luma + chroma].reshape(shape),
        flat[luma + chroma :].reshape(shape),
    ]


def _packed(planes: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Planes in the layout PyAV wants: one array of height * 3/2 rows."""
    import numpy as np

    width = planes[0].shape[1]
    return np.concatenate([plane.reshape(-1) for plane in planes]).reshape(-1, width)


def _turned(plane: NDArray[np.uint8], turns: int) -> NDArray[np.uint8]:
    """Quarter turns to the left."""
    import numpy as np

    return np.ascontiguousarray(np.rot90(plane, turns))


def _tagged(frame: VideoFrame) -> VideoFrame:
    from av.video.reformatter import ColorRange, Colorspace

    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    return frame
