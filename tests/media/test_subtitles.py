"""Subtitles as text, and as samples without a gap."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fvbuild.media.mp4.language import packed, three_letters
from fvbuild.media.subtitles import Cue, timed_text, to_srt, to_vtt

CUES = [
    Cue(Fraction(7, 2), Fraction(5), "Second <line>\n\n of it"),
    Cue(Fraction(1), Fraction(2), "Première — “là”"),
    Cue(Fraction(9), Fraction(9), "never"),
]


def test_subrip() -> None:
    assert to_srt(CUES) == (
        "1\n00:00:01,000 --> 00:00:02,000\nPremière — “là”\n"
        "\n2\n00:00:03,500 --> 00:00:05,000\nSecond <line>\nof it\n"
    )


def test_webvtt() -> None:
    assert to_vtt(CUES) == (
        "WEBVTT\n"
        "\n00:00:01.000 --> 00:00:02.000\nPremière — “là”\n"
        "\n00:00:03.500 --> 00:00:05.000\nSecond &lt;line&gt;\nof it\n"
    )


def test_nothing_said() -> None:
    assert to_srt([]) == ""
    assert to_vtt([]) == "WEBVTT\n"
    assert timed_text([], 24, 240) == [(240, b"\0\0")]


@given(
    st.lists(st.tuples(st.integers(-50, 700), st.integers(0, 300), st.text(max_size=20))),
    st.integers(1, 600),
)
def test_samples_cover_the_film_and_show_what_is_said(
    said: list[tuple[int, int, str]], total: int
) -> None:
    cues = [Cue(Fraction(at, 24), Fraction(at + length, 24), text) for at, length, text in said]
    samples = timed_text(cues, 24, total)
    assert sum(ticks for ticks, _ in samples) == total
    assert all(ticks > 0 for ticks, _ in samples)
    clock = 0
    for ticks, sample in samples:
        assert int.from_bytes(sample[:2], "big") == len(sample) - 2
        wanted = sum(
            len([line for line in text.splitlines() if line.strip()])
            for at, length, text in said
            if at <= clock and at + length >= clock + ticks
        )
        shown = sample[2:].decode()
        assert len(shown.split("\n")) == max(1, wanted) or not wanted
        clock += ticks


def test_a_very_long_line_is_cut_between_characters() -> None:
    ((_, sample),) = timed_text([Cue(Fraction(0), Fraction(1), "é" * 40_000)], 24, 24)
    assert len(sample) <= 65537
    assert set(sample[2:].decode()) == {"é"}


def test_languages() -> None:
    assert [
        three_letters(tag) for tag in ("en", "FR", "pt-BR", "zh_Hant", "gsw", "", "x", "日本")
    ] == [*("eng", "fra", "por", "zho", "gsw", "und", "und", "und")]
    assert packed("und") == 0x55C4
