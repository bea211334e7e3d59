"""The edge to PyAV: files opened safely, and colours converted the same way on every processor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from fvbuild.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels: TypeAlias = NDArray[np.uint8]
    """RGB (H x W x 3) or planar yuv420p (H*3/2 x W)."""

MAX_PIXELS = 8192 * 8192

# A playlist could name other files, and a network protocol other machines; neither is a clip.
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,ogg,gif,apng"
_OPEN = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
_TIMEOUT_S = 20.0

# libswscale: bicubic, all of the source's colour samples, exact rounding, no processor's shortcuts.
_SWS_BICUBIC, _SWS_FULL_CHROMA_OUT, _SWS_FULL_CHROMA_IN = 0x4, 0x2000, 0x4000
_SWS_ACCURATE, _SWS_BITEXACT = 0x40000, 0x80000
_EXACT = _SWS_BICUBIC | _SWS_ACCURATE | _SWS_BITEXACT


@contextmanager
def opened(path: Path, *, place: str | None = None) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and its first video stream, decoding on one thread.

    Raises MediaError for what is no clip, has no pictures, or pictures over 67 megapixels; errors
    of decoding inside the ``with`` become MediaError too.
    """
    import av

    where = place or str(path)
    try:
        with av.open(str(path), container_options=_OPEN, timeout=_TIMEOUT_S) as container:
            if not container.streams.video:
                raise MediaError("this file has no pictures in it", place=where)
            stream = container.streams.video[0]
            # A stream whose codec FFmpeg does not know has no context, whatever its type says.
            if getattr(stream, "codec_context", None) is None:
                raise MediaError("its pictures are in a format that is not known", place=where)
            if not 0 < stream.width * stream.height <= MAX_PIXELS:
                raise MediaError(
                    f"a picture of {stream.width}x{stream.height} is no clip's", place=where
                )
            stream.codec_context.thread_count = 1
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
            yield container, stream
    except (av.FFmpegError, OSError, EOFError, ValueError) as wrong:
        raise MediaError(
            f"this clip cannot be decoded: {_words(wrong)}",
            place=where,
            hint="replace the file by one that plays, or have it made again",
        ) from None


def to_yuv(picture: Pixels | Image | VideoFrame) -> VideoFrame:
    """A picture as a yuv420p frame, BT.709 limited range."""
    import av
    from av.video.reformatter import ColorRange, Colorspace

    if isinstance(picture, av.VideoFrame):
        frame = picture
        if frame.format.name == "yuv420p":
            return frame
    else:
        frame = _wrapped(picture)
        if frame.format.name == "yuv420p":
            return frame
    return frame.reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=_EXACT | _SWS_FULL_CHROMA_IN,
        threads=1,
    )


def to_rgb(frame: VideoFrame) -> Pixels:
    """A decoded frame as RGB (uint8, H x W x 3)."""
    import numpy as np
    from av.video.reformatter import Colorspace

    untagged = frame.colorspace == 2
    converted = frame.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709 if untagged else None,
        interpolation=_EXACT | _SWS_FULL_CHROMA_OUT,
        threads=1,
    )
    return np.ascontiguousarray(converted.to_ndarray(), dtype=np.uint8)


def _wrapped(picture: Pixels | Image) -> VideoFrame:
    import av
    import numpy as np

    pixels = np.ascontiguousarray(picture, dtype=np.uint8)
    if pixels.ndim == 2:
        return av.VideoFrame.from_ndarray(pixels, format="yuv420p")
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        return av.VideoFrame.from_ndarray(pixels, format="rgb24")
    raise MediaError(f"a frame of shape {pixels.shape} is neither RGB nor yuv420p")


def _words(wrong: Exception) -> str:
    return (getattr(wrong, "strerror", None) or str(wrong) or type(wrong).__name__).lower()
