"""Measures the cut: joining by copying, and transitions, against ffmpeg doing the same by hand.

    python tests/bench/cut_bench.py                  # both comparisons
    python tests/bench/cut_bench.py --only concat    # or dissolves

Run by hand on a quiet machine with ffmpeg; prints a Markdown table of processor seconds, every
process with its children and its start. The clips are 5 s of moving grain at 1280x720.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fvbuild.engine import assembly
from fvbuild.media.clip import encode_clip
from fvbuild.media.conform import conform
from fvbuild.media.mp4.assembly import Chapter, Footage, Sound, assemble
from fvbuild.media.profile import JoiningProfile
from fvbuild.media.transition import Copy, Join, fit_transitions, make_transition, plan_pieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROFILE = JoiningProfile(1280, 720, Fraction(24))
FRAMES = 120
DISSOLVE = 12
UNIQUE_CLIPS = 4


class Cost(NamedTuple):
    """Seconds of wall clock and of processor."""

    wall_s: float
    cpu_s: float


def moving_grain(seed: int) -> Iterator[NDArray[np.uint8]]:
    """A soft picture that pans under grain: about as many bits as a filmed shot."""
    import numpy as np

    chance = np.random.default_rng(seed)
    coarse = chance.integers(30, 220, (24, 48)).astype(np.float32)
    wide = np.repeat(np.repeat(coarse, 48, 0), 48, 1)
    for _ in range(2):
        shifted = np.roll(wide, 17, 0) + np.roll(wide, 23, 1) + np.roll(wide, 31, 1)
        wide = ((wide + shifted) / 4).astype(np.float32)
    grain = chance.normal(0, 3.0, (8, 720, 1280)).astype(np.float32)
    for number in range(FRAMES):
        frame = np.full((1080, 1280), 128, np.uint8)
        seen = wide[200:920, 2 * number : 2 * number + 1280]
        frame[:720] = np.clip(seen + grain[number % 8], 16, 235)
        yield frame


def make_shots(folder: Path, count: int) -> list[Path]:
    """``count`` clips, each a file of its own."""
    made = []
    for seed in range(min(count, UNIQUE_CLIPS)):
        made.append(folder / f"unique-{seed}.mp4")
        encode_clip(made[-1], moving_grain(seed), PROFILE)
    shots = [folder / f"shot-{number:03}.mp4" for number in range(count)]
    for number, shot in enumerate(shots):
        shutil.copyfile(made[number % UNIQUE_CLIPS], shot)
    return shots


def make_sound(folder: Path, frames: int) -> Path:
    """A mix as long as the film: a tone that drifts over noise."""
    import numpy as np

    from fvbuild.media.mix import Cue, mix_film
    from fvbuild.media.sound import write_wav

    rate = 48_000
    time_s = np.arange(60 * rate) / rate
    noise = np.random.default_rng(1).normal(0, 0.02, time_s.size)
    wave = (0.2 * np.sin(2 * np.pi * (220 + time_s) * time_s) + noise).astype(np.float32)
    write_wav(folder / "tone.wav", np.stack([wave, wave]))
    cue = Cue(folder / "tone.wav", "0" * 64, 0, loop=True)
    mix_film([cue], frames * rate // 24, None, folder / "mix.m4a")
    return folder / "mix.m4a"


def cost_of(*command: str | Path) -> Cost:
    """Run a command to its end."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [str(word) for word in command], check=True, stdout=subprocess.DEVNULL, timeout=1200
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - start, used)


def ourselves(*words: str | Path) -> Cost:
    """The cost of one of this script's own steps, as a whole process."""
    return cost_of(sys.executable, Path(__file__), "--step", *words)


def name_of(path: Path) -> str:
    """A digest by name: a real build knows its artifacts' digests and reads no byte for them."""
    return hashlib.sha256(path.name.encode()).hexdigest()


def step_cut(folder: Path, footage: Sequence[Footage]) -> None:
    """Assemble and write the film, with chapters, and sound where there is a mix."""
    mix = folder / "mix.m4a"
    sound = Sound(mix, name_of(mix)) if mix.exists() else None
    chapters = [Chapter(FRAMES * number, f"Scene {number}") for number in range(0, 200, 20)]
    document = assemble(footage, PROFILE, sound=sound, chapters=chapters, title="Bench")
    known = {one.digest: one.path for one in footage} | {name_of(mix): mix}
    assembly.write(assembly.parse(document), known.__getitem__, folder / "ours.mp4")


def step_concat(folder: Path) -> None:
    """The cut of all shots."""
    shots = sorted(folder.glob("shot-*.mp4"))
    step_cut(folder, [Footage(shot, name_of(shot)) for shot in shots])


