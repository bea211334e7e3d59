"""When things happen: how long shots are, where they begin, and what starts at which sample.

A shot's length is known from the film, or follows its speech (``duration: dialogue``). What
depends on such a length carries it *open*, as the lines that are said; :func:`open_length_s` is
then worked out from the measured seconds of the speeches, and no second of them enters a key.

All arithmetic is in fractions of a second and whole frames; sound counts samples at 48 kHz.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from fvbuild.engine.digest import Json
from fvbuild.film.resolved import Film, Line, Moment, Shot
from fvbuild.media.transition import Join, fit_transitions, overlap_frames
from fvbuild.timecode import nearest, samples_at
from fvbuild.values import dataclass

SAMPLE_RATE = 48_000

LEAD_S = Fraction(1, 4)
"""Silence before the first line of a shot, and after the last where its length follows them."""

PAUSE_S = Fraction(1, 4)
"""Silence between two lines that follow each other."""

_SPOKEN_CHARACTERS_A_SECOND = 15
_SHORTEST_LINE_S = Fraction(1, 2)


def estimated_s(text: str) -> Fraction:
    """About how long a line takes to say, in tenths of a second, for planning alone."""
    tenths = round(len(text) * 10 / _SPOKEN_CHARACTERS_A_SECOND)
    return max(_SHORTEST_LINE_S, Fraction(tenths, 10))


def exact_s(seconds: Json) -> Fraction:
    """A measured length as the whole number of samples that it is."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{seconds!r} is not a length in seconds")
    return Fraction(round(seconds * SAMPLE_RATE), SAMPLE_RATE)


def spoken(starts: Sequence[str | None], seconds: Sequence[Fraction]) -> list[Fraction]:
    """Where each line of a shot begins, in seconds after the shot's first frame.

    starts: its own time as a fraction's text, or None for "after the line before it".
    """
    begins: list[Fraction] = []
    free = LEAD_S
    for start, length in zip(starts, seconds, strict=True):
        begin = free if start is None else Fraction(start)
        begins.append(begin)
        free = begin + length + PAUSE_S
    return begins


def open_length_s(starts: Sequence[str | None], seconds: Sequence[Fraction]) -> Fraction:
    """How long a shot is that lasts as long as its lines."""
    begins = spoken(starts, seconds)
    ends = [begin + length for begin, length in zip(begins, seconds, strict=True)]
    return max(ends, default=Fraction(0)) + LEAD_S


