"""Random models of the real classes, a megabyte each, saved as real checkpoints are.

They are loaded through the same path as real ones. Their pictures are noise, but noise of the right
size and number that depends on seed, prompt and pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tiny_clips
import tiny_newer
import tiny_pictures
from tiny_parts import clip, t5
from tiny_words import byte_tokenizer, clip_tokenizer, t5_tokenizer

STANDIN = Path(__file__).parent / "standin"
"""A torchvision for those that need one; only processes that are told of it see it."""


def save(family: str, folder: Path) -> Path:
    """Save the tiny model of a family under ``folder/<family>``, once."""
    import torch

    place = folder / family
    if not place.is_dir():
        torch.manual_seed(0)
        MODELS[family]().save_pretrained(place, safe_serialization=True)
    return place


def _flux_parts(in_channels: int = 4, out_channels: int | None = None) -> dict[str, Any]:
    import diffusers

    return {
        "transformer": diffusers.FluxTransformer2DModel(
            patch_size=1, in_channels=in_channels, out_channels=out_channels, num_layers=1,
            num_single_layers=1,
            attention_head_dim=16, num_attention_heads=2, joint_attention_dim=32,
            pooled_projection_dim=32, axes_dims_rope=(4, 4, 8), guidance_embeds=True,
        ),
        "vae": diffusers.AutoencoderKL(
            sample_size=32, block_out_channels=(4,), layers_per_block=1, latent_channels=1,
            norm_num_groups=1, use_quant_conv=False, use_post_quant_conv=False,
            shift_factor=0.0609, scaling_factor=1.5035,
        ),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(),
        "text_encoder": clip(),
        "text_encoder_2": t5(),
        "tokenizer": clip_tokenizer(),
        "tokenizer_2": t5_tokenizer(),
    }  # fmt: skip


def _flux() -> Any:
    from diffusers import FluxPipeline

    return FluxPipeline(**_flux_parts())


def _flux_kontext() -> Any:
    from diffusers import FluxKontextPipeline

    return FluxKontextPipeline(**_flux_parts())


def _flux_fill() -> Any:
    """Four latents, four of the picture that is kept, and the mask of each pixel of a latent."""
    from diffusers import FluxFillPipeline

    return FluxFillPipeline(**_flux_parts(in_channels=12, out_channels=4))


def _ltx() -> Any:
    import diffusers

    return diffusers.LTXConditionPipeline(
        transformer=diffusers.LTXVideoTransformer3DModel(
            in_channels=8, out_channels=8, patch_size=1, patch_size_t=1, num_attention_heads=4,
            attention_head_dim=8, cross_attention_dim=32, num_layers=1, caption_channels=32,
        ),
        vae=diffusers.AutoencoderKLLTXVideo(
            latent_channels=8, block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
            spatio_temporal_scaling=(True, True, False, False),
            decoder_spatio_temporal_scaling=(True, True, False, False),
            decoder_inject_noise=(False, False, False, False, False),
            upsample_residual=(False, False, False, False), upsample_factor=(1, 1, 1, 1),
            timestep_conditioning=False, patch_size=1, patch_size_t=1,
            encoder_causal=True, decoder_causal=False,
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        text_encoder=t5(),
        tokenizer=t5_tokenizer(),
    )  # fmt: skip


class Chat:
    """A tiny chat model and its tokenizer, saved side by side."""

    def save_pretrained(self, folder: Path, **_named: Any) -> None:
        from transformers import Qwen2Config, Qwen2ForCausalLM

        tokenizer = byte_tokenizer()
        model = Qwen2ForCausalLM(
            Qwen2Config(
                vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64,
                num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
                bos_token_id=None,
            )
        )  # fmt: skip
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


MODELS: Mapping[str, Callable[[], Any]] = {
    "flux": _flux,
    "flux-kontext": _flux_kontext,
    "flux-fill": _flux_fill,
    "flux2-klein": tiny_pictures.flux2_klein,
    "sd3": tiny_pictures.sd3,
    "sdxl": tiny_pictures.sdxl,
    "qwen-image": tiny_pictures.qwen_image,
    "qwen-image-edit": tiny_pictures.qwen_image_edit,
    "z-image": tiny_pictures.z_image,
    "ltx": _ltx,
    "wan": tiny_clips.wan,
    "wan-i2v": tiny_clips.wan_i2v,
    "wan-flf2v": tiny_clips.wan_flf2v,
    "wan22-i2v": tiny_clips.wan22_i2v,
    "wan-ti2v": tiny_clips.wan_ti2v,
    "wan-vace": tiny_clips.wan_vace,
    "cogvideox": tiny_clips.cogvideox,
    "hunyuan-video": tiny_clips.hunyuan_video,
    "framepack": tiny_clips.framepack,
    "svd": tiny_clips.svd,
    "ltx2": tiny_newer.ltx2,
    "hunyuan-video-15": tiny_newer.hunyuan_video_15,
    "hunyuan-video-15-i2v": tiny_newer.hunyuan_video_15_i2v,
    "chat": Chat,
}
"""By the family's name."""
