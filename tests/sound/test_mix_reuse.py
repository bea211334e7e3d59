"""A mix made from the last one is the mix made from nothing, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hearing import BLOCK, hiss, seconds, stem, tone
from hypothesis import given, settings
from hypothesis import strategies as st

from fvbuild.media import mix_render
from fvbuild.media.aac_file import PreviousMix
from fvbuild.media.mix import Cue, MixFacts, mix_film

TOTAL = 4 * BLOCK + 1234


@pytest.fixture(scope="module")
def stems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("stems")
    lines = {f"line{n}": stem(folder, f"line{n}", tone(1.5, 150 + 70 * n)) for n in range(4)}
    return {
        "bed": stem(folder, "bed", hiss(3, seed=1, level=0.02)),
        "music": stem(folder, "music", tone(7, 220, 0.2)),
        "like2": stem(folder, "like2", tone(1.5, 291)),
        **lines,
    }


def film(stems: dict[str, dict[str, Any]]) -> list[Cue]:
    return [
        Cue(**stems["bed"], at=0, loop=True, gain_db=-6),
        Cue(**stems["music"], at=seconds(1), length=seconds(17), loop=True, duck_db=-9, fade_out=9),
        *(Cue(**stems[f"line{n}"], at=seconds(2 + 5 * n), speech=True) for n in range(3)),
    ]


def mixed(cues: list[Cue], out: Path, previous: Path | None = None) -> tuple[bytes, MixFacts]:
    facts = mix_film(cues, TOTAL, -16, out, previous=previous)
    return out.read_bytes(), facts


def test_one_changed_line_touches_only_its_blocks(
    tmp_path: Path, stems: dict[str, dict[str, Any]]
) -> None:
    cues = film(stems)
    _, first = mixed(cues, tmp_path / "one.m4a")
    assert first.encoded == first.blocks == 5
    changed = [*cues[:4], Cue(**stems["like2"], at=seconds(12), speech=True)]
    clean, full = mixed(changed, tmp_path / "clean.m4a")
    reused, facts = mixed(changed, tmp_path / "again.m4a", tmp_path / "one.m4a")
    assert reused == clean
    assert facts.encoded <= 2
    assert replace(facts, encoded=full.encoded) == full


def test_an_unchanged_film_encodes_nothing_and_renders_nothing(
    tmp_path: Path, stems: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clean, _ = mixed(film(stems), tmp_path / "one.m4a")

    def never(*_: object) -> None:
        raise AssertionError("a block was rendered")

    monkeypatch.setattr(mix_render, "render", never)
    reused, facts = mixed(film(stems), tmp_path / "two.m4a", tmp_path / "one.m4a")
    assert (reused, facts.encoded) == (clean, 0)


def test_the_order_of_cues_does_not_matter(
    tmp_path: Path, stems: dict[str, dict[str, Any]]
) -> None:
    cues = film(stems)
    assert mixed(cues, tmp_path / "a.m4a")[0] == mixed(cues[::-1], tmp_path / "b.m4a")[0]


def test_levels_and_lengths_reach_every_block_they_shape(
    tmp_path: Path, stems: dict[str, dict[str, Any]]
) -> None:
    """Each edit through a reusing mix equals the clean mix of the edited film."""
    cues = film(stems)
    mixed(cues, tmp_path / "one.m4a")
    edits = {
        "fade": replace(cues[0], fade_in=seconds(2), gain_db=-12.0),
        "shift": replace(cues[0], at=64),
        "shorter": replace(cues[0], length=seconds(13)),
        "ducked": replace(cues[0], duck_db=-6.0),
        "offset": replace(cues[0], offset=480),
    }
    for name, cue in edits.items():
        clean, _ = mixed([cue, *cues[1:]], tmp_path / "clean.m4a")
        again, _ = mixed([cue, *cues[1:]], tmp_path / f"{name}.m4a", tmp_path / "one.m4a")
        assert again == clean, name


@settings(max_examples=12)
@given(st.data())
def test_a_chain_of_edits_never_differs_from_a_clean_mix(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("chain")
    sounds = [stem(folder, f"s{n}", tone(0.8, 200 + 90 * n)) for n in range(3)]
    total = data.draw(st.integers(BLOCK // 2, 2 * BLOCK))
    previous = None
    for step in range(3):
        cues = [
            Cue(
                **data.draw(st.sampled_from(sounds)),
                at=data.draw(st.integers(-20_000, total)),
                length=data.draw(st.none() | st.integers(0, 60_000)),
                gain_db=data.draw(st.sampled_from((0.0, -6.0, 9.0))),
                loop=data.draw(st.booleans()),
                duck_db=data.draw(st.sampled_from((0.0, -9.0))),
                speech=data.draw(st.booleans()),
                fade_in=data.draw(st.sampled_from((0, 5000))),
            )
            for _ in range(data.draw(st.integers(0, 4)))
        ]
        clean = folder / "clean.m4a"
        mix_film(cues, total, -18, clean)
        again = folder / f"{step}.m4a"
        mix_film(cues, total, -18, again, previous=previous)
        assert again.read_bytes() == clean.read_bytes()
        previous = again


def test_another_process_and_more_workers_give_the_same_bytes(
    tmp_path: Path, stems: dict[str, dict[str, Any]]
) -> None:
    here, _ = mixed(film(stems), tmp_path / "here.m4a")
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_mix_reuse import TOTAL, film; from fvbuild.media.mix import mix_film\n"
        "names = ['bed', 'music', *(f'line{n}' for n in range(4))]\n"
        "at = Path(sys.argv[2]); digests = sys.argv[4:]\n"
        "stems = {n: {'path': at / f'{n}.wav', 'digest': d} for n, d in zip(names, digests)}\n"
        "mix_film(film(stems), TOTAL, -16, Path(sys.argv[3]), workers=1)\n"
    )
    order = ["bed", "music", *(f"line{n}" for n in range(4))]
    folder = stems["bed"]["path"].parent
    arguments = [str(Path(__file__).parent), str(folder), str(tmp_path / "there.m4a")]
    subprocess.run(
        [sys.executable, "-c", program, *arguments, *(stems[n]["digest"] for n in order)],
        check=True,
        timeout=120,
    )
    assert (tmp_path / "there.m4a").read_bytes() == here


def _damage(data: bytes, how: str) -> bytes:
    middle = len(data) // 2
    return {
        "empty": b"",
        "cut": data[:middle],
        "tail cut": data[:-5],
        "noise": np.random.default_rng(0).bytes(len(data)),
        "packet": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
        "private": data[:-100] + bytes([data[-100] ^ 255]) + data[-99:],
        "sizes": data.replace(b"stsz", b"stsy"),
        "huge box": b"\xff\xff\xff\xff" + data[4:],
        "zero box": bytes(4) + data[4:],
    }[how]


@pytest.mark.parametrize(
    "how",
    ["empty", "cut", "tail cut", "noise", "packet", "private", "sizes", "huge box", "zero box"],
)
def test_a_damaged_previous_mix_harms_nothing(
    tmp_path: Path, stems: dict[str, dict[str, Any]], how: str
) -> None:
    cues = film(stems)[2:]
    clean, _ = mixed(cues, tmp_path / "one.m4a")
    (tmp_path / "bad.m4a").write_bytes(_damage(clean, how))
    again, _ = mixed(cues, tmp_path / "again.m4a", tmp_path / "bad.m4a")
    assert again == clean


def test_other_rules_take_nothing_over(tmp_path: Path, stems: dict[str, dict[str, Any]]) -> None:
    mixed(film(stems), tmp_path / "one.m4a")
    kept = PreviousMix.read(tmp_path / "one.m4a", bytes(16))
    assert not kept.lengths and kept.levels(bytes(16), 1) is None


def test_a_missing_previous_mix_is_no_mix(tmp_path: Path, stems: dict[str, dict[str, Any]]) -> None:
    cues = film(stems)[2:3]
    clean, _ = mixed(cues, tmp_path / "one.m4a")
    assert mixed(cues, tmp_path / "two.m4a", tmp_path / "gone.m4a")[0] == clean
