"""A model from its files onto a device: dtypes, quantisation, LoRAs, placement, speed.

Only safetensors are read, and no code of a repository runs unless the workspace allows it by name.
Nothing here goes online: the build has fetched the files before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fvbuild.errors import TargetError
from fvbuild.targets.diffusers.family import Family, families
from fvbuild.targets.diffusers.spreading import BY_PARTS, CONTEXT
from fvbuild.targets.diffusers.worker import splitting
from fvbuild.targets.diffusers.worker.encoding import Encodings
from fvbuild.targets.diffusers.worker.messages import ModelSpec


@dataclass(slots=True)
class Loaded:
    """A model that is ready: a pipeline, or a chat model with its tokenizer.

    ``encodings`` keeps what prompts were encoded to, where memory is short. ``masked`` is the same
    for changing a part of a picture, of the same weights, once that was asked for, ``controlled``
    for heeding a control picture.
    """

    family: Family
    pipeline: Any
    tokenizer: Any = None
    encodings: Encodings | None = None
    masked: Loaded | None = None
    controlled: Loaded | None = None


def load(spec: ModelSpec, device: torch.device) -> Loaded:
    """Load a model onto a device. Raises TargetError with what to do where its files are not as
    they should be."""
    return settle(read(spec), spec, device)


def read(spec: ModelSpec) -> Loaded:
    """A model in main memory, ready but for its place. No device is touched, but by weights that
    are quantised on the device. Raises TargetError as :func:`load`."""
    family = families()[spec.family]
    with told(spec):
        if family.makes == "text":
            return _chat(spec, family)
        if family.makes == "upscale":
            return Loaded(family, _upscaler(spec))
        return Loaded(family, _pipeline(spec))


def settle(loaded: Loaded, spec: ModelSpec, device: torch.device) -> Loaded:
    """Bring a model from main memory to its place."""
    pipe = loaded.pipeline
    with told(spec):
        if spec.spread == BY_PARTS:
            return loaded
        if loaded.family.makes in ("text", "upscale"):
            pipe.to(device)
            return loaded
        _place(pipe, spec.placement, device)
        if spec.spread == CONTEXT:
            splitting.split(pipe, loaded.family.context_parallel, device)
        if spec.compile:
            _denoiser(pipe).compile_repeated_blocks(fullgraph=True)
        loaded.encodings = encodings_of(pipe, spec, device)
    return loaded


@contextmanager
def told(spec: ModelSpec, folder: str = "") -> Iterator[None]:
    """What goes wrong while a model, or a ``folder`` beside it, is read, in words."""
    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise TargetError(
            f"the model in {folder or spec.folder} cannot be loaded: {_short(error)}",
            hint="fetch it again: hf download --force-download; only safetensors are read",
        ) from error


def encodings_of(pipe: Any, spec: ModelSpec, device: torch.device) -> Encodings | None:
    """All but the quickest placement keep what prompts were encoded to."""
    if spec.placement == "resident" or not hasattr(pipe, "encode_prompt"):
        return None
    return Encodings(pipe, device, aside=spec.placement == "encoders_aside")


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"


def _pipeline(spec: ModelSpec) -> Any:
    import diffusers

    kind = getattr(diffusers, spec.pipeline)
    options: dict[str, Any] = {
        "torch_dtype": _dtypes(spec),
        "local_files_only": True,
        "use_safetensors": True,
        "trust_remote_code": spec.trust_remote_code,
    }
    if spec.variant:
        options["variant"] = spec.variant
    if spec.spread == BY_PARTS:
        options["device_map"] = "balanced"
    if (quantization := _quantization(spec)) is not None:
        options["quantization_config"] = quantization
    if spec.base_folder is not None:
        part = _denoiser_of(spec)
        options[part[0]] = part[1]
    pipe = kind.from_pretrained(spec.base_folder or spec.folder, **options)
    _configure(pipe, spec)
    return pipe


def _dtypes(spec: ModelSpec) -> Any:
    if not spec.dtypes:
        return getattr(torch, spec.dtype)
    named = {part: getattr(torch, dtype) for part, dtype in spec.dtypes.items()}
    return {"default": getattr(torch, spec.dtype), **named}


def _quantization(spec: ModelSpec) -> Any:
    """The denoiser's weights in 8 bits by torchao, or in 4 by bitsandbytes, which needs a CUDA
    device; fp8 is cast layer by layer afterwards."""
    if spec.quantization in (None, "fp8"):
        return None
    from diffusers.quantizers import PipelineQuantizationConfig

    if spec.quantization == "int8":
        from diffusers import TorchAoConfig
        from torchao.quantization import Int8WeightOnlyConfig

        each: Any = TorchAoConfig(Int8WeightOnlyConfig())
    else:
        from diffusers import BitsAndBytesConfig

        each = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_compute_dtype=getattr(torch, spec.dtype),
        )
    denoisers = ("transformer", "transformer_2", "unet")
    return PipelineQuantizationConfig(quant_mapping=dict.fromkeys(denoisers, each))


def _denoiser_of(spec: ModelSpec) -> tuple[str, Any]:
    """A family whose checkpoint is a denoiser alone takes the rest from its base."""
    from diffusers import HunyuanVideoFramepackTransformer3DModel

    model = HunyuanVideoFramepackTransformer3DModel.from_pretrained(
        spec.folder,
        torch_dtype=getattr(torch, spec.dtype),
        local_files_only=True,
        use_safetensors=True,
    )
    return "transformer", model


def _denoiser(pipe: Any) -> Any:
    return getattr(pipe, "transformer", None) or pipe.unet


def _configure(pipe: Any, spec: ModelSpec) -> None:
    """What changes pixels, and is in the key."""
    if spec.scheduler:
        _schedule(pipe, dict(spec.scheduler))
    for number, lora in enumerate(spec.loras):
        options = {"weight_name": lora["weight_name"]} if lora.get("weight_name") else {}
        pipe.load_lora_weights(
            lora["folder"],
            adapter_name=f"lora{number}",
            local_files_only=True,
            use_safetensors=True,  # by default it would go on with a pickle where there is one
            **options,
        )
    if spec.loras:
        names = [f"lora{number}" for number in range(len(spec.loras))]
        pipe.set_adapters(names, adapter_weights=[lora["scale"] for lora in spec.loras])
    if spec.quantization == "fp8":
        _denoiser(pipe).enable_layerwise_casting(
            storage_dtype=torch.float8_e4m3fn, compute_dtype=getattr(torch, spec.dtype)
        )
    if spec.vae_tiling:
        pipe.vae.enable_tiling()
    if spec.attention:
        _denoiser(pipe).set_attention_backend(spec.attention)
    if spec.step_cache:
        from diffusers import FirstBlockCacheConfig

        _denoiser(pipe).enable_cache(FirstBlockCacheConfig(threshold=spec.step_cache))
    if hasattr(pipe, "set_progress_bar_config"):
        pipe.set_progress_bar_config(disable=True)


def _schedule(pipe: Any, options: dict[str, Any]) -> None:
    import diffusers

    name = options.pop("class", type(pipe.scheduler).__name__)
    kind = getattr(diffusers, str(name), None)
    if kind is None or not hasattr(kind, "from_config"):
        raise TargetError(f"diffusers has no scheduler '{name}'", hint="see its documentation")
    pipe.scheduler = kind.from_config(pipe.scheduler.config, **options)


def _place(pipe: Any, placement: str, device: torch.device) -> None:
    """The rungs of the memory ladder. All of them keep the arithmetic, so none is in a key."""
    if placement == "resident":
        pipe.to(device)
    elif placement == "encoders_aside":
        for name, part in pipe.components.items():
            if isinstance(part, torch.nn.Module) and not name.startswith("text_encoder"):
                part.to(device)
    elif placement == "model_offload":
        pipe.enable_model_cpu_offload(device=device)
    elif placement == "group_offload":
        pipe.enable_group_offload(
            onload_device=device,
            offload_device=torch.device("cpu"),
            offload_type="leaf_level",
            use_stream=device.type == "cuda",
        )
    elif placement == "sequential_offload":
        pipe.enable_sequential_cpu_offload(device=device)
    else:
        raise TargetError(f"there is no placement '{placement}'")


def _upscaler(spec: ModelSpec) -> Any:
    """A model that makes pictures larger, by its class in transformers."""
    from transformers import Swin2SRForImageSuperResolution

    model = Swin2SRForImageSuperResolution.from_pretrained(
        spec.folder, dtype=getattr(torch, spec.dtype), use_safetensors=True, local_files_only=True
    )
    return model.eval()


def _chat(spec: ModelSpec, family: Family) -> Loaded:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options = {"local_files_only": True, "trust_remote_code": spec.trust_remote_code}
    tokenizer = AutoTokenizer.from_pretrained(spec.folder, **options)
    parts = {"device_map": "balanced"} if spec.spread == BY_PARTS else {}
    model = AutoModelForCausalLM.from_pretrained(
        spec.folder, dtype=getattr(torch, spec.dtype), use_safetensors=True, **parts, **options
    )
    if not Path(spec.folder, "config.json").is_file():
        raise TargetError(f"{spec.folder} holds no chat model")
    return Loaded(family, model.eval(), tokenizer)
