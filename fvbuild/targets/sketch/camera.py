"""The camera: where it is at every moment of a move, and what that does to a layer at a depth.

Offsets are units (the picture's height). A layer at depth p lies at distance 1/p, where the
figures are at 1: travelling sideways shifts it by p times the way, going forward by d enlarges it
by 1 / (1 - d p). Every move begins where the still stands: at its first frame nothing is moved.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fvbuild.targets.sketch.words import dice


@dataclass(frozen=True, slots=True)
class Pose:
    """The camera against its start. ``pan`` turns, ``truck`` travels, ``dolly`` goes forward,
    ``zoom`` magnifies, ``orbit`` circles the figures, ``follow`` travels with them, ``focus`` runs
    from the figures (0) to what is behind them (1)."""

    pan_x: float = 0.0
    pan_y: float = 0.0
    truck_x: float = 0.0
    truck_y: float = 0.0
    dolly: float = 0.0
    zoom: float = 1.0
    orbit: float = 0.0
    follow: float = 0.0
    focus: float = 0.0

    def of(self, depth: float, *, actor: bool) -> tuple[float, float, float]:
        """Offset x, offset y (units) and magnification of a layer."""
        x = self.pan_x + self.truck_x * depth + self.orbit * (depth - 1)
        x += 0.0 if actor else self.follow * depth
        y = self.pan_y + self.truck_y * depth
        return x, y, self.zoom / max(0.2, 1 - self.dolly * depth)

    def scaled(self, share: float) -> Pose:
        """A share of this move; negative shares lie before its start."""
        return Pose(
            self.pan_x * share,
            self.pan_y * share,
            self.truck_x * share,
            self.truck_y * share,
            self.dolly * share,
            self.zoom**share,
            self.orbit * share,
            self.follow * share,
            max(0.0, min(1.0, self.focus * share)),
        )


STILL = Pose()
_ENDS: Mapping[str, Pose] = {
    "static": STILL,
    "pan left": Pose(pan_x=-0.30),
    "pan right": Pose(pan_x=0.30),
    "tilt up": Pose(pan_y=-0.22),
    "tilt down": Pose(pan_y=0.22),
    "dolly in": Pose(dolly=0.24),
    "dolly out": Pose(dolly=-0.26),
    "truck left": Pose(truck_x=-0.26),
    "truck right": Pose(truck_x=0.26),
    "pedestal up": Pose(truck_y=-0.17),
    "pedestal down": Pose(truck_y=0.17),
    "crane up": Pose(truck_y=-0.26, pan_y=0.06, dolly=-0.07),
    "crane down": Pose(truck_y=0.22, pan_y=-0.07, dolly=0.08),
    "zoom in": Pose(zoom=1.30),
    "zoom out": Pose(zoom=1 / 1.26),
    "arc": Pose(orbit=0.34, dolly=0.05),
    "orbit": Pose(orbit=0.42, dolly=0.03),
    "tracking": Pose(follow=0.46),
    "handheld": STILL,
    "drone": Pose(truck_y=-0.12, dolly=0.20, pan_y=0.05),
    "rack focus": Pose(focus=1.0),
}
_SHAKY = ("handheld", "hand-held", "shaky", "shake", "documentary", "run with")
_UNIT_SECONDS = 4.0
_STEPPING = 0.6
"""Share of a hand's sway that carries the camera sideways; the rest turns it."""
Path = Callable[[float], Pose]


@dataclass(frozen=True, slots=True)
class Move:
    """A camera move of a shot: its end, and whether a hand holds the camera."""

    name: str
    end: Pose
    shaky: bool

    @property
    def static(self) -> bool:
        """Whether nothing moves."""
        return self.end == STILL and not self.shaky

    @property
    def parts_depths(self) -> bool:
        """Whether near and far move apart; else the whole picture moves as one."""
        end = self.end
        return self.shaky or any((end.truck_x, end.truck_y, end.dolly, end.orbit, end.follow))

    def path(self, seconds: float, *, share: float = 1.0, start: float = 0.0) -> Path:
        """Time (0 to 1) -> pose, from ``start`` to ``start + 1`` of the way, eased at both ends."""
        shake = _hand(seconds) if self.shaky else None

        def pose(time: float) -> Pose:
            here = self.end.scaled(share * (start + eased(time)))
            if shake is None:
                return here
            x, y = shake(time)
            return replace(
                here,
                pan_x=here.pan_x + x * (1 - _STEPPING),
                truck_x=here.truck_x + x * _STEPPING,
                pan_y=here.pan_y + y,
            )

        return pose

    def there_and_back(self, seconds: float, share: float) -> Path:
        """A path that leaves and comes home: between two pictures of one framing."""
        out = self.path(seconds, share=share)

        def pose(time: float) -> Pose:
            return out(math.sin(math.pi * min(1.0, max(0.0, time))) ** 2)

        return pose


