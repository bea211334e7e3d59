"""Pictures: whatever a file holds, it becomes an sRGB picture or one clear message."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from fvbuild.errors import MediaError
from fvbuild.media.image import fit_picture, read_picture, size_of, write_png


def gradient(width: int = 40, height: int = 20) -> Image.Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 250, width)
    pixels[..., 1] = np.linspace(0, 250, height)[:, None]
    return Image.fromarray(pixels)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg"])
def test_the_three_formats(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture{suffix}"
    gradient().save(path, quality=95)
    assert size_of(path) == (40, 20)
    difference = np.asarray(read_picture(path)).astype(int) - np.asarray(gradient())
    assert np.abs(difference).mean() < 4


def test_upright_as_the_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    gradient().save(tmp_path / "a.jpg", exif=exif)
    assert size_of(tmp_path / "a.jpg") == (20, 40)
    assert read_picture(tmp_path / "a.jpg").size == (20, 40)


def test_transparency_lies_over_black(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (200, 100, 50, 128)).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").getpixel((0, 0)) == (100, 50, 25)
    paletted = Image.new("P", (4, 4), 1)
    paletted.putpalette([9, 9, 9, 200, 100, 50])
    paletted.save(tmp_path / "b.png", transparency=1)
    assert read_picture(tmp_path / "b.png").getpixel((0, 0)) == (0, 0, 0)


def test_sixteen_bits_keep_their_range(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 0x8080, np.uint16)).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").getpixel((0, 0)) == (128, 128, 128)


def test_own_colour_profile_is_converted(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    gradient().save(tmp_path / "a.png", icc_profile=lab)
    same = np.asarray(read_picture(tmp_path / "a.png")).astype(int) - np.asarray(gradient())
    assert np.abs(same).max() <= 1
    gradient().save(tmp_path / "b.png", icc_profile=b"nonsense")
    assert np.array_equal(np.asarray(read_picture(tmp_path / "b.png")), np.asarray(gradient()))


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(20_000, 20_000), (65_000, 65_000), (1, 2_000_000_000)])
def test_huge_pictures_are_refused_unread(size: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(bomb(*size))
    for read in (size_of, read_picture):
        with pytest.raises(MediaError, match="huge") as refused:
            read(tmp_path / "a.png", place="film.yaml:3:9")
        assert refused.value.place == "film.yaml:3:9"
        assert "below 120 megapixels" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBP"]
)
def test_what_is_no_picture(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(MediaError, match=r"a\.png") as refused:
        read_picture(tmp_path / "a.png")
    assert refused.value.hint


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="there is no picture"):
        size_of(tmp_path / "none.png")
    with pytest.raises(MediaError):
        read_picture(tmp_path)


def encoded(kind: str) -> bytes:
    out = io.BytesIO()
    gradient().save(out, kind)
    return out.getvalue()


PICTURES = {kind: encoded(kind) for kind in ("PNG", "JPEG", "WEBP")}


@given(st.sampled_from(sorted(PICTURES)), st.data())
def test_damaged_pictures_give_a_message_or_a_picture(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    whole = bytearray(PICTURES[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    try:
        assert read_picture(path).mode == "RGB"
    except MediaError as refused:
        assert "damaged" in str(refused)


@pytest.mark.parametrize("size", [(40, 20), (20, 20), (64, 20), (10, 60)])
def test_fitting_gives_the_size_asked_for(size: tuple[int, int]) -> None:
    picture = gradient()
    assert fit_picture(picture, size).size == size
    padded = fit_picture(picture, size, "pad")
    assert padded.size == size
    if size == (10, 60):
        assert padded.getpixel((5, 2)) == (0, 0, 0)


def test_written_pictures_are_exact_and_say_nothing_else(tmp_path: Path) -> None:
    picture = gradient()
    picture.info["comment"] = "secret"
    write_png(tmp_path / "a.png", picture)
    write_png(tmp_path / "b.png", picture)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert b"secret" not in (tmp_path / "a.png").read_bytes()
    assert np.array_equal(np.asarray(read_picture(tmp_path / "a.png")), np.asarray(gradient()))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]
