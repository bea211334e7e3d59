"""What a film's target says of a local model: read and checked, with the target's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fvbuild.engine.digest import Json
from fvbuild.errors import SettingError
from fvbuild.targets.base import check_settings

DTYPES = ("bfloat16", "float16", "float32")
QUANTISERS = {"fp8": "", "int8": "torchao", "nf4": "bitsandbytes"}
"""How weights are made smaller, and the package that does it; "" where torch alone does."""
FITS = ("crop", "pad")
_SAFE = ".safetensors"
_SETTINGS = (
    "model", "revision", "variant", "family", "dtype", "steps", "guidance", "scheduler", "loras",
    "quantization", "vae_tiling", "attention", "compile", "step_cache", "fit", "max_tokens",
    "arguments", "pixels", "controlnet",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA laid over a model: a repository or a path, its file, and how strongly."""

    model: str
    weight_name: str | None = None
    scale: float = 1.0
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class ControlNet:
    """A net by which a model heeds control pictures: a repository or a path, and how strongly."""

    model: str
    scale: float = 1.0
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """A local model as a film configures it; all of it may change what is made.

    ``pixels`` is the area of its canvas, which is the family's where the film does not say.
    ``arguments`` are further arguments of the pipeline's call.
    """

    name: str
    model: str
    revision: str | None = None
    variant: str | None = None
    family: str | None = None
    dtype: str = "bfloat16"
    steps: int | None = None
    guidance: float | None = None
    scheduler: Mapping[str, Json] = field(default_factory=dict)
    loras: tuple[Lora, ...] = ()
    quantization: str | None = None
    vae_tiling: bool = False
    attention: str | None = None
    compile: bool = False
    step_cache: float | None = None
    fit: str = "crop"
    max_tokens: int = 512
    arguments: Mapping[str, Json] = field(default_factory=dict)
    pixels: int | None = None
    controlnet: ControlNet | None = None


def read_configuration(name: str, settings: Mapping[str, Json]) -> Configuration:
    """The settings of the target ``name``. Raises SettingError for the first that is wrong."""
    check_settings(name, settings, _SETTINGS)
    read = _Reader(name, settings)
    model = read.text("model")
    if model is None:
        raise SettingError(
            f"target '{name}' names no model",
            hint=f"targets: {{{name}: {{provider: diffusers, model: owner/name, revision: ...}}}}",
        )
    return Configuration(
        name=name,
        model=model,
        revision=read.revision(),
        variant=read.text("variant"),
        family=read.text("family"),
        dtype=read.word("dtype", DTYPES) or "bfloat16",
        steps=read.whole("steps", 1, 1000),
        guidance=read.number("guidance", 0, 100),
        scheduler=read.scheduler(),
        loras=tuple(read.loras()),
        quantization=read.word("quantization", tuple(QUANTISERS)),
        vae_tiling=read.flag("vae_tiling"),
        attention=read.text("attention"),
        compile=read.flag("compile"),
        step_cache=read.number("step_cache", 0, 1),
        fit=read.word("fit", FITS) or "crop",
        max_tokens=read.whole("max_tokens", 1, 65536) or 512,
        arguments=read.mapping("arguments"),
        pixels=read.whole("pixels", 32 * 32, 8192 * 8192),
        controlnet=read.controlnet(),
    )


class _Reader:
    """Takes typed values out of settings; what is wrong is told with the target's name."""

    def __init__(self, name: str, settings: Mapping[str, Json]) -> None:
        self._name = name
        self._settings = settings

    def _wrong(self, field_name: str, wanted: str) -> SettingError:
        value = self._settings[field_name]
        message = f"target '{self._name}': {field_name} is {wanted}, not {value!r}"
        return SettingError(message, field_name)

    def text(self, field_name: str) -> str | None:
        value = self._settings.get(field_name)
        if value is None:
            return None
        if isinstance(value, bool | list | dict) or not str(value).strip():
            raise self._wrong(field_name, "a text")
        return str(value)

    def revision(self) -> str | None:
        """A branch, tag or commit. YAML takes some commits for numbers and would change them."""
        if isinstance(self._settings.get("revision"), int | float):
            raise self._wrong("revision", "a text: write it in quotes")
        return self.text("revision")

    def word(self, field_name: str, words: Sequence[str]) -> str | None:
        value = self.text(field_name)
        if value is not None and value not in words:
            raise self._wrong(field_name, f"one of {', '.join(words)}")
        return value

    def flag(self, field_name: str) -> bool:
        value = self._settings.get(field_name, False)
        if not isinstance(value, bool):
            raise self._wrong(field_name, "true or false")
        return value

    def whole(self, field_name: str, least: int, most: int) -> int | None:
        value = self._settings.get(field_name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._wrong(field_name, f"a whole number from {least} to {most}")
        return value

    def number(self, field_name: str, least: float, most: float) -> float | None:
        value = self._settings.get(field_name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(field_name, "a number")
        if not least <= value <= most:
            raise self._wrong(field_name, f"from {least:g} to {most:g}")
        return float(value)

    def mapping(self, field_name: str) -> Mapping[str, Json]:
        value = self._settings.get(field_name, {})
        if not isinstance(value, dict):
            raise self._wrong(field_name, "a mapping")
        return value

    def scheduler(self) -> Mapping[str, Json]:
        """A class name, or a mapping with ``class`` and its own options."""
        value = self._settings.get("scheduler")
        if value is None:
            return {}
        if isinstance(value, str):
            return {"class": value}
        if not isinstance(value, dict) or not isinstance(value.get("class"), str | None):
            raise self._wrong("scheduler", "a class of diffusers, or a mapping with `class`")
        return value

    def loras(self) -> list[Lora]:
        value: Any = self._settings.get("loras", [])
        if not isinstance(value, list):
            raise self._wrong("loras", "a list")
        return [self._lora(each) for each in value]

    def _lora(self, given: Any) -> Lora:
        known = ("model", "weight_name", "scale", "revision")
        given, scale = self._laid_over("loras", given, known, "a list of repositories or of")
        if not str(given.get("weight_name") or _SAFE).endswith(_SAFE):
            raise self._wrong("loras", f"given a weight_name that ends in {_SAFE}")
        return Lora(str(given["model"]), given.get("weight_name"), scale, given.get("revision"))

    def controlnet(self) -> ControlNet | None:
        """A repository, or a mapping with it, a scale and a revision."""
        value = self._settings.get("controlnet")
        if value is None:
            return None
        known = ("model", "scale", "revision")
        given, scale = self._laid_over("controlnet", value, known, "a repository or")
        return ControlNet(str(given["model"]), scale, given.get("revision"))

    def _laid_over(
        self, field_name: str, given: Any, known: Sequence[str], wanted: str
    ) -> tuple[dict[str, Any], float]:
        """A repository's name, or a mapping with it, as a mapping; and its scale."""
        given = {"model": given} if isinstance(given, str) else given
        if not isinstance(given, dict) or "model" not in given or set(given) - set(known):
            raise self._wrong(field_name, f"{wanted} {{{', '.join(known)}}}")
        scale = given.get("scale", 1.0)
        if not isinstance(scale, int | float) or isinstance(scale, bool):
            raise self._wrong(field_name, "given a scale that is a number")
        if isinstance(given.get("revision"), int | float):
            raise self._wrong(field_name, "given a revision that is a text: write it in quotes")
        return given, float(scale)
