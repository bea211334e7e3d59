"""An edit spliced in is the same as the whole film read again."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ferry import START_OF_A_PNG
from hypothesis import given
from hypothesis import strategies as st

from fvbuild.errors import FilmBuildError
from fvbuild.film import load as load_module
from fvbuild.film.cache import ParseCache
from fvbuild.film.load import BUILT_IN_TARGETS, load

HEAD = """\
film: {title: T, fps: 25}
characters:
  mara: {look: tall, wardrobe: {coat: coat, suit: suit}}
  teo: small
props: {ticket: torn}
include: more.yaml
"""
SCENES = """\
scenes:
  - id: pier
    wardrobe: {mara: coat}
    lighting: dim
    shots:
      - id: one   # a comment
        size: wide
        action: she walks
      - id: two
        mode: keyframe
        action: she stops
        last_frame: she stands
        transition: dissolve 12f
        # another comment
      - id: three
        start: two.last_frame
        duration: 3s
        characters: [mara, teo]
        action: >
          a long
          text

      - {id: four, action: flow, dialogue: {speaker: teo, line: Hello.}}
      - id: five
        action: the end
        guidance: 3
        seed: 007
        takes: {anchor: 02}
  # between scenes
  - id: hall
    shots:
    - id: a
      action: first
      duration: dialogue
      dialogue:
        - {speaker: mara, line: "Well: here.", gain: -3, voice: {id: 7, speed: 1.50}}
    - id: b
      mode: chain
      action: |
        lines
        of text
sound:
  narration: [{at: two+1s, line: I was there.}]
outputs: {master: {}, stills: {sheet: 2x2}}
"""
MORE = """\
scenes:
  - id: coda
    shots:
      - id: x
        action: all is well
      - id: y
        action: they leave