class Rate(NamedTuple):
    """The frame counts a maker can give: ``least + k * step`` up to ``most``, at ``fps``."""

    fps: Fraction
    least: int = 1
    most: int = 1_000_000
    step: int = 1

    def frames(self, seconds: Fraction) -> int:
        """The smallest possible count that lasts at least so long; may be over ``most``."""
        wanted = max(ceil(seconds * self.fps), self.least)
        return self.least + -(-(wanted - self.least) // self.step) * self.step

    def open(self, lines: Sequence[str | None]) -> dict[str, Json]:
        """A frame count that waits for the seconds of its lines; see :func:`settle_frames`."""
        return {"lines": list(lines), "rate": [str(self.fps), self.least, self.most, self.step]}


def settle_frames(
    params: Mapping[str, Json], facts: Mapping[str, tuple[Json, ...]]
) -> Mapping[str, Json]:
    """``Kind.settle`` for clips: an open ``frames`` is counted from the ``length`` facts."""
    frames: Any = params.get("frames")
    if not isinstance(frames, dict):
        return params
    fps, least, most, step = frames["rate"]
    seconds = [exact_s(value) for value in facts["length"]]
    count = Rate(Fraction(fps), least, most, step).frames(open_length_s(frames["lines"], seconds))
    settled = {**params, "frames": count}
    move = params.get("move")
    if isinstance(move, dict):
        settled["move"] = {**move, "frames": count}
    return settled


@dataclass(frozen=True, slots=True)
class Layout:
    """The film laid out in frames. ``joins`` are fitted, one a shot; ``total`` its length."""

    fps: Fraction
    lengths: tuple[int, ...]
    joins: tuple[Join | None, ...]
    starts: tuple[int, ...]
    total: int

    @classmethod
    def of(cls, fps: Fraction, lengths: Sequence[int], joins: Sequence[Join | None]) -> Layout:
        """Lay out shots of these lengths, each followed by its join."""
        fitted = fit_transitions(lengths, joins)
        starts, at, end = [], 0, 0
        for length, join in zip(lengths, fitted, strict=True):
            starts.append(at)
            end = at + length
            at = end - (overlap_frames(*join) if join is not None else 0)
        return cls(fps, tuple(lengths), tuple(fitted), tuple(starts), end)

    def sample(self, spot: Mapping[str, Any]) -> int:
        """The sample of a *spot*: ``shot`` (its number, None for the film), ``end``, ``plus``."""
        shot, at_end = spot.get("shot"), spot.get("end", False)
        if shot is None:
            frame = self.total if at_end else 0
        else:
            frame = self.starts[shot] + (self.lengths[shot] if at_end else 0)
        return samples_at(frame, self.fps) + nearest(Fraction(spot.get("plus", 0)) * SAMPLE_RATE)


class Timeline:
    """The lengths of all shots of a film, known or open, and what refers to them."""

    def __init__(self, film: Film) -> None:
        self.fps = film.fps
        self.shots: tuple[Shot, ...] = tuple(film.shots())
        self._number = {(shot.scene, shot.id): at for at, shot in enumerate(self.shots)}
        self.joins = [_join(shot) for shot in self.shots]
        self.spans: list[int | list[str | None]] = []
        lengths: list[int] = []
        rate = Rate(film.fps)
        # By identity, which the shots of a film share: to hash an exact number is slow.
        counted: dict[int, int | None] = {}
        for shot in self.shots:
            frames = counted.get(id(shot.duration))
            if frames is None:
                frames = counted[id(shot.duration)] = shot.frames(film.fps)
            if frames is None:
                starts = line_starts(shot, film.fps)
                lengths.append(rate.frames(estimated_length_s(shot, film.fps)))
                self.spans.append(starts)
            else:
                lengths.append(frames)
                self.spans.append(frames)
        self.open = [not isinstance(span, int) for span in self.spans]
        self.layout = Layout.of(film.fps, lengths, self.joins)
        """With estimates where lengths are open."""

    @property
    def known(self) -> bool:
        """True when no shot waits for its speech."""
        return not any(self.open)

    def start(self, number: int) -> int | None:
        """The frame of the film at which a shot begins; None while that waits for speech."""
        if any(self.open[: around(number - 1).stop]):
            return None
        return self.layout.starts[number]

    def number(self, scene: str, shot: str) -> int:
        """The place of a shot in the film, from 0."""
        return self._number[scene, shot]

    def spot(self, moment: Moment) -> dict[str, Json]:
        """A moment of the film as JSON, for :meth:`Layout.sample`."""
        spot: dict[str, Json] = {}
        if moment.scene is not None and moment.shot is not None:
            spot["shot"] = self.number(moment.scene, moment.shot)
        if moment.at_end:
            spot["end"] = True
        if shift := moment.shift_s(self.fps):
            spot["plus"] = str(shift)
        return spot

    def written(self, shots: slice = slice(None)) -> dict[str, Json]:
        """The timeline, or a stretch of it, as JSON, for :func:`read_layout`."""
        joins: list[Json] = [None if join is None else list(join) for join in self.joins[shots]]
        spans: list[Json] = [
            span if isinstance(span, int) else list(span) for span in self.spans[shots]
        ]
        return {"fps": str(self.fps), "spans": spans, "joins": joins}


def read_lengths(written: Mapping[str, Any], facts: Sequence[Json]) -> list[int]:
    """The shots' frames of a written timeline; ``facts`` are the seconds that it waits for."""
    rate, at = Rate(Fraction(written["fps"])), 0
    lengths = []
    for span in written["spans"]:
        if isinstance(span, int):
            lengths.append(span)
            continue
        seconds = [exact_s(value) for value in facts[at : at + len(span)]]
        at += len(span)
        lengths.append(rate.frames(open_length_s(span, seconds)))
    return lengths


def read_joins(written: Mapping[str, Any]) -> list[Join | None]:
    """The joins of a written timeline, as the film asks for them."""
    return [None if join is None else Join(*join) for join in written["joins"]]


def read_layout(written: Mapping[str, Any], facts: Sequence[Json]) -> Layout:
    """The layout of a written timeline, with the seconds of all its open shots' lines in order."""
    fps = Fraction(written["fps"])
    return Layout.of(fps, read_lengths(written, facts), read_joins(written))


def around(number: int) -> slice:
    """The shots whose lengths and joins decide how the join after a shot is fitted."""
    return slice(max(0, number - 2), number + 4)


def line_starts(shot: Shot, fps: Fraction) -> list[str | None]:
    """When the lines of a shot are said, relative to it; None: after the line before."""
    return [_own_start(shot, line, fps) for line in shot.dialogue]


def estimated_length_s(shot: Shot, fps: Fraction) -> Fraction:
    """The length of a shot in seconds; where it follows its lines, about as long as they take."""
    if shot.duration is not None:
        return shot.duration.in_seconds(fps)
    seconds = [estimated_s(line.words.text) for line in shot.dialogue]
    return open_length_s(line_starts(shot, fps), seconds)


def _own_start(shot: Shot, line: Line, fps: Fraction) -> str | None:
    at = line.at
    if at is None or at.at_end or (at.scene, at.shot) != (shot.scene, shot.id):
        return None
    return str(max(Fraction(0), at.shift_s(fps)))


def _join(shot: Shot) -> Join | None:
    transition = shot.transition
    if transition is None or transition.kind == "cut":
        return None
    return Join(join_name(transition.kind, transition.option), transition.frames)


def join_name(kind: str, option: str) -> str:
    """A transition's kind in words: ``wipe left``, ``dip to white``."""
    if not option:
        return kind
    return f"{kind} to {option}" if option in ("black", "white") else f"{kind} {option}"