def eased(time: float) -> float:
    """Slow, then even, then slow: the smoother step, whose speed and acceleration start at 0."""
    time = min(1.0, max(0.0, time))
    return time * time * time * (time * (time * 6 - 15) + 10)


def _hand(seconds: float) -> Callable[[float], tuple[float, float]]:
    """The sway of a camera in the hand: slow breathing and small tremor, zero at the start."""
    lot = dice("handheld")
    waves = [
        (rate, lot.uniform(0, 6.28), size)
        for rate, size in ((0.31, 0.0085), (0.73, 0.0048), (1.61, 0.0020), (3.1, 0.0007))
    ]

    def sway(time: float, turn: float) -> float:
        at = time * seconds * math.tau
        return sum(s * (math.sin(at * r + p + turn) - math.sin(p + turn)) for r, p, s in waves)

    return lambda time: (sway(time, 0.0), sway(time, 1.9) * 0.8)


def read(camera: str, seconds: float) -> Move:
    """The move which a vocabulary word or a film's own words ask for.

    Short shots move less far, so that the picture never races.
    """
    words = re.sub(r"[_\s]+", " ", camera.lower()).strip()
    reach = min(1.15, max(0.3, (seconds / _UNIT_SECONDS) ** 0.8))
    shaky = any(word in words for word in _SHAKY)
    if words in _ENDS:
        return Move(words, _reaching(_ENDS[words], reach), shaky)
    named = [name for name in _ENDS if re.search(rf"\b{name}\b", words)]
    ends = [_ENDS[name] for name in named] or [_freely(words)]
    pose = STILL
    for end in ends:
        pose = _together(pose, end)
    return Move(camera, _reaching(pose, reach), shaky)


def _reaching(end: Pose, reach: float) -> Pose:
    return replace(end.scaled(reach), focus=end.focus)


def _together(one: Pose, other: Pose) -> Pose:
    return Pose(
        one.pan_x + other.pan_x,
        one.pan_y + other.pan_y,
        one.truck_x + other.truck_x,
        one.truck_y + other.truck_y,
        one.dolly + other.dolly,
        one.zoom * other.zoom,
        one.orbit + other.orbit,
        one.follow + other.follow,
        max(one.focus, other.focus),
    )


_LOOSE: tuple[tuple[str, Pose], ...] = (
    (r"\b(static|still|locked|fixed|motionless|tripod|holds?)\b", STILL),
    (r"\b(follow\w*|track\w*|alongside)\b", _ENDS["tracking"]),
    (r"\b(circl\w*|around|orbit\w*|arc\w*|spiral\w*)\b", _ENDS["arc"]),
    (r"\b(aerial|fly\w*|flies|soar\w*|drone)\b", _ENDS["drone"]),
    (r"\b(zoom\w*)\b.*\bout\b", _ENDS["zoom out"]),
    (r"\b(zoom\w*|crash)\b", _ENDS["zoom in"]),
    (r"\b(pull\w*|back\w*|retreat\w*|away|reveal\w*|out)\b", _ENDS["dolly out"]),
    (r"\b(push\w*|creep\w*|closer|towards?|forward|approach\w*|in|into)\b", _ENDS["dolly in"]),
    (r"\b(slid\w*|glid\w*|drift\w*|lateral\w*|truck\w*)\b.*\bleft\b", _ENDS["truck left"]),
    (r"\b(slid\w*|glid\w*|drift\w*|lateral\w*|truck\w*)\b", _ENDS["truck right"]),
    (r"\b(ris\w*|lift\w*|ascend\w*|crane\w*|jib|up|upwards?)\b", _ENDS["crane up"]),
    (r"\b(fall\w*|descend\w*|sink\w*|lower\w*|down|downwards?)\b", _ENDS["crane down"]),
    (r"\b(left|leftwards?)\b", _ENDS["pan left"]),
    (r"\b(right|rightwards?|whip|pan\w*)\b", _ENDS["pan right"]),
    (r"\b(focus\w*|rack)\b", _ENDS["rack focus"]),
)


def _freely(words: str) -> Pose:
    """The nearest move to free words; none at all is a still camera."""
    if not words:
        return STILL
    return next((end for told, end in _LOOSE if re.search(told, words)), Pose(dolly=0.08))


_ARROWS = {
    "pan left": "←", "pan right": "→", "truck left": "⇐", "truck right": "⇒", "tilt up": "↑",
    "tilt down": "↓", "pedestal up": "⇑", "pedestal down": "⇓", "crane up": "⇑", "crane down": "⇓",
    "dolly in": "⇲", "dolly out": "⇱", "zoom in": "⇲", "zoom out": "⇱", "arc": "↻", "orbit": "↻",
    "tracking": "⇢", "handheld": "∿", "drone": "↗", "rack focus": "◎",
}  # fmt: skip


def arrow(camera: str) -> str:
    """A sign for a move, where there is one."""
    return _ARROWS.get(camera, "")