def step_dissolves(folder: Path, changed: int | None) -> None:
    """The film of all shots with a dissolve at every join; ``changed``: only what that one needs.

    The changed shot is conformed (decoded and encoded) too.
    """
    shots = sorted(folder.glob("shot-*.mp4"))
    if changed is not None:
        conform(folder / "changed.mkv", shots[changed], PROFILE, FRAMES)
    lengths = [FRAMES] * len(shots)
    joins = fit_transitions(lengths, [Join("dissolve", DISSOLVE)] * (len(shots) - 1))
    footage = []
    for piece in plan_pieces(lengths, joins, PROFILE.gop):
        if isinstance(piece, Copy):
            shot = shots[piece.shot]
            footage.append(Footage(shot, name_of(shot), piece.start, piece.stop))
            continue
        path = folder / f"mix-{piece.shot:03}.mp4"
        if changed is None or piece.shot in (changed - 1, changed):
            make_transition(
                shots[piece.shot],
                shots[piece.shot + 1],
                path,
                PROFILE,
                a_from=piece.a_from,
                b_to=piece.b_to,
                kind=piece.kind,
                length=piece.length,
            )
        footage.append(Footage(path, name_of(path)))
    step_cut(folder, footage)


def concat(folder: Path, count: int) -> list[str]:
    """Our cut against ``ffmpeg -f concat -c copy``; both with sound, both faststart."""
    shots = make_shots(folder, count)
    mix = make_sound(folder, count * FRAMES)
    listing = folder / "list.txt"
    listing.write_text("".join(f"file '{shot}'\n" for shot in shots))
    copy: list[str | Path] = ["-c", "copy", "-movflags", "+faststart", folder / "theirs.mp4"]
    inputs: list[str | Path] = [
        "-f",
        "concat",
        "-safe",
        "0",
        "-i",
        listing,
        "-i",
        mix,
        "-map",
        "0:v",
        "-map",
        "1:a",
    ]
    ours = min((ourselves("concat", folder) for _ in range(3)), key=lambda cost: cost.cpu_s)
    theirs = min(
        (cost_of("ffmpeg", "-v", "error", "-y", *inputs, *copy) for _ in range(2)),
        key=lambda cost: cost.cpu_s,
    )
    size = sum(shot.stat().st_size for shot in shots) / 1e6
    return [row(f"cut of {count} shots, {size:.0f} MB, with sound", ours, theirs)]


def dissolves(folder: Path, count: int) -> list[str]:
    """One shot of many changed, dissolves at all joins, against a chain of xfade filters."""
    shots = make_shots(folder, count)
    remade: list[str | Path] = [
        "-i",
        shots[3],
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        folder / "changed.mkv",
    ]
    cost_of("ffmpeg", "-v", "error", "-y", *remade)
    first = ourselves("dissolves", folder)
    changed = ourselves("dissolves", folder, str(count // 2))
    step = (FRAMES - DISSOLVE) / 24
    chain = "".join(
        f"[{'0' if number == 1 else f'x{number - 1}'}][{number}]xfade=transition=fade:"
        f"duration={DISSOLVE / 24}:offset={step * number}[x{number}];"
        for number in range(1, count)
    )
    inputs = [word for shot in shots for word in ("-i", str(shot))]
    theirs = cost_of(
        *("ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", chain.rstrip(";")),
        *("-map", f"[x{count - 1}]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20"),
        *("-pix_fmt", "yuv420p", folder / "theirs.mp4"),
    )
    return [
        row(f"{count - 1} dissolves among {count} shots, first build", first, theirs),
        row(f"{count - 1} dissolves among {count} shots, one shot changed", changed, theirs),
    ]


def row(what: str, ours: Cost, theirs: Cost) -> str:
    """A line of the table."""
    ratio = theirs.cpu_s / ours.cpu_s
    return f"| {what} | {ours.cpu_s:.2f} | {theirs.cpu_s:.2f} | {ratio:.1f}x | {ours.wall_s:.2f} |"


def main() -> None:
    """Read the command line, make the clips, measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=("concat", "dissolves"))
    options.add_argument("--shots", type=int, help="default: 200 to join, 50 to dissolve")
    options.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.step:
        name, folder, *rest = given.step
        if name == "concat":
            step_concat(Path(folder))
        else:
            step_dissolves(Path(folder), int(rest[0]) if rest else None)
        return
    rows = []
    for wanted, measure, count in (("concat", concat, 200), ("dissolves", dissolves, 50)):
        if given.only in (None, wanted):
            with tempfile.TemporaryDirectory(prefix="fvbuild-bench-") as scratch:
                rows += measure(Path(scratch), given.shots or count)
    print(f"| processor seconds, {os.cpu_count()} cores | fvbuild | ffmpeg | ratio | wall |")
    print("|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
