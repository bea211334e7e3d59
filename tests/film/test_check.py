from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ferry import write_ferry

from fvbuild.film.check import check, check_variants
from fvbuild.film.load import load

HEAD = """\
film: T
characters: {teo: {look: boy, name: Teo}, mara: woman}
"""

# Film below HEAD -> the places and codes found, beside what is unused.
CASES = {
    "two-shot the other way round": (
        "scenes: [{id: s, axis: {left: teo, right: mara}, shots: [\n"
        "  {id: a, size: two-shot, action: x, characters: [teo, mara]},\n"
        "  {id: b, size: OTS, action: x, characters: [mara, teo]},\n"
        "  {id: c, size: two-shot, action: x, characters: [mara, teo]}]}]\n",
        [(6, "[mara, teo]", "axis")],
    ),
    "eyelines": (
        "scenes: [{id: s, axis: {left: teo, right: mara}, shots: [\n"
        "  {id: a, action: Teo looks right, characters: [teo]},\n"
        "  {id: b, action: she gazes left, characters: [mara]},\n"
        "  {id: c, action: Teo looks slowly to the left, characters: [teo]}]}]\n",
        [(6, "Teo looks slowly", "axis")],
    ),
    "positions": (
        "scenes: [{id: s, axis: {left: teo, right: mara}, shots: [\n"
        "  {id: a, first_frame: 'Teo on the left, mara on the right', characters: [teo, mara]},\n"
        "  {id: b, first_frame: Teo stands on the right, action: x, characters: [teo, mara]}]}]\n",
        [(5, "Teo stands", "axis")],
    ),
    "an arc carries the camera across": (
        "scenes: [{id: s, axis: {left: teo, right: mara}, shots: [\n"
        "  {id: a, camera: orbit, action: x, characters: [teo, mara]},\n"
        "  {id: c, size: two-shot, action: x, characters: [mara, teo]}]}]\n",
        [],
    ),
    "jump cut": (
        "shots:\n"
        "  - {id: a, size: CU, action: x, characters: [teo]}\n"
        "  - {id: b, size: close-up, angle: eye, action: y, characters: [teo]}\n"
        "  - {id: c, size: close-up, angle: low, action: z, characters: [teo]}\n"
        "  - {id: d, size: close-up, angle: low, action: u, characters: [mara]}\n"
        "  - {id: e, size: close-up, angle: low, action: v, characters: [mara], mode: chain,"
        " transition: dissolve}\n"
        "  - {id: f, size: close-up, angle: low, action: w, characters: [mara]}\n",
        [(5, "close-up", "jump-cut")],
    ),
    "shot and reverse shot": (
        "shots:\n"
        "  - {id: a, size: OTS, action: x, characters: [teo, mara]}\n"
        "  - {id: b, size: OTS, action: y, characters: [mara, teo]}\n"
        "  - {id: c, size: OTS, action: z, characters: [mara, teo]}\n",
        [(6, "OTS", "jump-cut")],
    ),
    "chains": (
        "shots:\n  - {id: a, action: x, characters: [teo, mara]}\n"
        + "".join(f"  - {{id: c{n}, action: x, mode: chain}}\n" for n in range(5)),
        [(8, "chain", "chain")],
    ),
    "same frames": (
        "shots:\n"
        "  - {id: a, mode: keyframe, first_frame: A door., last_frame: a  door,"
        " action: x, characters: [teo, mara]}\n"
        "  - {id: b, mode: keyframe, start: a.last_frame, last_frame: A door, action: y}\n",
        [(4, "a  door", "same-frames"), (5, "A door", "same-frames")],
    ),
    "long dialogue": (
        "shots:\n"
        "  - {id: a, duration: 2s, action: x, characters: [teo, mara], dialogue:"
        " {speaker: teo, line: one two three four five six seven eight nine ten}}\n"
        "  - {id: b, duration: dialogue, action: x, characters: [teo], dialogue:"
        " {speaker: teo, line: one two three four five six seven eight nine ten}}\n"
        "  - {id: c, duration: 2s, action: x, characters: [teo], dialogue:"
        " {speaker: teo, line: {en: Hi., ja: これはとても長い台詞なので二秒では言えない}}}\n",
        [(4, "one", "speech"), (6, "{en", "speech")],
    ),
    "speaker out of sight": (
        "shots:\n"
        "  - {id: a, action: x, characters: [teo], dialogue: {speaker: mara, line: Hi.}}\n"
        "  - {id: b, action: x, characters: [teo],"
        " dialogue: {speaker: mara, line: Hi., delivery: calling off screen}}\n",
        [(4, "Hi.", "speaker")],
    ),
    "narration": (
        "shots: [{id: a, action: x, characters: [teo, mara], duration: 3s}]\n"
        "sound:\n  narration:\n"
        "    - {at: a, line: one two three four five six}\n"
        "    - {at: a+1s, line: one}\n"
        "    - {at: a.end-1s, line: one two three four five six seven}\n",
        [(6, "one two", "speech"), (8, "one two", "speech")],
    ),
    "subtitles": (
        "shots: [{id: a, action: x, characters: [teo, mara],"
        " dialogue: {speaker: teo, line: {en: Hi.}}}]\n"
        "outputs: {master: {subtitles: [en, fr]}}\n",
        [(3, "{en", "subtitles")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_film_grammar(loaded: Any, case: str) -> None:
    text, expected = CASES[case]
    (film,) = loaded(HEAD + text).variants
    found = [each for each in check(film) if each.code != "unused"]
    lines = (HEAD + text).splitlines()
    told = [(each, lines[each.place.line - 1][each.place.column - 1 :]) for each in found]
    assert [(each.place.line, each.code) for each in found] == [
        (n, code) for n, _, code in expected
    ]
    assert all(at.startswith(begin) for (_, at), (_, begin, _) in zip(told, expected, strict=True))
    assert all(each.severity == "warning" and each.hint for each in found)


def test_how_strictly_is_the_films_choice(loaded: Any) -> None:
    text = HEAD + CASES["jump cut"][0] + "checks: {grammar: LEVEL}\nprops: {ticket: torn}\n"
    for level, expected in {
        "off": [("warning", "unused")],
        "warn": [("warning", "jump-cut"), ("warning", "unused")],
        "error": [("error", "jump-cut"), ("warning", "unused")],
    }.items():
        (film,) = loaded(text.replace("LEVEL", level)).variants
        assert [(each.severity, each.code) for each in check(film)] == expected


def test_lengths_against_what_targets_make(loaded: Any) -> None:
    (film,) = loaded(
        "film: T\nshots:\n  - {action: a, duration: 2s}\n  - {action: b, duration: 5s}\n"
        "  - {action: c, duration: 9s}\n"
    ).variants
    assert not check(film)
    found = check(film, {"sketch": (4.0, 8.0, 2.0)})
    assert [(str(each.place), each.code) for each in found] == [
        ("film.yaml:3:27", "length"),
        ("film.yaml:5:27", "length"),
    ]


def test_unused(loaded: Any) -> None:
    found = loaded(
        """film: T
targets: {flux: {provider: diffusers}, wan: {provider: diffusers}, veo: {provider: google}}
use: {segment: veo}
profiles: {fast: {use: {segment: wan}}}
matrix: {who: {a: {}, b: {shots: [{id: s, characters: [mara, teo]}]}}}
characters:
  mara: {look: tall, wardrobe: {coat: coat, suit: suit}}
  teo: small
  voice: unseen
  nobody: none
locations: {here: x, there: y}
props: {ticket: torn}
shots:
  - {id: s, action: a, location: here, characters: [mara], wardrobe: {mara: coat},
     dialogue: {speaker: voice, line: Hi., delivery: off screen}}
"""
    )
    told = [
        (each.place.line, each.message.split(" is ")[0]) for each in check_variants(found.variants)
    ]
    assert told == [
        (2, "the target 'flux'"),
        (7, "the outfit 'mara/suit'"),
        (10, "the character 'nobody'"),
        (11, "the location 'there'"),
        (12, "the prop 'ticket'"),
    ]


def test_a_target_that_a_profile_replaces_is_not_unused(tmp_path: Path) -> None:
    film = write_ferry(tmp_path)
    for profile in (None, "draft"):
        (variant,) = load(film, profile).variants
        assert [each.message.split(" is ")[0] for each in check(variant)] == [
            "the outfit 'mara/suit'"
        ]


def test_findings_show_their_line(tmp_path: Path) -> None:
    (film,) = load(write_ferry(tmp_path)).variants
    (found,) = check(film, folder=tmp_path)
    assert found.render() == (
        "film.yaml:23:54: warning: the outfit 'mara/suit' is never used: "
        "no visible character wears it [unused]\n"
        "      wardrobe: {oilskin: yellow oilskin and navy cap, suit: charcoal suit}\n"
        "                                                       ^\n"
        "  hint: use it, or take it out"
    )
