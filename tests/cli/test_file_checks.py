"""Pictures with the right first bytes and nothing right after them: told where the film names
them, by every command that looks, before anything is made."""

from __future__ import annotations

import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image
from telling import Tell

from fvbuild.errors import Exit

_PLACE = "first_frame: a rock"
_PICTURE = "first_frame: rock.png"


def _png() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((320, 180), 60).save(out, "PNG")
    return out.getvalue()


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((640, 360), 60).save(out, "JPEG", quality=95)
    return out.getvalue()


def _huge() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (_png()[:-2000], "damaged"),
        (_png()[:60], "damaged"),
        (_jpeg()[:-9000], "damaged"),
        (_jpeg()[:40], "rock.png"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "rock.png"),
        (_huge(), "huge"),
    ],
    ids=["png cut late", "png cut early", "jpeg cut late", "jpeg cut early", "zeros", "huge"],
)
def test_a_bad_picture_is_told_where_the_film_names_it(
    film: Path, tell: Tell, data: bytes, says: str
) -> None:
    text = (film / "film.yaml").read_text().replace(_PLACE, _PICTURE)
    (film / "film.yaml").write_text(text)
    row = next(n for n, line in enumerate(text.splitlines(), 1) if _PICTURE in line)
    column = text.splitlines()[row - 1].index("rock.png") + 1
    (film / "rock.png").write_bytes(data)
    for words in (("check",), ("plan",), ("build",)):
        told = tell(*words)
        assert told.code == Exit.USAGE, (words, told)
        assert f"film.yaml:{row}:{column}: " in told.err and says in told.err, told.err
        assert "rock.png" in told.err and "cache" not in told.err and "hint" in told.err
    assert not (film / "out").exists()
    (film / "rock.png").write_bytes(_png())
    assert tell("check").code == Exit.DONE
    assert tell("build").code == Exit.DONE


def test_a_check_names_all_of_them_and_leaves_no_state(film: Path, tell: Tell) -> None:
    text = (film / "film.yaml").read_text().replace(_PLACE, _PICTURE)
    text = text.replace("action: a boat,", "first_frame: boat.jpg, action: a boat,")
    (film / "film.yaml").write_text(text)
    (film / "rock.png").write_bytes(_png()[:-2000])
    (film / "boat.jpg").write_bytes(_jpeg()[:-9000])
    told = tell("check")
    assert told.code == Exit.USAGE and "2 errors" in told.out
    assert "'rock.png'" in told.err and "'boat.jpg'" in told.err and "^" in told.err
    assert not (film / "cache" / "state.sqlite3").exists()


def test_a_whole_picture_is_read_once(
    film: Path, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fvbuild.media import image

    looked: list[Path] = []
    check = image.check_picture

    def look(path: Path) -> None:
        looked.append(path)
        check(path)

    monkeypatch.setattr(image, "check_picture", look)
    (film / "film.yaml").write_text((film / "film.yaml").read_text().replace(_PLACE, _PICTURE))
    (film / "rock.png").write_bytes(_png())
    time.sleep(0.05)  # longer than a file counts as just written
    for _ in range(3):
        assert tell("plan").code == Exit.DONE
    assert len(looked) == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [("song.wav", b"hello"), ("song.mp3", bytes(4000)), ("song.wav", b"RIFF\x00\x00\x00\x00WAVE")],
    ids=["text", "zeros", "a header alone"],
)
def test_a_file_that_is_no_sound_is_told_where_the_film_names_it(
    film: Path, tell: Tell, name: str, data: bytes
) -> None:
    path = film / "film.yaml"
    path.write_text(path.read_text().rstrip() + f"\nsound: {{music: {{file: {name}}}}}\n")
    row = len(path.read_text().splitlines())
    (film / name).write_bytes(data)
    for words in (("check",), ("plan",), ("build",)):
        told = tell(*words)
        assert told.code == Exit.USAGE, (words, told)
        assert f"film.yaml:{row}:16: " in told.err, told.err
        assert f"'{name}' cannot be read as sound" in told.err and "give a WAV" in told.err
        assert "cache" not in told.err
    assert not (film / "out").exists()
