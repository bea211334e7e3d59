"""A step of denoising on several devices: each computes a part of the picture's tokens, and they
exchange what attention needs (context parallel by Ulysses, in any lengths, as diffusers has it)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed

from fvbuild.errors import TargetError

if TYPE_CHECKING:
    from pathlib import Path

_DENOISERS = ("transformer", "transformer_2")


def join(meeting: Path, rank: int, ranks: int, device: torch.device) -> None:
    """Become one of a group of processes, who meet by a file. Returns once all are there."""
    if device.type == "cuda":
        torch.cuda.set_device(device)
    else:
        _allow_processors(ranks)
    torch.distributed.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        init_method=meeting.as_uri(),
        rank=rank,
        world_size=ranks,
    )
    _mesh(device.type)


def _allow_processors(ranks: int) -> None:
    """diffusers counts accelerators to place a rank, of which a processor is none; and Gloo gathers
    equal lengths only. Devices need neither."""
    from diffusers.hooks import context_parallel

    torch.accelerator.device_count = lambda: ranks
    context_parallel._all_gather_anything = _gathered


def _gathered(tensor: torch.Tensor, dim: int, group: Any) -> torch.Tensor:
    """The parts of all ranks in a row along ``dim``, which may be of different lengths."""
    ranks = torch.distributed.get_world_size(group)
    length = torch.tensor([tensor.shape[dim]])
    lengths = [torch.empty_like(length) for _ in range(ranks)]
    torch.distributed.all_gather(lengths, length, group=group)
    most = max(int(each) for each in lengths)
    missing = list(tensor.shape)
    missing[dim] = most - tensor.shape[dim]
    padded = torch.cat([tensor, tensor.new_zeros(missing)], dim).contiguous()
    parts = [torch.empty_like(padded) for _ in range(ranks)]
    torch.distributed.all_gather(parts, padded, group=group)
    each = zip(parts, lengths, strict=True)
    return torch.cat([part.narrow(dim, 0, int(count)) for part, count in each], dim)


def split(pipe: Any, plan: str, device: torch.device) -> None:
    """Have every step of a pipeline computed by the whole group.

    ``plan`` is as in the table: the class's own, or one of those here.
    """
    from diffusers import ContextParallelConfig

    for name in _DENOISERS:
        denoiser = getattr(pipe, name, None)
        if denoiser is None:
            continue
        config = ContextParallelConfig(
            ulysses_degree=torch.distributed.get_world_size(),
            ulysses_anything=True,
            mesh=_mesh(device.type),
        )
        _check_heads(denoiser, config.ulysses_degree)
        own = denoiser._cp_plan if plan == "own" else _PLANS[plan]()
        denoiser.enable_parallelism(config=config, cp_plan=own)
        if plan == "ltx":
            for block in denoiser.transformer_blocks:
                block.attn2.processor._parallel_config = None


def _check_heads(denoiser: Any, ranks: int) -> None:
    """Attention is shared out by its heads, filled up to a multiple. Raises TargetError where that
    cannot be."""
    heads = int(denoiser.config.num_attention_heads)
    each = -(-heads // ranks)
    if each * ranks - heads >= each:
        raise TargetError(
            f"{heads} attention heads cannot be shared by {ranks} devices",
            hint="give its nodes another number of devices: `per_node` in fvbuild.yaml",
        )


@cache
def _mesh(kind: str) -> Any:
    """One for all models: to make one, all processes of the group must do it at once."""
    ranks = torch.distributed.get_world_size()
    mesh = torch.distributed.device_mesh.init_device_mesh(
        kind, (1, ranks), mesh_dim_names=("ring", "ulysses")
    )
    mesh["ring", "ulysses"]._flatten()
    return mesh


def _ltx() -> dict[str, Any]:
    """The picture's tokens and, where pictures are given, the time that each token then has. Of the
    words each device has all: their mask is made for all heads, which the class's own plan forgets.
    """
    from diffusers import LTXVideoTransformer3DModel
    from diffusers.models._modeling_parallel import ContextParallelInput

    own = dict(LTXVideoTransformer3DModel._cp_plan)
    time = ContextParallelInput(split_dim=1, expected_dims=2, split_output=False)
    return {**own, "": {"hidden_states": own[""]["hidden_states"], "timestep": time}}


def _wan_vace() -> dict[str, Any]:
    """Wan's own; the blocks for what conditions it get their part of everything too."""
    from diffusers import WanTransformer3DModel
    from diffusers.models._modeling_parallel import ContextParallelInput

    part = ContextParallelInput(split_dim=1, expected_dims=3, split_output=False)
    own = {name: each for name, each in WanTransformer3DModel._cp_plan.items() if name}
    return {
        **own,
        "vace_blocks.0": {"control_hidden_states": part},
        "vace_blocks.*": {"hidden_states": part},
    }


_PLANS = {"ltx": _ltx, "wan_vace": _wan_vace}
