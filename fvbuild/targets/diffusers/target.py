"""The target: what a plan asks of it, and the taking of takes by the fleet of workers."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.target import Capabilities, Price
from fvbuild.errors import FilmBuildError, SettingError, TargetError
from fvbuild.targets.api.place import Place
from fvbuild.targets.diffusers import fetching, probing
from fvbuild.targets.diffusers.asking import spec_of, with_controls, work_of
from fvbuild.targets.diffusers.configuration import QUANTISERS, Configuration, read_configuration
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.family import Family, family_here
from fvbuild.targets.diffusers.fleet import Fleet, fleet_of
from fvbuild.targets.diffusers.following import following
from fvbuild.targets.diffusers.identity import identity_of
from fvbuild.targets.diffusers.spreading import in_words, spread_of
from fvbuild.targets.diffusers.worker import messages
from fvbuild.targets.diffusers.worker_process import WorkerError
from fvbuild.targets.prompts import Prompts

_STILLS = frozenset({"reference", "plate", "prop", "anchor", "boundary"})
_TEXTS = frozenset({"caption", "motion"})
_CLIPS = frozenset({"segment", "upscale"})
_AHEAD = 24
"""Prompts that are encoded together, where they wait for the same model."""
_NEEDED = ("torch", "diffusers", "transformers")


def target_of(
    name: str,
    settings: Mapping[str, Json],
    place: Place | None = None,
) -> DiffusersTarget:
    """See :func:`fvbuild.targets.diffusers.create`."""
    configuration = read_configuration(name, settings)
    gpu = (place.gpu if place is not None else None) or GpuPlace()
    absent = [package for package in _NEEDED if importlib.util.find_spec(package) is None]
    if absent and not gpu.elsewhere:
        raise TargetError(
            f"target '{name}' runs here, and needs {', '.join(absent)}, not installed here",
            hint="pip install 'fvbuild[gpu]'",
        )
    folder = place.film_folder if place is not None else Path()
    return DiffusersTarget(configuration, folder, gpu)


class DiffusersTarget:
    """A local model, configured by a film."""

    pool = "gpu"

    def __init__(self, configuration: Configuration, film_folder: Path, place: GpuPlace) -> None:
        self._configuration = configuration
        self._film_folder = film_folder
        self._place = place
        self._prompts = Prompts(film_folder)
        self.family = self._family()
        self._spread = spread_of(configuration, self.family, place)
        self.identity: Mapping[str, Json] = identity_of(configuration, self.family, film_folder)

    @property
    def slots(self) -> int:
        """A slot each device."""
        return self._place.slots

    @property
    def width(self) -> int:
        """How many of them a take has at once."""
        return self._spread.width

    @cached_property
    def capabilities(self) -> Capabilities:
        """From the family's entry."""
        family, frames = self.family, self.family.frames
        references = family.role("references")
        if family.makes == "text":
            return Capabilities(kinds=_TEXTS, prompt_tokens=family.prompt_tokens)
        if family.makes == "upscale":
            return Capabilities(kinds=frozenset({"upscale"}), seed=False)
        return Capabilities(
            kinds=_STILLS if family.makes == "still" else frozenset({"segment"}),
            first_frame=family.role("start") is not None,
            last_frame=family.role("end") is not None,
            text_to_video=family.role("start") is None or family.text_to_video or _free(family),
            references=references.most if references is not None else 0,
            edits=family.makes == "still" and (references is not None or family.masked is not None),
            masks=family.masked is not None,
            only_masks=references is None,
            only_edits=family.only_masked,
            controls=family.controlled is not None and self._configuration.controlnet is not None,
            needs_references=references is not None and bool(references.least),
            negative=family.role("negative") is not None,
            guidance=family.role("guidance") is not None,
            rate_fps=str(frames.fps) if frames is not None else None,
            frames=(frames.least, frames.most, frames.multiple)
            if frames is not None
            else (1, 1, 1),
            canvas_pixels=self._configuration.pixels or family.pixels,
            size_multiple=family.multiple,
            prompt_tokens=family.prompt_tokens or None,
        )

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """The model, and the templates that a kind's prompt is written by."""
        return {**self.identity, **self._prompts.identity(kind)}

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        """Nothing but time."""
        return Price()

    def make(self, action: Action) -> Outcome:
        """One take, by a worker. Raises TargetError, and Interrupted when the build is stopped."""
        out = action.folder / ("clip.mp4" if action.kind in _CLIPS else "picture.png")
        if action.kind == "upscale" and (large := _large_already(action)) is not None:
            return Outcome((large,))

        def fetch(model: str, revision: str | None) -> Path:
            return fetching.folder_of(model, revision, self._film_folder, action.progress)

        model = spec_of(
            self._configuration, self.family, fetch, self._place.trusted, self._spread.way
        )
        work = work_of(action, self._configuration, self.family, self._prompts, model, out)
        fleet = fleet_of(self._place)
        after = following(action, self._film_folder, self._place.trusted)

        def ahead() -> list[messages.Work]:
            return self._ahead(action, model, out)

        try:
            told = fleet.make(
                work, action.progress, action.cancelled, ahead, action.slots, self.width, after
            )
        except WorkerError as error:
            if error.word != messages.NOT_FINITE or model.dtype == "float32":
                raise TargetError(f"{action.node}: {error.message}", hint=error.hint) from error
            action.progress(0.0, f"{error.message}; once more in float32")
            safer = replace(work, model=replace(model, dtype="float32", dtypes={}))
            told = self._in_float32(fleet, safer, action)
        return _outcome(action, told, out)

    # --- what is to be known of it ------------------------------------------------------------

    def about(self) -> Mapping[str, str]:
        """What it is and where it runs, in words, by what is spoken of."""
        where = in_words(self._spread, self._place)
        return probing.about(self._configuration, self.family, where, self._film_folder)

    def probe(self) -> tuple[str, str]:
        """A word and a message: how a short try went. It takes as long as loading the model."""
        if self._place.elsewhere:
            return "not tried", "its nodes are made on the cluster, where a build tries it"
        return probing.probed(
            self._configuration, self.family, self._place, self._film_folder, self._spread
        )

    def asked_in_words(self, params: Sequence[Mapping[str, Json]]) -> str:
        """How it will be asked for what a plan makes: sizes and lengths that fit it, and where."""
        fitted = probing.fitted(self.family, params)
        absent = ["its files are fetched first"] if self.absent_files() is not None else []
        told = (*fitted, in_words(self._spread, self._place), *absent)
        return f"target '{self._configuration.name}': {'; '.join(told)}"

    def absent_files(self) -> FilmBuildError | None:
        """The error that tells how to get the model's files, where they are not here and should."""
        if self._place.elsewhere:
            return None
        return probing.absent_files(self._configuration, self._film_folder)

    # --- making -------------------------------------------------------------------------------

    def _ahead(self, action: Action, model: messages.ModelSpec, out: Path) -> list[messages.Work]:
        """What waits for this model. What cannot be asked for says so in its own time."""
        works = []
        for other in action.waiting(_AHEAD):
            with contextlib.suppress(FilmBuildError):
                asked = work_of(other, self._configuration, self.family, self._prompts, model, out)
                works.append(asked)
        return works

    def _in_float32(self, fleet: Fleet, work: messages.Work, action: Action) -> Mapping[str, Any]:
        """A broken decode is tried once in the dtype that cannot overflow, and told so."""
        try:
            told = fleet.make(
                work, action.progress, action.cancelled, slots=action.slots, width=self.width
            )
            return {**told, "dtype": "float32"}
        except WorkerError as error:
            raise TargetError(
                f"{action.node}: {error.message}, in float32 as well",
                hint="another seed, scheduler or quantisation; broken weights give this too",
            ) from error

    def _family(self) -> Family:
        configuration = self._configuration
        family = family_here(
            configuration.model, configuration.revision, configuration.family, self._film_folder
        )
        if configuration.controlnet is not None and family.controlled is None:
            raise SettingError(
                f"{family.title} heeds no control pictures, so it has no use for a net",
                "controlnet",
                hint=f"families that do: {', '.join(with_controls())}",
            )
        if configuration.quantization == "nf4" and "cpu" in self._place.devices:
            raise SettingError(
                f"target '{configuration.name}': nf4 is computed by CUDA devices alone",
                "quantization",
                hint="on a processor fp8 and int8 work",
            )
        quantiser = QUANTISERS.get(configuration.quantization or "")
        needs = [*family.needs, *([quantiser] if quantiser else [])]
        missing = [package for package in needs if importlib.util.find_spec(package) is None]
        if missing:
            raise TargetError(
                f"{family.title} so configured also needs {', '.join(missing)}",
                hint=f"pip install {' '.join(missing)}, of the same build as your torch",
            )
        return family


