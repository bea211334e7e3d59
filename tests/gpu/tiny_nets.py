"""Tiny random nets for control pictures, beside the tiny models of :mod:`tiny_models`.

Their last layers are made to say something: nets are born silent, and learn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def save_net(family: str, folder: Path) -> Path:
    """Save the tiny net of a family under ``folder/<family>-net``, once."""
    import torch

    place = folder / f"{family}-net"
    if not place.is_dir():
        torch.manual_seed(1)
        net = NETS[family]()
        with torch.no_grad():
            for weights in net.parameters():
                if not weights.any():
                    weights.normal_(std=0.5)
        net.save_pretrained(place, safe_serialization=True)
    return place


def _flux() -> Any:
    from diffusers import FluxControlNetModel

    return FluxControlNetModel(
        patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16,
        num_attention_heads=2, joint_attention_dim=32, pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8], guidance_embeds=True,
    )  # fmt: skip


def _sd3() -> Any:
    from diffusers import SD3ControlNetModel

    return SD3ControlNetModel(
        sample_size=32, patch_size=1, in_channels=16, num_layers=1, attention_head_dim=8,
        num_attention_heads=4, caption_projection_dim=32, joint_attention_dim=32,
        pooled_projection_dim=64, out_channels=16,
    )  # fmt: skip


def _sdxl() -> Any:
    from diffusers import ControlNetModel

    return ControlNetModel(
        block_out_channels=(2, 4), layers_per_block=2, in_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        conditioning_embedding_out_channels=(2, 4), attention_head_dim=(2, 4),
        use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2), projection_class_embeddings_input_dim=80,
        cross_attention_dim=64, norm_num_groups=1,
    )  # fmt: skip


def _qwen_image() -> Any:
    from diffusers import QwenImageControlNetModel

    return QwenImageControlNetModel(
        patch_size=2, in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16,
        num_attention_heads=3, joint_attention_dim=16, axes_dims_rope=(8, 4, 4),
    )  # fmt: skip


NETS: Mapping[str, Callable[[], Any]] = {
    "flux": _flux,
    "sd3": _sd3,
    "sdxl": _sdxl,
    "qwen-image": _qwen_image,
}
"""By the family's name."""
