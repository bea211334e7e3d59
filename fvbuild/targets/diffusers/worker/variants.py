"""Further pipelines of a loaded model's own weights: for masks, and for control pictures."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from fvbuild.targets.diffusers.worker.loading import Loaded, encodings_of, told
from fvbuild.targets.diffusers.worker.messages import ModelSpec


def for_masks(loaded: Loaded, spec: ModelSpec, device: torch.device) -> Loaded:
    """A loaded model's own weights, in the pipeline that changes a part of a picture."""
    import diffusers

    family = loaded.family
    assert family.masked is not None, "asked for only where the table has it"
    if loaded.masked is None:
        if family.masked.pipeline == family.pipeline:
            return loaded
        other = _other(loaded.pipeline, getattr(diffusers, family.masked.pipeline))
        loaded.masked = Loaded(family, other, encodings=encodings_of(other, spec, device))
    return loaded.masked


def for_control(loaded: Loaded, spec: ModelSpec, device: torch.device) -> Loaded:
    """A loaded model's own weights beside its net for control pictures, which stays on the device.
    Raises TargetError where the net's files are not as they should be."""
    import diffusers

    controlled = loaded.family.controlled
    assert controlled is not None and spec.controlnet is not None, "asked for only with a net"
    if loaded.controlled is None:
        with told(spec, spec.controlnet["folder"]):
            net = getattr(diffusers, controlled.net).from_pretrained(
                spec.controlnet["folder"],
                torch_dtype=getattr(torch, spec.dtype),
                local_files_only=True,
                use_safetensors=True,
            )
        kind = getattr(diffusers, controlled.pipeline)
        other = _other(loaded.pipeline, kind, controlnet=net.to(device).eval())
        encodings = encodings_of(other, spec, device)
        loaded.controlled = Loaded(loaded.family, other, encodings=encodings)
    return loaded.controlled


def _other(pipe: Any, kind: Any, **more: Any) -> Any:
    """Another pipeline of the same parts."""
    known = inspect.signature(kind.__init__).parameters
    config = {name: value for name, value in pipe.config.items() if name in known}
    parts = {name: part for name, part in pipe.components.items() if name in known}
    return kind(**{**config, **parts, **more})
