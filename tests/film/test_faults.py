from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fvbuild.errors import ManifestError
from fvbuild.film.diagnostics import FilmFaults
from fvbuild.film.load import load

HEAD = "film: T\n"

# (film, place, part of the message, part of the hint)
CASES = {
    "unknown field": (
        HEAD + "shots:\n  - {action: a, camra: pan left}\n",
        "film.yaml:3:17",
        "unknown field 'camra'",
        "did you mean 'camera'?",
    ),
    "unknown section": (HEAD + "shot: [a]\nshots: [b]\n", "film.yaml:2:1", "'shot'", "'shots'"),
    "wrong type": (
        HEAD + "shots:\n  - action: [a, b]\n",
        "film.yaml:3:13",
        "'action' takes text, not a list",
        "",
    ),
    "text for a number": (
        HEAD + "shots:\n  - {action: a, takes: many}\n",
        "film.yaml:3:24",
        "'takes' takes a whole number, not the text 'many'",
        "",
    ),
    "missing": (HEAD + "characters: {mara: {name: M}}\nshots: [a]\n", "film.yaml:2:20", "look", ""),
    "no film": ("shots: [a]\n", "film.yaml:1:1", "'film' is missing", ""),
    "empty required": (
        HEAD + "characters:\n  mara: {look: }\nshots: [a]\n",
        "film.yaml:3:16",
        "'look' is empty",
        "",
    ),
    "mode": (HEAD + "shots:\n  - {action: a, mode: keyfrme}\n", "film.yaml:3:23", "", "'keyframe'"),
    "kind of node": (HEAD + "use: {anchr: sketch}\nshots: [a]\n", "film.yaml:2:7", "", "'anchor'"),
    "too many takes": (
        HEAD + "shots:\n  - {action: a, takes: 1000}\n",
        "film.yaml:3:24",
        "at most 100, not 1000",
        "",
    ),
    "double key": (HEAD + "shots: [a]\nfilm: U\n", "film.yaml:3:1", "given twice", "film.yaml:1:1"),
    "shot size": (
        HEAD + "shots:\n  - {action: a, size: close pu}\n",
        "film.yaml:3:23",
        "no known shot size",
        "'close-up'",
    ),
    "character": (
        HEAD + "characters: {mara: tall}\nshots:\n  - {action: a, characters: [maro]}\n",
        "film.yaml:4:30",
        "there is no character 'maro'",
        "did you mean 'mara'?",
    ),
    "outfit": (
        HEAD + "characters: {mara: {look: l, wardrobe: {coat: c}}}\n"
        "shots:\n  - {action: a, characters: [mara], wardrobe: {mara: coot}}\n",
        "film.yaml:4:54",
        "no outfit of 'mara' 'coot'",
        "'coat'",
    ),
    "which outfit": (
        HEAD + "characters: {mara: {look: l, wardrobe: {coat: c, suit: s}}}\n"
        "shots:\n  - {action: a, characters: [mara]}\n",
        "film.yaml:4:30",
        "several outfits",
        "wardrobe: {mara: coat}",
    ),
    "location": (
        HEAD + "shots: [{action: a, location: x}]\n",
        "film.yaml:2:31",
        "location 'x'",
        "",
    ),
    "prop": (HEAD + "shots: [{action: a, props: [x]}]\n", "film.yaml:2:29", "no prop 'x'", ""),
    "target": (
        HEAD + "use: {segment: [sketch, skech]}\nshots: [a]\n",
        "film.yaml:2:25",
        "no target 'skech'",
        "'sketch'",
    ),
    "picture": (
        HEAD + "shots: [{action: a, first_frame: art/x.png}]\n",
        "film.yaml:2:34",
        "no picture 'art/x.png'",
        "",
    ),
    "picture outside": (
        HEAD + "shots: [{action: a, first_frame: ../x.png}]\n",
        "film.yaml:2:34",
        "outside of the film's folder",
        "",
    ),
    "absolute picture": (
        HEAD + "characters: {m: {look: l, references: [/etc/x.png]}}\nshots: [a]\n",
        "film.yaml:2:40",
        "outside of the film's folder",
        "",
    ),
    "duration": (HEAD + "shots: [{action: a, duration: 5 x}]\n", "film.yaml:2:31", "no", ""),
    "no time": (HEAD + "shots: [{action: a, duration: 0s}]\n", "film.yaml:2:31", "no time", ""),
    "dialogue length": (
        HEAD + "shots: [{action: a, duration: dialogue}]\n",
        "film.yaml:2:31",
        "has none",
        "",
    ),
    "size": ("film: {title: T, size: 1921x1080}\nshots: [a]\n", "film.yaml:1:24", "even", ""),
    "rate": ("film: {title: T, fps: x}\nshots: [a]\n", "film.yaml:1:23", "no", ""),
    "first chains": (
        HEAD + "shots: [{action: a, mode: chain}]\n",
        "film.yaml:2:27",
        "none before it",
        "anchor",
    ),
    "keyframe without end": (
        HEAD + "shots: [{action: a, mode: keyframe}]\n",
        "film.yaml:2:27",
        "no last frame",
        "",
    ),
    "useless last frame": (
        HEAD + "shots: [{action: a, last_frame: b}]\n",
        "film.yaml:2:33",
        "no use for a last frame",
        "mode: keyframe",
    ),
    "start": (
        HEAD + "shots: [{id: a, action: a}, {action: b, start: aa.last_frame}]\n",
        "film.yaml:2:48",
        "no shot 'aa'",
        "'a'",
    ),
    "start without end": (
        HEAD + "shots: [{id: a, action: a}, {action: b, start: a.last_frame}]\n",
        "film.yaml:2:48",
        "no last frame to share",
        "",
    ),
    "starts in a ring": (
        HEAD + "shots:\n"
        "  - {id: a, action: a, mode: keyframe, last_frame: x, start: b.last_frame}\n"
        "  - {id: b, action: b, mode: keyframe, last_frame: y, start: a.last_frame}\n",
        "film.yaml:3:62",
        "main/a -> main/b -> main/a",
        "",
    ),
    "transition": (
        HEAD + "shots: [{action: a, transition: disolve 12f}, b]\n",
        "film.yaml:2:33",
        "no known transition",
        "'dissolve'",
    ),
    "transition to nothing": (
        HEAD + "shots: [{action: a, transition: dissolve}]\n",
        "film.yaml:2:33",
        "no next one",
        "",
    ),
    "long transition": (
        HEAD + "shots: [{action: a, transition: dissolve 5s}, b]\n",
        "film.yaml:2:33",
        "96 frames",
        "",
    ),
    "equal shots": (HEAD + "shots:\n  - a man\n  - a man\n", "film.yaml:4:5", "two shots", "`id`"),
    "equal scenes": (
        HEAD + "scenes:\n  - {id: s, shots: [a]}\n  - {id: s, shots: [b]}\n",
        "film.yaml:4:10",
        "two scenes",
        "film.yaml:3:10",
    ),
    "reserved scene": (HEAD + "scenes: [{id: cut, shots: [a]}]\n", "film.yaml:2:15", "'cut'", ""),
    "id that escapes": (
        HEAD + "scenes: [{id: ../up, shots: [a]}]\n",
        "film.yaml:2:15",
        "no id",
        "'up'",
    ),
    "upper case id": (HEAD + "shots: [{id: Top, action: a}]\n", "film.yaml:2:14", "no id", "'top'"),
    "moment": (
        HEAD + "shots: [a]\nsound: {narration: [{at: b+1s, line: x}]}\n",
        "film.yaml:3:26",
        "no shot 'b'",
        "",
    ),
    "span backwards": (
        HEAD + "shots: [a, b]\nsound: {music: {make: x, over: b..a}}\n",
        "film.yaml:3:32",
        "comes before",
        "a..b",
    ),
    "shot of two scenes": (
        HEAD + "scenes: [{id: s, shots: [a]}, {id: t, shots: [a]}]\n"
        "sound: {effects: [{make: x, at: a}]}\n",
        "film.yaml:3:33",
        "several scenes",
        "s/a, t/a",
    ),
    "silent sound": (
        HEAD + "shots: [a]\nsound: {music: {gain: -3dB}}\n",
        "film.yaml:3:16",
        "made",
        "",
    ),
    "no shots": (HEAD + "scenes: []\n", "film.yaml:1:1", "no shots", ""),
    "shots and scenes": (
        HEAD + "shots: [a]\nscenes: [{id: s, shots: [b]}]\n",
        "film.yaml:3:1",
        "either `shots` or `scenes`",
        "",
    ),
    "missing include": (HEAD + "include: [x.yaml]\nshots: [a]\n", "film.yaml:2:11", "'x.yaml'", ""),
    "include outside": (HEAD + "include: ../x.yaml\nshots: [a]\n", "film.yaml:2:10", "out of", ""),
    "list at the top": ("- a\n- b\n", "film.yaml:1:1", "no mapping", ""),
    "nothing": ("", "film.yaml:1:1", "empty", ""),
    "a tab": (HEAD + "shots:\n\t- a\n", "film.yaml:3:1", "tab", ""),
    "a colon": (HEAD + "shots:\n  - action: he says: no\n", "film.yaml:3:20", "':'", "quotes"),
    "open quote": (HEAD + "shots: ['a]\n", "film.yaml:2:9", "never closed", ""),
    "control character": (HEAD + "shots: [a\x07]\n", "film.yaml:2:10", "control", ""),
    "escaped control": (HEAD + 'shots: ["a\\x07"]\n', "film.yaml:2:9", "control character", ""),
    "unknown tag": (HEAD + "shots: [!foo a]\n", "film.yaml:2:9", "'!foo'", ""),
    "python tag": (HEAD + "shots: [!!python/name:os.system a]\n", "film.yaml:2:9", "tag", ""),
    "second document": (
        HEAD + "shots: [a]\n---\nfilm: U\n",
        "film.yaml:3:1",
        "second document",
        "",
    ),
    "alias of nothing": (HEAD + "shots: [*a]\n", "film.yaml:2:9", "stands for nothing", ""),
    "alias in itself": (HEAD + "shots: &a [*a]\n", "film.yaml:2:12", "inside of", ""),
    "matrix axis": (HEAD + "matrix: {lang: []}\nshots: [a]\n", "film.yaml:2:16", "no values", ""),
    "matrix profile": (
        HEAD + "matrix: {r: {tall: tal}}\nprofiles: {tallest: {}}\nshots: [a]\n",
        "film.yaml:2:14",
        "no profile 'tal'",
        "",
    ),
    "edit list": (HEAD + "shots: [a]\noutputs: {edit: [oti]}\n", "film.yaml:3:17", "", "'otio'"),
}


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