"""


@pytest.fixture
def folder() -> Any:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def put(folder: Path, text: str, more: str = MORE) -> Path:
    (folder / "film.yaml").write_text(text, "utf-8")
    (folder / "more.yaml").write_text(more, "utf-8")
    return folder / "film.yaml"


def outcome(path: Path, cache: Path | None) -> Any:
    """What a load gives, to be compared: the films and warnings, or the faults."""
    try:
        found = load(path, None, cache)
    except FilmBuildError as error:
        return str(error)
    # As text: 3 and 3.0 are equal, and give different keys all the same.
    return repr(found.variants), [each.render() for each in found.warnings]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("she walks", "she runs"),
        ("size: wide", "size: close-up\n        lens: 35mm"),
        ("        # another comment\n", ""),
        ("action: she stops", "action: she stops\n        props: [ticket]"),
        ("a long\n          text", "a longer\n          text\n          of lines"),
        ("line: Hello.", "line: Good bye."),
        ("action: the end", "action: the end\n        use: {segment: sketch}"),
        ("they leave", "they stay"),
        ("Well: here", "Now: here"),
    ],
)
def test_an_edit_inside_of_a_shot_is_spliced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    path = put(folder, HEAD + SCENES)
    load(path, None, folder / "cache")
    assert (HEAD + SCENES + MORE).count(old) == 1
    put(folder, (HEAD + SCENES).replace(old, new), MORE.replace(old, new))
    whole = outcome(path, None)
    assert not isinstance(whole, str)
    monkeypatch.setattr(load_module, "_load_whole", lambda *_: pytest.fail("all was read again"))
    assert outcome(path, folder / "cache") == whole
    assert outcome(path, folder / "cache") == whole


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: one ", "id: won "),
        (
            "        action: she walks\n",
            "        action: she walks\n      - id: new\n        action: n\n",
        ),
        ("last_frame: she stands\n", "\n"),
        ("characters: [mara, teo]", "characters: [mora]"),
        ("size: wide", "size: wode"),
        ("lighting: dim", "lighting: bright"),
        ("action: she walks", "action: 'she walks"),
        ("action: she walks", "action: she walks\n---\n"),
        ("action: she walks", "action: &a she walks"),
        ("      - id: two", "      -  id: two"),
        ("mode: chain", "mode: anchor"),
        ("action: the end", "action: the end\n\n\n"),
        ("transition: dissolve 12f", "transition: dissolve 90s"),
    ],
)
def test_any_other_edit_is_as_if_nothing_was_kept(folder: Path, old: str, new: str) -> None:
    path = put(folder, HEAD + SCENES)
    load(path, None, folder / "cache")
    put(folder, (HEAD + SCENES).replace(old, new))
    assert outcome(path, folder / "cache") == outcome(path, None)


_PIECES = [
    *(" ", "\n", "- ", "x", ":", "'", '"', "#", "{", "}", "[", "]", ",", "|", ">", "\t", "\r"),
    *("&a ", "*a", "!t ", "---\n", "<<: ", "wide", "teo", "é", "    ", "id: one", "12f"),
    *("\n      - id: z\n        action: q\n", "\n        camera: dolly in", "duration: 2s"),
]


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_random_edits_give_what_a_whole_read_gives(seed: int, edits: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = HEAD + SCENES
        path = put(folder, text)
        load(path, None, folder / "cache")
        for _ in range(edits):
            at = chance.randrange(len(HEAD), len(text))
            cut = chance.choice([0, 0, 0, 1, 1, 4, 17])
            edited = text[:at] + chance.choice(["", *_PIECES]) + text[at + cut :]
            put(folder, edited)
            kept = outcome(path, folder / "cache")
            assert kept == outcome(path, None)
            # A film with a fault is never kept: go on from the last one that loads.
            text = text if isinstance(kept, str) else edited


def test_a_film_from_the_cache_needs_neither_pydantic_nor_yaml(folder: Path) -> None:
    import subprocess
    import sys

    path = put(folder, HEAD + SCENES)
    load(path, None, folder / "cache")
    code = (
        "import sys\nfrom pathlib import Path\nfrom fvbuild.film.load import load\n"
        f"load(Path({str(path)!r}), None, Path({str(folder / 'cache')!r}))\n"
        "assert not {'pydantic', 'ruamel', 'ruamel.yaml', 'av', 'PIL'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_damaged_caches_are_ignored(folder: Path) -> None:
    path = put(folder, HEAD + SCENES)
    cache = folder / "cache"
    whole = load(path, None, cache).variants
    (kept,) = cache.iterdir()
    good = kept.read_bytes()
    for bad in (b"", good[:40], good[:-9], good[:200] + b"\xff" + good[201:], b"x" * 5000):
        kept.write_bytes(bad)
        assert load(path, None, cache).variants == whole
        assert kept.read_bytes() == good
    kept.unlink()
    kept.mkdir()
    assert load(path, None, cache).variants == whole


def test_a_cache_that_cannot_be_written_is_no_fault(folder: Path) -> None:
    path = put(folder, HEAD + SCENES)
    (folder / "file").touch()
    assert load(path, None, folder / "file" / "cache").variants


def test_sources_tell_every_file_and_missing_pictures_are_noticed(folder: Path) -> None:
    (folder / "a.png").write_bytes(START_OF_A_PNG)
    text = HEAD + SCENES.replace(
        "action: she walks", "action: she walks\n        first_frame: a.png"
    )
    path = put(folder, text)
    for _ in range(2):
        found = load(path, None, folder / "cache")
        assert [Path(file.path).name for file in found.sources] == ["film.yaml", "more.yaml"]
        assert found.sources[0].size == len(text) and found.sources[0].ino
    (folder / "a.png").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(FilmBuildError, match=r"'a.png' is not a PNG, JPEG or WebP picture"):
        load(path, None, folder / "cache")
    (folder / "a.png").unlink()
    with pytest.raises(FilmBuildError, match=r"no picture 'a.png'"):
        load(path, None, folder / "cache")


def test_profiles_have_caches_of_their_own(folder: Path) -> None:
    path = put(folder, HEAD + SCENES + "profiles: {draft: {film: {size: 640x360}}}\n")
    cache = folder / "cache"
    for _ in range(2):
        assert load(path, None, cache).variants[0].size == (1280, 720)
        assert load(path, "draft", cache).variants[0].size == (640, 360)
    assert ParseCache(cache, path, "draft", BUILT_IN_TARGETS).read() is not None
