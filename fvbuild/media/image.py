"""Pictures: read safely, fitted to a canvas, written the same every time."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError
from fvbuild.media.fit import Fit, crop_box, inner_size

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 120_000_000
MAX_FILE_BYTES = 512 * 1024 * 1024

_FORMATS = ("PNG", "JPEG", "WEBP")
_EXIF_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_COMPRESSION = 4
_SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L")


def size_of(path: Path, *, place: str | None = None) -> tuple[int, int]:
    """Width and height in pixels as shown (EXIF orientation applied), without decoding.

    Raises MediaError when it is not a PNG, JPEG or WebP picture, or has over 120 megapixels.
    """
    with _opened(path, place) as image:
        if image.getexif().get(_EXIF_ORIENTATION) in _SIDEWAYS:
            return image.height, image.width
        return image.size


def read_picture(path: Path, *, place: str | None = None) -> Image:
    """The picture as a Pillow RGB image: upright, sRGB, transparency laid over black.

    ``place`` is where the user named it (``film.yaml:52:9``), for the message.
    Raises MediaError when it cannot be read.
    """
    from PIL import ImageOps

    with _opened(path, place) as image:
        image.load()
        profile = image.info.get("icc_profile")
        upright = ImageOps.exif_transpose(image)
        return _as_rgb(_in_srgb(upright, profile))


def check_picture(path: Path) -> None:
    """Decode a picture and throw it away; a JPEG at an eighth of its size, which reads all of it.

    Raises MediaError when it cannot be read to its end, or is too large to be read.
    """
    with _opened(path, None) as image:
        image.draft("RGB", (image.width // 8, image.height // 8))
        image.load()


def fit_picture(image: Image, size: tuple[int, int], fit: Fit = "crop") -> Image:
    """The picture at exactly ``size``: scaled by lanczos, cropped at the centre or padded black."""
    from PIL import Image as Pillow

    target = Fraction(*size)
    if image.size == size:
        return image
    if fit == "crop":
        left, top, width, height = crop_box(image.size, target)
        box = (left, top, left + width, top + height)
        return image.resize(size, Pillow.Resampling.LANCZOS, box=box)
    inner = inner_size(size, Fraction(*image.size))
    padded = Pillow.new("RGB", size)
    place = ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2)
    padded.paste(image.resize(inner, Pillow.Resampling.LANCZOS), place)
    return padded


def write_png(path: Path, image: Image) -> None:
    """Write an RGB picture as PNG, without any metadata; it appears only when it is whole."""
    plain = image.convert("RGB")
    plain.info = {}
    part = path.with_name(path.name + ".part")
    try:
        plain.save(part, format="PNG", compress_level=_COMPRESSION)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path, place: str | None) -> Iterator[Image]:
    """The picture, its header read and its size checked; what goes wrong is a MediaError."""
    from PIL import Image, UnidentifiedImageError

    where = place or str(path)
    name = path.name
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise MediaError(f"the picture '{name}' is over 512 MB", place=where)
        with warnings.catch_warnings():
            # Our own limit stands below, for every picture; Pillow only warns up to twice its own.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=_FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise MediaError(
                        f"the picture '{name}' is huge: {width}x{height} pixels",
                        place=where,
                        hint=f"scale it below {MAX_PIXELS // 1_000_000} megapixels",
                    )
                yield image
    except Image.DecompressionBombError:
        raise MediaError(
            f"the picture '{name}' is huge",
            place=where,
            hint=f"scale it below {MAX_PIXELS // 1_000_000} megapixels",
        ) from None
    except UnidentifiedImageError:
        raise MediaError(
            f"'{name}' is not a PNG, JPEG or WebP picture",
            place=where,
            hint="save it again as PNG or JPEG",
        ) from None
    except FileNotFoundError:
        raise MediaError(f"there is no picture '{path}'", place=where) from None
    except (OSError, SyntaxError, ValueError, EOFError) as wrong:
        raise MediaError(
            f"the picture '{name}' is damaged: {wrong}",
            place=where,
            hint="save it again as PNG or JPEG",
        ) from None


def _in_srgb(image: Image, profile: bytes | None) -> Image:
    """Colours converted from the picture's own profile, where it has one that is understood."""
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _as_rgb(image: Image) -> Image:
    from PIL import Image as Pillow

    if image.mode in _SIXTEEN_BITS:
        return image.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        return Pillow.alpha_composite(
            Pillow.new("RGBA", clear.size, (0, 0, 0, 255)), clear
        ).convert("RGB")
    return image.convert("RGB")