def _large_already(action: Action) -> Made | None:
    """The clip itself, where it covers the size that is wanted without a model."""
    from fvbuild.media.clip import probe

    source, size = action.one("source"), action.params.get("size")
    if source is None or source.path is None or not isinstance(size, list):
        return None
    found = probe(source.path)
    if found.width < int(str(size[0])) or found.height < int(str(size[1])):
        return None
    facts: dict[str, Json] = {
        "frames": found.frames,
        "width": found.width,
        "height": found.height,
        "fps": str(found.fps),
    }
    return Made("video/mp4", same_as=source.digest, facts=facts)


def _free(family: Family) -> bool:
    """A family whose first frame is a condition makes clips without it too."""
    start = family.role("start")
    return start is not None and start.argument == "conditions"


def _outcome(action: Action, told: Mapping[str, Any], out: Path) -> Outcome:
    provenance = {
        name: told[name]
        for name in ("device", "devices", "name", "torch", "diffusers", "transformers", "placement",
                     "loading_s", "steps_s", "peak_bytes", "dtype")
        if name in told
    }  # fmt: skip
    if action.kind in _TEXTS or action.kind in ("reword", "draft"):
        text = out.read_text(encoding="utf-8")
        return Outcome((Made("text/plain", text=text),), provenance=provenance)
    facts = {name: told[name] for name in ("frames", "width", "height", "fps") if name in told}
    media_type = "video/mp4" if action.kind in _CLIPS else "image/png"
    return Outcome((Made(media_type, out, facts=facts),), provenance=provenance)
