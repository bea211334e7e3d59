"""A stem: one sound of the mix, of which any stretch can be read without reading the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fvbuild.errors import MediaError
from fvbuild.media.sound import WavLayout, decoded, wav_layout, write_float_wav

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONGEST_SEAM = 24_000
_SHORTEST_LOOP = 4_800


class Stem:
    """One sound, known by its content's digest.

    What is not a plain 48 kHz WAV is decoded once, when its samples are first needed, into the
    folder that ``scratch`` gives. ``length`` spares that for a sound of which only the length is
    needed. Every use raises MediaError when the file cannot be read as sound.
    """

    def __init__(
        self, path: Path, digest: str, scratch: Callable[[], Path], length: int | None = None
    ) -> None:
        layout = wav_layout(path)
        self.plain = layout is not None and layout.samples > 0
        self._path = path
        self._layout = layout if self.plain else None
        self._digest = digest
        self._scratch = scratch
        self._length = length
        self._decoding = Lock()

    @property
    def samples(self) -> int:
        """Its length a channel at 48 kHz."""
        if self._layout is None and self._length is not None:
            return self._length
        return self._opened().samples

    def _opened(self) -> WavLayout:
        with self._decoding:
            if self._layout is None:
                plain = self._scratch() / f"{self._digest[:32]}.wav"
                write_float_wav(plain, decoded(self._path))
                self._path, self._layout = plain, wav_layout(plain)
            if self._layout is None:
                raise _changed(self._path, "its decoded form cannot be read back")
            return self._layout

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """Samples [start, start + count) in stereo, shape (2, count); silence beyond its ends.

        Mono sounds from both sides at its own level. Raises MediaError when the file has changed.
        """
        import numpy as np

        out = np.zeros((2, count), np.float32)
        first, last = max(start, 0), min(start + count, self.samples)
        if first < last:
            out[:, first - start : last - start] = self._stretch(first, last)
        return out

    def read_looped(self, start: int, count: int) -> NDArray[np.float32]:
        """As :meth:`read` from the sound repeated for ever, each seam an equal-power cross-fade."""
        import numpy as np

        seam = seam_samples(self.samples)
        period = self.samples - seam
        if not seam:
            # A buzz rather than a loop: repeated as it is, in one go.
            return self.read(0, self.samples)[:, (start + np.arange(count)) % self.samples]
        out = np.zeros((2, count), np.float32)
        rise = np.sin(np.pi / 2 * (np.arange(seam) + 0.5) / max(seam, 1)).astype(np.float32)
        for turn in range(max(start, 0) // period, (start + count - 1) // period + 1):
            begin = turn * period
            low, high = max(begin, start), min(begin + period, start + count)
            out[:, low - start : high - start] += self.read(low - begin, high - low)
            high = min(begin + seam, start + count)
            if turn and low < high:
                span = slice(low - start, high - start)
                at = slice(low - begin, high - begin)
                out[:, span] *= rise[at]
                out[:, span] += self.read(period + at.start, high - low) * rise[::-1][at]
        return out

    def _stretch(self, first: int, last: int) -> NDArray[np.float32]:
        import numpy as np

        layout = self._opened()
        try:
            with self._path.open("rb", buffering=0) as file:
                file.seek(layout.offset + first * layout.frame_bytes)
                data = file.read((last - first) * layout.frame_bytes)
        except OSError as error:
            raise _changed(self._path, error.strerror or str(error)) from None
        if len(data) != (last - first) * layout.frame_bytes:
            raise _changed(self._path, "it is shorter than it was")
        samples = np.frombuffer(data, layout.encoding).reshape(-1, layout.channels).T
        if layout.encoding == "<i2":
            return samples.astype(np.float32) / np.float32(32768.0)
        return np.clip(np.nan_to_num(samples.astype(np.float32)), -8.0, 8.0)


def seam_samples(samples: int) -> int:
    """How far a loop of this length overlaps itself: a quarter, at most half a second.

    0 below a tenth of a second.
    """
    return min(samples // 4, _LONGEST_SEAM) if samples >= _SHORTEST_LOOP else 0


def _changed(path: Path, why: str) -> MediaError:
    return MediaError(
        f"'{path.name}' cannot be read as sound: {why}",
        place=str(path),
        hint="build again; if it stays so, the file or its disk is damaged",
    )
