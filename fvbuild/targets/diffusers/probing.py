"""What there is to say of a local model: before it is loaded, and after a short try."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.digest import Json
from fvbuild.errors import FilmBuildError, UnavailableError
from fvbuild.targets.diffusers import fetching, memory, weights
from fvbuild.targets.diffusers.asking import spec_of
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.family import Family, FrameRule
from fvbuild.targets.diffusers.fleet import fleet_of
from fvbuild.targets.diffusers.spreading import Spread
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work

if TYPE_CHECKING:
    from fvbuild.targets.diffusers.configuration import Configuration

STEPS = 2
_SMALL_PIXELS = 256 * 256
_SMALL_CLIP_PX = 64
_WORDS = 8
_FEW = 4
_GB = 1e9
WORKS, FAILS = "works", "fails"


def about(
    configuration: Configuration, family: Family, where: str, film_folder: Path
) -> Mapping[str, str]:
    """Family, numbers, sizes, lengths, files and devices (``where``), each in a few words."""
    told = {"family": f"{family.name} ({family.title}), {family.licence}"}
    told["computes"] = _numbers(configuration, family)
    if family.makes in ("still", "segment"):
        pixels = (configuration.pixels or family.pixels) / 1e6
        told["sizes"] = f"{pixels:.2g} megapixels, sides by {family.multiple}"
    if family.frames is not None:
        told["lengths"] = lengths(family.frames)
    told["files"] = _files(configuration, film_folder)
    told["runs on"] = where
    return told


def _numbers(configuration: Configuration, family: Family) -> str:
    words = [family.dtype(configuration.dtype)]
    if family.makes in ("still", "segment"):
        words.insert(0, f"{configuration.steps or family.steps} steps")
    if configuration.quantization:
        words.append(configuration.quantization)
    return ", ".join(words)


def lengths(rule: FrameRule) -> str:
    """The counts of frames that a family makes."""
    span = f"{rule.least} to {rule.most:,} frames at {rule.fps} fps"
    return f"{form(rule)}, {span}" if rule.multiple > 1 else span


def form(rule: FrameRule) -> str:
    """Counts as a formula: ``4k+1``."""
    return f"{rule.multiple}k+{rule.plus}"


def fitted(family: Family, params: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """Canvases and counts of frames that the family is asked for, by its nodes' parameters."""
    canvases = [canvas for each in params if isinstance(canvas := each.get("canvas"), list)]
    sizes = sorted({"x".join(str(side) for side in canvas) for canvas in canvases})
    if sizes:
        yield f"draws at {_few(sizes)}"
    counts = sorted({count for each in params if isinstance(count := each.get("frames"), int)})
    if counts and family.frames is not None:
        told = _few([str(count) for count in counts])
        trims = f" of {form(family.frames)}" if family.frames.multiple > 1 else ""
        rate = family.frames.fps
        yield f"asks for {told} frames{trims} at {rate} fps, of which each shot keeps its length"


def _few(words: Sequence[str]) -> str:
    """All of a few, or the first and the last."""
    return ", ".join(words) if len(words) <= _FEW else f"{words[0]} to {words[-1]}"


def absent_files(configuration: Configuration, film_folder: Path) -> FilmBuildError | None:
    """The error that tells how to get a model's files, where they are not here."""
    try:
        _folder(configuration, film_folder)
    except FilmBuildError as error:
        return error
    return None


def _folder(configuration: Configuration, film_folder: Path) -> Path:
    return fetching.folder_of(
        configuration.model, configuration.revision, film_folder, _silent, online=False
    )


def _files(configuration: Configuration, film_folder: Path) -> str:
    try:
        folder = _folder(configuration, film_folder)
    except FilmBuildError as error:
        return f"not here; {error.hint or error.message}"
    size = memory.size_on_disk_bytes(str(folder)) / _GB
    where = "folder" if weights.local_folder(configuration.model, film_folder) else "hub's cache"
    return f"{size:.3g} GB in the {where}"


