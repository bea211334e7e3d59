"""Segments: the camera moving among a picture's layers, or over a picture of another maker."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.errors import TargetError
from fvbuild.media.clip import encode_clip
from fvbuild.media.profile import JoiningProfile
from fvbuild.targets.sketch import camera, overlay, stills
from fvbuild.targets.sketch.ahead import ahead
from fvbuild.targets.sketch.camera import Move
from fvbuild.targets.sketch.compositor import Frame, blended, planes_of
from fvbuild.targets.sketch.source import Source, Take

if TYPE_CHECKING:
    from av import VideoFrame


_BETWEEN_TWO = 0.42
"""Share of a move on each side of the dissolve between a first and a last picture."""

_REPORT_EVERY_FRAMES = 12
_MAX_FRAMES = 24 * 60 * 30


def make_segment(action: Action) -> Outcome:
    """A clip of ``frames`` frames at 24 a second, in the joining profile of the canvas."""
    frames = action.params.get("frames")
    if not isinstance(frames, int) or not 1 <= frames <= _MAX_FRAMES:
        raise TargetError(
            f"{action.node}: {frames} is no number of frames for a sketched clip",
            hint=f"a clip has 1 to {_MAX_FRAMES} frames (half an hour)",
        )
    width, height = stills.canvas_of(action)
    path = action.folder / "segment.mp4"
    shot = _Shot.of(action, frames)
    encode_clip(
        path,
        _reported(shot.frames(), action, frames),
        JoiningProfile(width, height, overlay.RATE_FPS),
        check=action.check_cancelled,
    )
    facts: dict[str, Json] = {"frames": frames, "width": width, "height": height, "fps": "24"}
    return Outcome((Made("video/mp4", path=path, facts=facts),))


def _reported(found: Iterator[VideoFrame], action: Action, total: int) -> Iterator[VideoFrame]:
    for number, frame in enumerate(found):
        if number % _REPORT_EVERY_FRAMES == 0:
            action.progress(number / total, f"frame {number} of {total}")
        yield frame


@dataclass(slots=True)
class _Shot:
    """A clip about to be rendered: one take, or two with a dissolve between them."""

    count: int
    canvas: tuple[int, int]
    first: Take
    second: Take | None
    strip: _RunningStrip | None
    stop: Callable[[], None]

    @classmethod
    def of(cls, action: Action, count: int) -> _Shot:
        """What an action's inputs make possible: layers, a picture, or both ends."""
        canvas = stills.canvas_of(action)
        told = stills.scene_of(action)
        move = _move(action, count)
        start, end = action.one("start"), action.one("end")
        seconds = count / float(overlay.RATE_FPS)
        first = Source.of(start, told, canvas)
        strip = None
        if told.overlay:
            size = told.size if first.scene is not None else _size_said(action)
            drawn = overlay.Strip.of(size, told.lens, move.name, told.palette, canvas)
            strip = _RunningStrip.of(drawn)
        if end is None:
            takes = [first.take(move.path(seconds, share=first.share), move)]
        else:
            last = Source.of(end, told, canvas)
            takes = _between(first, last, move, seconds)
        return cls(
            count, canvas, takes[0], takes[1] if end else None, strip, action.check_cancelled
        )

    def frames(self) -> Iterator[VideoFrame]:
        """Every frame, in order; the next are drawn while the encoder has one."""
        width, height = self.canvas
        with contextlib.closing(ahead(self._pictures())) as pictures:
            for number, seen in enumerate(pictures):
                self.stop()
                yield self._finished(seen, number, width, height)

    def _pictures(self) -> Iterator[Frame]:
        held: Frame | None = None
        for number in range(self.count):
            time = number / max(1, self.count - 1)
            share = self._share(time)
            if held is None or not self._rests(share):
                held = self._picture(time, share)
            yield held

    def _rests(self, share: float) -> bool:
        return self.second is None and self.first.static and share == 0

    def _share(self, time: float) -> float:
        """How much of the last picture is seen: the dissolve lies in the middle of the shot."""
        if self.second is None:
            return 0.0
        if self.count < 3:
            return time
        return camera.eased((time - 0.34) / 0.32)

    def _picture(self, time: float, share: float) -> Frame:
        if self.second is None or share <= 0:
            return self.first.render(time)
        if share >= 1:
            return self.second.render(time)
        return blended(self.first.render(time), self.second.render(time), share)

    def _finished(self, seen: Frame, number: int, width: int, height: int) -> VideoFrame:
        if self.strip is None:
            return _video(seen, None, width, height)
        return _video(seen, self.strip.at(number, self.count), width, height)


def _size_said(action: Action) -> str:
    """The shot size that the film says, of a picture that we did not frame; "" for none."""
    composition = action.params.get("composition")
    said = composition.get("size") if isinstance(composition, dict) else None
    return said if isinstance(said, str) else ""


_LINE_ROWS = 2
"""Rows of the strip that its line of progress may change."""


@dataclass(slots=True)
class _RunningStrip:
    """The data strip as planes, of which only what changes is converted again."""

    strip: overlay.Strip
    whole: Frame

    @classmethod
    def of(cls, strip: overlay.Strip) -> _RunningStrip:
        """The strip before its clock runs."""
        seen = planes_of(strip.still)
        return cls(strip, Frame(seen.luma.copy(), seen.blue.copy(), seen.red.copy()))

    def at(self, frame: int, frames: int) -> Frame:
        """The strip at a frame of a shot; the same planes every time."""
        image = self.strip.at(frame, frames)
        width, height = image.size
        left = self.strip.clock_left // 2 * 2 - 2
        for box in ((0, 0, width, _LINE_ROWS), (left, 0, width, height)):
            part = planes_of(image.crop(box))
            self.whole.luma[box[1] : box[3], box[0] : box[2]] = part.luma
            half = np.s_[box[1] // 2 : box[3] // 2, box[0] // 2 : box[2] // 2]
            self.whole.blue[half], self.whole.red[half] = part.blue, part.red
        return self.whole


def _between(first: Source, last: Source, move: Move, seconds: float) -> list[Take]:
    """Both sides of a dissolve. In one framing the camera sways as one, and nothing doubles."""
    if first.frames_like(last):
        sway = move.there_and_back(seconds, _BETWEEN_TWO)
        return [first.take(sway, move), last.take(sway, move)]
    lead = move.path(seconds, share=first.share * _BETWEEN_TWO)
    come = move.path(seconds, share=last.share * _BETWEEN_TWO, start=-1.0)
    return [first.take(lead, move), last.take(come, move)]


def _video(top: Frame, below: Frame | None, width: int, height: int) -> VideoFrame:
    import av

    frame = av.VideoFrame(width, height, "yuv420p")
    parts = [top] if below is None else [top, below]
    planes = zip(
        frame.planes,
        (
            [part.luma for part in parts],
            [part.blue for part in parts],
            [part.red for part in parts],
        ),
        strict=True,
    )
    for plane, sources in planes:
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        start = 0
        for source in sources:
            rows[start : start + source.shape[0], : plane.width] = source
            start += source.shape[0]
    return frame


def _move(action: Action, count: int) -> Move:
    wanted = action.params.get("move")
    name = wanted.get("camera") if isinstance(wanted, dict) else None
    return camera.read(name if isinstance(name, str) else "", count / float(overlay.RATE_FPS))
