"""The mix: all sounds of a film as one continuous AAC track, made in blocks that are reused.

A film's sound is cut into blocks of almost five seconds. Each has a key over exactly what can be
heard in it; a mix takes the blocks it can from the previous mix and encodes the others, and comes
out the same to the byte either way. Loudness is static gain over the whole film, from energies
that are kept with the blocks.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import xxhash

from fvbuild.errors import MediaError
from fvbuild.media.aac import (
    Packets,
    silent_block,
)
from fvbuild.media.aac_file import Block, PreviousMix, write_mix
from fvbuild.media.mix_cue import Cue, placed
from fvbuild.media.mix_identity import identity_text, mix_identity
from fvbuild.media.mix_level import film_gain
from fvbuild.media.mix_plan import BlockPlan, plan_blocks
from fvbuild.media.sound import SAMPLE_RATE
from fvbuild.media.sound_stem import Stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Levels = NDArray[np.float32]

__all__ = ["Cue", "MixFacts", "mix_film", "mix_identity"]

_LONGEST_SAMPLES = 48 * 3600 * SAMPLE_RATE

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class MixFacts:
    """What was made. ``loudness_lufs`` is of the result, None for silence.

    gain_db: static gain over the whole film. blocks: all of them; encoded: how many of them had to
    be encoded this time (silence counts as none).
    """

    samples: int
    seconds: float
    loudness_lufs: float | None
    gain_db: float
    blocks: int
    encoded: int


def mix_film(
    cues: Sequence[Cue],
    total_samples: int,
    loudness_lufs: float | None,
    out_path: Path,
    *,
    previous: Path | None = None,
    scratch: Path | None = None,
    workers: int = 2,
    check_cancelled: Callable[[], None] = lambda: None,
    progress: Callable[[float], None] = lambda _done: None,
) -> MixFacts:
    """Mix a film of exactly ``total_samples`` samples (48 kHz) into one stereo M4A.

    ``loudness_lufs`` is the wished integrated loudness (EBU R 128); None leaves levels alone. True
    peaks are limited to about -1 dBTP in any case. ``previous`` is the last mix of this film:
    unchanged blocks are copied from it, the result is the same without it. ``scratch`` is a private
    folder for decoded sounds (default: a temporary one). ``progress`` is told the part done, 0 to
    1. Raises MediaError for a sound that cannot be read, and what ``check_cancelled`` raises.
    """
    import numpy as np

    _check_length(total_samples)
    with ExitStack() as stack:
        rules = xxhash.xxh3_128_digest(identity_text().encode())
        kept = PreviousMix.read(previous, rules)
        stems = _stems(cues, kept, _Scratch(scratch, stack))
        clips = [placed(cue, stems[cue.digest].samples, total_samples) for cue in cues]
        plans = plan_blocks(clips, total_samples)
        pool = stack.enter_context(ThreadPoolExecutor(max(1, workers), "mix"))
        mixer = _Mixer(stems, plans, kept, pool, workers, check_cancelled, progress)
        levels = mixer.levels()
        loudness, gain_db = film_gain(np.concatenate(levels), loudness_lufs)
        write_mix(
            out_path,
            mixer.blocks(levels, gain_db),
            total_samples=total_samples,
            gain_db=gain_db,
            rules=rules,
            lengths={digest: one.samples for digest, one in stems.items() if not one.plain},
        )
    return MixFacts(
        samples=total_samples,
        seconds=total_samples / SAMPLE_RATE,
        loudness_lufs=None if loudness is None else round(loudness, 2),
        gain_db=gain_db,
        blocks=len(plans),
        encoded=mixer.encoded,
    )


def _check_length(total_samples: int) -> None:
    if not 0 < total_samples <= _LONGEST_SAMPLES:
        raise MediaError(
            f"a mix of {total_samples / SAMPLE_RATE:.0f} s cannot be made",
            hint="a film is longer than nothing and at most two days long",
        )


def _stems(cues: Sequence[Cue], kept: PreviousMix, folder: _Scratch) -> dict[str, Stem]:
    return {
        cue.digest: Stem(cue.path, cue.digest, folder, kept.lengths.get(cue.digest)) for cue in cues
    }


class _Scratch:
    """A folder that is only made when a sound has to be decoded."""

    def __init__(self, given: Path | None, stack: ExitStack) -> None:
        self._folder = given
        self._stack = stack

    def __call__(self) -> Path:
        if self._folder is None:
            self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        return self._folder


class _Mixer:
    """Takes every block from the previous mix or makes it, a few at a time, in order."""

    def __init__(
        self,
        stems: dict[str, Stem],
        plans: list[BlockPlan],
        kept: PreviousMix,
        pool: ThreadPoolExecutor,
        workers: int,
        check_cancelled: Callable[[], None],
        progress: Callable[[float], None],
    ) -> None:
        self._stems = stems
        self._plans = plans
        self._kept = kept
        self._pool = pool
        self._ahead = 2 * max(1, workers)
        self._check_cancelled = check_cancelled
        self._progress = progress
        self.encoded = 0

    def levels(self) -> list[Levels]:
        """Energy and peak of the hops of every block, in order."""
        import numpy as np

        from fvbuild.media.mix_render import measure

        silence = {hops: np.zeros((hops, 2), np.float32) for hops in {p.hops for p in self._plans}}
        found = [
            self._kept.levels(plan.key, plan.hops) if plan.parts else silence[plan.hops]
            for plan in self._plans
        ]
        missing = [number for number, one in enumerate(found) if one is None]
        measured = self._in_order(lambda number: measure(self._plans[number], self._stems), missing)
        for number, one in zip(missing, measured, strict=True):
            found[number] = one
            self._progress(0.1 * number / len(found))
        return [one for one in found if one is not None]

    def blocks(self, levels: list[Levels], gain_db: float) -> Iterator[Block]:
        """Every block in order, ready to be written."""
        from fvbuild.media.mix_render import encode

        usable = self._kept.gain_db == gain_db

        def packets(plan: BlockPlan) -> tuple[Packets, bool]:
            if not plan.parts:
                return silent_block(plan.packets), False
            found = self._kept.packets(plan.key) if usable else None
            if found is not None:
                return found, False
            return encode(plan, self._stems, gain_db), True

        made = self._in_order(packets, self._plans)
        for number, (plan, (found, fresh)) in enumerate(zip(self._plans, made, strict=True)):
            self.encoded += fresh
            self._progress(0.1 + 0.9 * number / len(self._plans))
            yield Block(plan.key, levels[number], found)

    def _in_order(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Results in order, only a few of them in memory."""
        pending: deque[Future[R]] = deque()
        try:
            for item in items:
                self._check_cancelled()
                pending.append(self._pool.submit(work, item))
                if len(pending) >= self._ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
