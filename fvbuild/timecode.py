"""Frames, rates and timecode, exactly: seconds are never floats where frames are counted."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

# What cameras and broadcasters mean by these decimals: the NTSC rates are n * 1000 / 1001.
_NTSC = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.952": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}
_MAX_FPS = 240
_RATE = re.compile(r"\d{1,9}(\.\d{0,12}|/\d{1,9})?", re.ASCII)


def parse_rate(text: str | int | float) -> Fraction:
    """A frame rate as an exact fraction: ``24``, ``23.976``, ``24000/1001``.

    Raises ValueError when it is not a rate above 0 and at most 240.
    """
    word = str(text).strip()
    try:
        # Of these forms only: the value of 1e999999999 would be worked out for hours.
        rate = _NTSC.get(word) or Fraction(word if _RATE.fullmatch(word) else "")
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{quoted(word)} is not a frame rate (24, 23.976, 24000/1001)") from None
    if not 0 < rate <= _MAX_FPS:
        raise ValueError(f"a frame rate lies above 0 and at most {_MAX_FPS}, not {quoted(word)}")
    return rate


def quoted(text: str) -> str:
    """A faulty text in quotes, for a message; what is too long to be read is cut."""
    return f"'{text[:40]}...'" if len(text) > 40 else f"'{text}'"


_LENGTH = re.compile(r"(?P<n>\d+(?:\.\d+)?)\s*(?P<unit>s|ms|f|m|min)?", re.ASCII)


class Length(NamedTuple):
    """A length of film as it was written: whole frames, or seconds."""

    frames: int | None
    seconds: Fraction | None

    @classmethod
    def parse(cls, text: str | int | float) -> Length:
        """``5s``, ``2.5s``, ``800ms``, ``1m``, ``120f``; a bare number is seconds.

        Raises ValueError when it is not a length.
        """
        match = _LENGTH.fullmatch(str(text).strip())
        if match is None:
            raise ValueError(f"{quoted(str(text))} is not a length (5s, 120f)")
        number, unit = Fraction(match["n"]), match["unit"] or "s"
        if unit == "f":
            if number.denominator != 1:
                raise ValueError(f"'{text}': frames are whole")
            return cls(int(number), None)
        scale = {"s": Fraction(1), "ms": Fraction(1, 1000), "m": Fraction(60), "min": Fraction(60)}
        return cls(None, number * scale[unit])

    def in_frames(self, fps: Fraction) -> int:
        """The nearest whole number of frames at ``fps``."""
        if self.frames is not None:
            return self.frames
        assert self.seconds is not None
        return nearest(self.seconds * fps)

    def in_seconds(self, fps: Fraction) -> Fraction:
        """The exact length in seconds; frames are counted at ``fps``."""
        return self.seconds if self.seconds is not None else Fraction(self.frames or 0) / fps


def nearest(value: Fraction) -> int:
    """Round half up, so that equal inputs never depend on the parity of a neighbour."""
    return int((value * 2 + 1) // 2)


def samples_at(frame: int, fps: Fraction, sample_rate: int = 48_000) -> int:
    """The sound sample at which a frame begins; from cumulative counts, so that nothing drifts."""
    return nearest(Fraction(frame) * sample_rate / fps)


def timecode(frame: int, fps: Fraction) -> str:
    """Non-drop ``HH:MM:SS:FF`` of a frame number."""
    base = max(1, nearest(fps))
    seconds, ff = divmod(frame, base)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{ff:02}"


def clock(frame: int, fps: Fraction) -> str:
    """``HH:MM:SS.mmm`` of a frame number, as subtitles write it."""
    ms = nearest(Fraction(frame) * 1000 / fps)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