def probed(
    configuration: Configuration,
    family: Family,
    place: GpuPlace,
    film_folder: Path,
    spread: Spread,
) -> tuple[str, str]:
    """Load the model in a worker and make two steps of something small; a word and what was seen.

    Nothing is fetched, and nothing that is made is kept.
    """
    try:
        model = spec_of(
            configuration,
            family,
            lambda name, revision: fetching.folder_of(
                name, revision, film_folder, _silent, online=False
            ),
            place.trusted,
            spread.way,
        )
        with tempfile.TemporaryDirectory(prefix="fvbuild-probe-") as folder:
            work = _small(configuration, family, model, Path(folder))
            told = fleet_of(place).make(work, _silent, lambda: False, width=spread.width)
    except UnavailableError as error:
        return FAILS, error.message
    except FilmBuildError as error:
        return FAILS, f"{error.message}; {error.hint}" if error.hint else error.message
    return WORKS, _seen(told, work)


def _small_clip(path: Path) -> Path:
    """Two frames to be made larger."""
    from PIL import Image

    from fvbuild.media.clip import encode_clip
    from fvbuild.media.profile import JoiningProfile

    picture = Image.radial_gradient("L").resize((_SMALL_CLIP_PX, _SMALL_CLIP_PX)).convert("RGB")
    encode_clip(path, [picture] * 2, JoiningProfile(*picture.size, Fraction(24)))
    return path


def _small(configuration: Configuration, family: Family, model: ModelSpec, folder: Path) -> Work:
    if family.makes == "text":
        asked = "Describe a boat at sea."
        return Work(model, "caption", str(folder / "text.txt"), prompt=asked, max_tokens=_WORDS)
    if family.makes == "upscale":
        return Work(
            model,
            "upscale",
            str(folder / "clip.mp4"),
            canvas=(2 * _SMALL_CLIP_PX, 2 * _SMALL_CLIP_PX),
            pictures={"source": [str(_small_clip(folder / "source.mp4"))]},
        )
    pixels = min(configuration.pixels or family.pixels, _SMALL_PIXELS)
    side = max(1, int(pixels**0.5) // family.multiple) * family.multiple
    frames = family.frames
    work = Work(
        model,
        "segment" if family.makes == "segment" else "anchor",
        str(folder / ("clip.mp4" if family.makes == "segment" else "picture.png")),
        prompt="a boat at sea",
        canvas=(side, side),
        frames=frames.least if frames is not None else 0,
        fps=frames.fps if frames is not None else 0,
        steps=STEPS,
        guidance=configuration.guidance if configuration.guidance is not None else family.guidance,
        arguments=dict(configuration.arguments),
    )
    return replace(work, pictures=_pictures(family, folder, side))


def _pictures(family: Family, folder: Path, side: int) -> dict[str, list[str]]:
    """A picture for every role that takes one."""
    roles = [role for role in ("start", "end", "references") if family.role(role) is not None]
    if not roles:
        return {}
    from PIL import Image

    from fvbuild.media.image import write_png

    file = folder / "given.png"
    ramp = Image.linear_gradient("L").resize((side, side))
    write_png(file, Image.merge("RGB", (ramp, ramp.rotate(90), ramp.rotate(180))))
    return {role: [str(file)] for role in roles}


def _seen(told: Mapping[str, Any], work: Work) -> str:
    words = [f"{str(told['placement']).replace('_', ' ')} on {told.get('name', told['device'])}"]
    if "peak_bytes" in told:
        words.append(f"peak {told['peak_bytes'] / _GB:.3g} GB of its memory")
    elif "rss_bytes" in told:
        words.append(f"{told['rss_bytes'] / _GB:.2g} GB of main memory")
    words.append(f"loaded in {told['loading_s']:.2g} s")
    if "steps_s" in told:
        width, height = work.canvas
        size = f"{width}x{height}" + (f", {work.frames} frames" if work.frames else "")
        words.append(f"{told['steps_s']:.2g} s a step at {size}, decoding included")
    return "; ".join(words)


def _silent(_done: float, _note: str) -> None:
    return None
