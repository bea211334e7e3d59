from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faulty_films import CASES, HEAD

from fvbuild.errors import ManifestError
from fvbuild.film.diagnostics import FilmFaults
from fvbuild.film.load import load


@pytest.mark.parametrize("case", CASES)
def test_every_fault_has_its_place_and_next_step(faults: Any, case: str) -> None:
    text, place, message, hint = CASES[case]
    found = faults(text)
    errors = [each for each in found if each.severity == "error"]
    assert [str(each.place) for each in errors] == [place], [each.render() for each in found]
    assert message in errors[0].message
    assert hint in errors[0].hint


def test_all_faults_are_told_at_once_and_shown(faults: Any, tmp_path: Path) -> None:
    found = faults(
        """film: {title: T, size: huge}
characters: {mara: {look: tall, wadrobe: {}}}
scenes:
  - id: s
    shots:
      - {id: a, action: x, camra: pan left, size: closeup}
      - {id: a, action: y, characters: [mora], duration: long}
      - {id: b, mode: chain, action: [z]}
"""
    )
    assert [(str(each.place), each.message.split(":")[0]) for each in found] == [
        ("film.yaml:1:24", "'huge' is no size (1920x1080) or ratio (16"),
        ("film.yaml:2:33", "unknown field 'wadrobe'"),
        ("film.yaml:6:28", "unknown field 'camra'"),
        ("film.yaml:7:14", "two shots of scene 's' are called 'a'"),
        ("film.yaml:7:41", "there is no character 'mora'"),
        ("film.yaml:7:58", "'long' is not a length (5s, 120f)"),
        ("film.yaml:8:38", "'action' takes text, not a list"),
    ]
    with pytest.raises(ManifestError) as caught:
        load(tmp_path / "film.yaml")
    assert (
        "film.yaml:6:28: error: unknown field 'camra'\n"
        "        - {id: a, action: x, camra: pan left, size: closeup}\n"
        "                             ^\n"
        "  hint: did you mean 'camera'?"
    ) in str(caught.value)
    assert caught.value.exit_code == 2
    assert isinstance(caught.value, FilmFaults)
    assert caught.value.as_json()[2]["hint"] == "did you mean 'camera'?"


@pytest.mark.parametrize("content", ["", "a text", "GIF89a", "RIFF....WAVE"])
def test_a_picture_is_known_by_its_bytes(faults: Any, content: str, tmp_path: Path) -> None:
    film = HEAD + "shots:\n  - {action: a, first_frame: x.png}\n"
    (tmp_path / "x.png").write_text(content)
    (found,) = faults(film)
    assert str(found.place) == "film.yaml:3:30"
    assert found.message == "'x.png' is not a PNG, JPEG or WebP picture"
    assert "save it again" in found.hint
    for start in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\1\2\3\4WEBPVP8X"):
        (tmp_path / "x.png").write_bytes(start)
        assert load(tmp_path / "film.yaml").variants


def test_a_cut_text_is_joined_with_a_warning(loaded: Any) -> None:
    found = loaded(HEAD + "characters: {t: {look: boy of 9, black curls, tall}}\nshots: [a]\n")
    assert found.variants[0].characters["t"].look == "boy of 9, black curls, tall"
    assert [str(each.place) for each in found.warnings] == ["film.yaml:2:34", "film.yaml:2:47"]


def test_faults_in_included_files_name_them(faults: Any) -> None:
    found = faults(
        HEAD + "include: [a.yaml, b.yaml]\ncharacters: {mara: tall}\nshots: [x]\n",
        a_yaml="characters: {mara: small}\ninclude: film.yaml\n",
        b_yaml="props: [\n",
    )
    told = {(str(each.place), each.message.split(":")[0]) for each in found}
    assert ("a.yaml:1:14", "'mara' is defined a second time") in told
    assert ("a.yaml:2:10", "files include each other") in told
    assert any(place == "b.yaml:2:1" for place, _ in told)


def test_files_that_are_no_film(tmp_path: Path) -> None:
    for data, words in {
        b"film: \xff\n": "0xff is not UTF-8",
        b"\xff\xfef\x00i\x00": "UTF-16",
        b"x" * (33 * 1024 * 1024): "32 MiB",
        b"\x00\x01": "control character",
    }.items():
        (tmp_path / "film.yaml").write_bytes(data)
        with pytest.raises(FilmFaults, match=words):
            load(tmp_path / "film.yaml")
    with pytest.raises(FilmFaults, match="no such file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(FilmFaults, match="folder"):
        load(tmp_path)


def test_exploding_aliases_and_deep_nesting_stop_early(faults: Any) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    assert "aliases stand for more" in faults(HEAD + bomb)[0].message
    assert "nested" in faults(HEAD + "shots: " + "[" * 100_000)[0].message
    assert (
        "nested"
        in faults(HEAD + "shots:\n" + "".join(" " * n + "-\n" for n in range(1, 300)))[0].message
    )


def test_a_long_line_is_shown_around_its_fault(faults: Any) -> None:
    found = faults(HEAD + "shots: [" + "a, " * 5000 + "{action: x, camra: y}]\n")
    shown = next(each for each in found if "camra" in each.message).render().splitlines()
    assert max(map(len, shown)) < 120
    assert shown[1][shown[2].index("^") :].startswith("camra")
