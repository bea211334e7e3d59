"""Tiny random models of clip families; see :mod:`tiny_models`."""

from __future__ import annotations

from typing import Any

from tiny_parts import clip_processor, clip_vision, t5
from tiny_words import clip_tokenizer, t5_tokenizer


def _wan(kind: str, *, channels: int, image: bool, **more: Any) -> Any:
    import diffusers

    encoders = (
        {"image_encoder": clip_vision(), "image_processor": clip_processor()} if image else {}
    )
    return getattr(diffusers, kind)(
        transformer=diffusers.WanTransformer3DModel(
            patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12,
            in_channels=channels, out_channels=16, text_dim=32, freq_dim=256, ffn_dim=32,
            num_layers=2, cross_attn_norm=True, qk_norm="rms_norm_across_heads",
            rope_max_seq_len=32, **({"image_dim": 4} if image else {}),
            **more.pop("transformer", {}),
        ),
        vae=diffusers.AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder=t5("UMT5"),
        tokenizer=t5_tokenizer(512),
        **encoders, **more,
    )  # fmt: skip


def wan() -> Any:
    """From text."""
    return _wan("WanPipeline", channels=16, image=False)


def wan_i2v() -> Any:
    """From a first frame."""
    return _wan("WanImageToVideoPipeline", channels=36, image=True)


def wan_flf2v() -> Any:
    """From a first to a last frame: two pictures are attended to."""
    more = {"pos_embed_seq_len": 2 * (32 * 32 + 1)}
    return _wan("WanImageToVideoPipeline", channels=36, image=True, transformer=more)


def wan22_i2v() -> Any:
    """From a first frame, by one denoiser while it is noisy and another for the rest."""
    import diffusers

    second = diffusers.WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=36,
        out_channels=16, text_dim=32, freq_dim=256, ffn_dim=32, num_layers=2,
        cross_attn_norm=True, qk_norm="rms_norm_across_heads", rope_max_seq_len=32,
    )  # fmt: skip
    return _wan(
        "WanImageToVideoPipeline", channels=36, image=False, transformer_2=second,
        boundary_ratio=0.9, image_encoder=None, image_processor=None,
    )  # fmt: skip


def wan_ti2v() -> Any:
    """From a first frame that is part of the latents."""
    return _wan(
        "WanImageToVideoPipeline", channels=16, image=False, expand_timesteps=True,
        image_encoder=None, image_processor=None,
    )  # fmt: skip


