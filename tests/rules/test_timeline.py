"""Frames, starts and samples: when things happen, and the canvases they are drawn on."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvbuild.media.transition import Join
from fvbuild.rules.canvas import canvas_of
from fvbuild.rules.score import begins, placed
from fvbuild.rules.timeline import (
    Layout,
    Rate,
    exact_s,
    join_name,
    open_length_s,
    read_layout,
    settle_frames,
    spoken,
)
from fvbuild.timecode import nearest

_FPS = st.sampled_from([Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)])
_SECONDS = st.fractions(Fraction(1, 100), 60, max_denominator=1000)


@given(_SECONDS, _FPS, _FPS)
def test_a_native_clip_covers_every_frame_of_the_film(
    seconds: Fraction, film_fps: Fraction, native_fps: Fraction
) -> None:
    """Conform only trims: the instant of the last film frame lies within the native clip."""
    film_frames = max(1, nearest(seconds * film_fps))
    native = Rate(native_fps).frames(seconds)
    assert native / native_fps > (film_frames - 1) / film_fps


@given(_SECONDS, st.integers(1, 40), st.integers(1, 16))
def test_native_frames_are_a_count_the_target_makes(
    seconds: Fraction, least: int, step: int
) -> None:
    frames = Rate(Fraction(16), least, 10_000, step).frames(seconds)
    assert frames >= least and (frames - least) % step == 0
    wanted = max(seconds * 16, Fraction(least))
    assert wanted <= frames < wanted + step + 1


def test_five_seconds_are_exactly_their_frames() -> None:
    assert Rate(Fraction(24)).frames(Fraction(5)) == 120


def test_lines_follow_each_other_unless_they_have_a_time() -> None:
    seconds = [Fraction(1), Fraction(2), Fraction(1)]
    quarter = Fraction(1, 4)
    assert spoken([None, None, None], seconds) == [quarter, 3 * quarter + 1 - quarter, 4 - quarter]
    assert spoken([None, "5", None], seconds) == [quarter, 5, 7 + quarter]
    assert open_length_s([None, "5", None], seconds) == 8 + 2 * quarter


@given(st.integers(0, 48_000 * 3600))
def test_measured_seconds_are_whole_samples(samples: int) -> None:
    assert exact_s(samples / 48_000) == Fraction(samples, 48_000)


@pytest.mark.parametrize("value", ["1", None, True])
def test_a_length_is_a_number(value: object) -> None:
    with pytest.raises(TypeError):
        exact_s(value)  # type: ignore[arg-type]


def test_settling_leaves_known_lengths_alone() -> None:
    params: dict[str, Any] = {"frames": 48, "canvas": [64, 36]}
    assert settle_frames(params, {}) is params


def test_a_dissolve_shortens_the_film_and_moves_what_follows() -> None:
    layout = Layout.of(Fraction(24), [48, 48, 48], [Join("dissolve", 12), Join("dip", 12), None])
    assert layout.starts == (0, 36, 84)
    assert layout.total == 132
    assert layout.sample({"shot": 1}) == 36 * 2000
    assert layout.sample({"shot": 1, "end": True, "plus": "1/2"}) == 84 * 2000 + 24_000
    assert layout.sample({"end": True}) == 132 * 2000
    assert layout.sample({}) == 0


@given(
    st.lists(st.integers(1, 200) | st.lists(st.none(), min_size=1, max_size=3), min_size=1),
    st.data(),
)
def test_a_written_timeline_reads_as_the_layout_of_its_lengths(
    spans: list[int | list[None]], data: st.DataObject
) -> None:
    fps = Fraction(24)
    seconds = [
        data.draw(st.floats(0.1, 9))
        for span in spans
        if not isinstance(span, int)
        for _ in range(len(span))
    ]
    joins = [None if at % 3 else ["dissolve", 8] for at in range(len(spans))]
    layout = read_layout({"fps": "24", "spans": spans, "joins": joins}, tuple(seconds))
    known = [length for length, span in zip(layout.lengths, spans, strict=True) if span == length]
    assert known == [span for span in spans if isinstance(span, int)]
    again = Layout.of(
        fps, layout.lengths, [None if j is None else Join("dissolve", 8) for j in joins]
    )
    assert layout == again


def test_cues_find_their_samples() -> None:
    layout = Layout.of(Fraction(24), [48, 48], [None, None])
    cues: list[dict[str, Any]] = [
        {"role": "speech", "spot": {"shot": 1, "plus": "1/4"}},
        {"role": "speech", "after": 12_000},
        {"role": "music", "spot": {"shot": 0}, "until": {"shot": 1, "end": True}},
    ]
    assert placed(cues, layout) == [
        {"role": "speech", "at": 108_000},
        {"role": "speech", "after": 12_000},
        {"role": "music", "at": 0, "length": 192_000},
    ]
    assert begins(placed(cues, layout), [48_000, 24_000, 96_000]) == [108_000, 168_000, 0]


def test_transitions_by_name() -> None:
    assert join_name("dissolve", "") == "dissolve"
    assert join_name("dip", "white") == "dip to white"
    assert join_name("wipe", "left") == "wipe left"


@pytest.mark.parametrize(
    ("size", "area", "multiple", "canvas"),
    [
        ((1920, 1080), 1280 * 720, 2, (1280, 720)),
        ((640, 360), 1280 * 720, 2, (1280, 720)),
        ((1080, 1920), 1280 * 720, 16, (720, 1280)),
        ((1080, 1080), 1280 * 720, 2, (960, 960)),
        ((1920, 1080), 64 * 36, 4, (64, 36)),
        ((2048, 858), 832 * 480, 16, (976, 416)),
    ],
)
def test_canvases(size: tuple[int, int], area: int, multiple: int, canvas: tuple[int, int]) -> None:
    assert canvas_of(size, area, multiple) == canvas


@given(
    st.integers(8, 4000),
    st.integers(8, 4000),
    st.integers(64, 2_000_000),
    st.sampled_from([2, 8, 32]),
)
def test_a_canvas_is_of_the_films_ratio_whatever_its_size(
    width: int, height: int, area: int, multiple: int
) -> None:
    divisor = gcd(width, height)
    assume(max(width, height) <= 4 * min(width, height))
    canvas = canvas_of((width, height), area, multiple)
    assert all(side > 0 and side % multiple == 0 for side in canvas)
    assert canvas == canvas_of((width // divisor * 3, height // divisor * 3), area, multiple)
    # Within rounding: a side is off by at most half a step, or a fifth of the area.
    assert canvas[0] * canvas[1] <= 1.2 * area + multiple * sum(canvas)
