"""What of a local model goes into keys: everything that changes pixels, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fvbuild.engine.digest import Json
from fvbuild.errors import TargetError
from fvbuild.targets.diffusers import weights
from fvbuild.targets.diffusers.configuration import QUANTISERS, Configuration
from fvbuild.targets.diffusers.family import Family


def identity_of(configuration: Configuration, family: Family, film_folder: Path) -> dict[str, Json]:
    """Model identity. Raises TargetError where a revision cannot be told without the network.

    Placement, device and library versions are provenance; so are host and number of GPUs.
    """
    told: dict[str, Json] = {
        "provider": "diffusers",
        "family": family.name,
        "rules": family.version,
        "loader": family.pipeline or "transformers",
        **_model(configuration.model, configuration.revision, film_folder),
        "dtype": family.dtype(configuration.dtype),
        "steps": configuration.steps or family.steps,
    }
    guidance = configuration.guidance if configuration.guidance is not None else family.guidance
    optional: dict[str, Json] = {
        "variant": configuration.variant,
        "guidance": guidance,
        "scheduler": dict(configuration.scheduler) or None,
        "quantization": configuration.quantization,
        "quantizer": QUANTISERS.get(configuration.quantization or "") or None,
        "vae_tiling": configuration.vae_tiling or None,
        "attention": configuration.attention,
        "compile": configuration.compile or None,
        "step_cache": configuration.step_cache,
        "fit": configuration.fit if configuration.fit != "crop" else None,
        "arguments": dict(configuration.arguments) or None,
        "max_tokens": configuration.max_tokens if family.makes == "text" else None,
        "base": _base(configuration, family, film_folder),
    }
    told |= {name: value for name, value in optional.items() if value is not None}
    if (net := configuration.controlnet) is not None:
        told["controlnet"] = {
            **_model(net.model, net.revision, film_folder),
            "scale": net.scale,
        }
    if configuration.loras:
        told["loras"] = [
            {
                **_model(lora.model, lora.revision, film_folder),
                "weight_name": lora.weight_name,
                "scale": lora.scale,
            }
            for lora in configuration.loras
        ]
    return told


def _base(configuration: Configuration, family: Family, film_folder: Path) -> Json:
    """Where a checkpoint is a denoiser alone, the model that gives the rest."""
    if not family.base or weights.is_pipeline(configuration.model, film_folder):
        return None
    return dict(_model(family.base, None, film_folder))


def _model(model: str, revision: str | None, film_folder: Path) -> Mapping[str, Json]:
    """A local folder by its bytes, wherever it lies; a repository by its commit."""
    folder = weights.local_folder(model, film_folder)
    if folder is not None:
        return {"weights": weights.digest_of_folder(folder)}
    commit = weights.commit_of(model, revision)
    if commit is None:
        raise TargetError(
            f"nothing here tells which commit '{revision or 'main'}' of '{model}' is",
            hint=f"write `revision: <commit>`, or fetch it: hf download {model}"
            + (f" --revision {revision}" if revision else ""),
        )
    return {"model": model, "commit": commit}