def wan_vace() -> Any:
    """Control, masks and references."""
    import diffusers

    return diffusers.WanVACEPipeline(
        transformer=diffusers.WanVACETransformer3DModel(
            patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=16,
            out_channels=16, text_dim=32, freq_dim=256, ffn_dim=32, num_layers=3,
            cross_attn_norm=True, qk_norm="rms_norm_across_heads", rope_max_seq_len=32,
            vace_layers=[0, 2], vace_in_channels=96,
        ),
        vae=diffusers.AutoencoderKLWan(
            base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        text_encoder=t5("UMT5"),
        tokenizer=t5_tokenizer(512),
    )  # fmt: skip


def cogvideox() -> Any:
    """From a first frame."""
    import diffusers

    return diffusers.CogVideoXImageToVideoPipeline(
        transformer=diffusers.CogVideoXTransformer3DModel(
            num_attention_heads=2, attention_head_dim=16, in_channels=8, out_channels=4,
            time_embed_dim=2, text_embed_dim=32, num_layers=1, sample_width=8, sample_height=8,
            sample_frames=9, patch_size=2, temporal_compression_ratio=4, max_text_seq_length=226,
            use_rotary_positional_embeddings=True, use_learned_positional_embeddings=True,
        ),
        vae=diffusers.AutoencoderKLCogVideoX(
            in_channels=3, out_channels=3, down_block_types=("CogVideoXDownBlock3D",) * 4,
            up_block_types=("CogVideoXUpBlock3D",) * 4, block_out_channels=(8, 8, 8, 8),
            latent_channels=4, layers_per_block=1, norm_num_groups=2, temporal_compression_ratio=4,
        ),
        scheduler=diffusers.CogVideoXDDIMScheduler(),
        text_encoder=t5(),
        tokenizer=t5_tokenizer(226),
    )  # fmt: skip


def _llama(words: int) -> Any:
    from transformers import LlamaConfig, LlamaModel

    return LlamaModel(
        LlamaConfig(
            bos_token_id=0, eos_token_id=2, hidden_size=16, intermediate_size=37,
            num_attention_heads=4, num_hidden_layers=2, pad_token_id=100, vocab_size=words,
            max_position_embeddings=2048,
        )
    )  # fmt: skip


def _hunyuan_parts(transformer: Any) -> dict[str, Any]:
    import diffusers
    from tiny_parts import clip
    from tiny_words import llama_tokenizer

    words = llama_tokenizer()
    clip_encoder = clip()
    return {
        "transformer": transformer,
        "vae": diffusers.AutoencoderKLHunyuanVideo(
            in_channels=3, out_channels=3, latent_channels=4,
            down_block_types=("HunyuanVideoDownBlock3D",) * 4,
            up_block_types=("HunyuanVideoUpBlock3D",) * 4, block_out_channels=(8, 8, 8, 8),
            layers_per_block=1, act_fn="silu", norm_num_groups=4, scaling_factor=0.476986,
            spatial_compression_ratio=8, temporal_compression_ratio=4, mid_block_add_attention=True,
        ),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        "text_encoder": _llama(len(words)),
        "tokenizer": words,
        "text_encoder_2": clip_encoder,
        "tokenizer_2": clip_tokenizer(),
    }  # fmt: skip


_HUNYUAN = {
    "in_channels": 4, "out_channels": 4, "num_attention_heads": 2, "attention_head_dim": 10,
    "num_layers": 1, "num_single_layers": 1, "num_refiner_layers": 1, "patch_size": 2,
    "patch_size_t": 1, "guidance_embeds": True, "text_embed_dim": 16, "pooled_projection_dim": 32,
    "rope_axes_dim": (2, 4, 4),
}  # fmt: skip


def hunyuan_video() -> Any:
    """From text."""
    import diffusers

    transformer = diffusers.HunyuanVideoTransformer3DModel(**_HUNYUAN)
    return diffusers.HunyuanVideoPipeline(**_hunyuan_parts(transformer))


def framepack() -> Any:
    """From a first frame, in windows."""
    import diffusers
    from transformers import SiglipImageProcessorPil, SiglipVisionConfig, SiglipVisionModel

    transformer = diffusers.HunyuanVideoFramepackTransformer3DModel(
        **_HUNYUAN, image_condition_type=None, has_image_proj=True, image_proj_dim=8,
        has_clean_x_embedder=True,
    )  # fmt: skip
    return diffusers.HunyuanVideoFramepackPipeline(
        **_hunyuan_parts(transformer),
        image_encoder=SiglipVisionModel(
            SiglipVisionConfig(
                hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
                image_size=16, patch_size=8,
            )
        ),
        feature_extractor=SiglipImageProcessorPil(size={"height": 16, "width": 16}),
    )  # fmt: skip


def svd() -> Any:
    """From a picture, without words."""
    import diffusers

    return diffusers.StableVideoDiffusionPipeline(
        unet=diffusers.UNetSpatioTemporalConditionModel(
            block_out_channels=(32, 64), layers_per_block=2, sample_size=32, in_channels=8,
            out_channels=4,
            down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
            up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
            cross_attention_dim=32, num_attention_heads=8, projection_class_embeddings_input_dim=96,
            addition_time_embed_dim=32,
        ),
        vae=diffusers.AutoencoderKLTemporalDecoder(
            block_out_channels=(32, 64), down_block_types=("DownEncoderBlock2D",) * 2,
            latent_channels=4,
        ),
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
            interpolation_type="linear", prediction_type="v_prediction", sigma_max=700.0,
            sigma_min=0.02, steps_offset=1, timestep_spacing="leading", timestep_type="continuous",
            trained_betas=None, use_karras_sigmas=True,
        ),
        image_encoder=clip_vision(hidden=32, projection=32, side=224, patch=32),
        feature_extractor=clip_processor(),
    )  # fmt: skip
