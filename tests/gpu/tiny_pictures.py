"""Tiny random models of picture families; see :mod:`tiny_models`."""

from __future__ import annotations

from typing import Any

from tiny_parts import clip_with_projection, qwen_vl, t5
from tiny_words import byte_tokenizer, clip_tokenizer, t5_tokenizer


def sd3() -> Any:
    """Three text encoders, one small transformer."""
    import diffusers

    return diffusers.StableDiffusion3Pipeline(
        transformer=diffusers.SD3Transformer2DModel(
            sample_size=32, patch_size=1, in_channels=16, num_layers=2, attention_head_dim=8,
            num_attention_heads=4, caption_projection_dim=32, joint_attention_dim=32,
            pooled_projection_dim=64, out_channels=16,
        ),
        vae=diffusers.AutoencoderKL(
            sample_size=32, block_out_channels=(4,), layers_per_block=1, latent_channels=16,
            norm_num_groups=1, use_quant_conv=False, use_post_quant_conv=False,
            shift_factor=0.0609, scaling_factor=1.5035,
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        text_encoder=clip_with_projection(),
        text_encoder_2=clip_with_projection(),
        text_encoder_3=t5(),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        tokenizer_3=t5_tokenizer(),
    )  # fmt: skip


def sdxl() -> Any:
    """A small U-Net."""
    import diffusers
    from tiny_parts import clip

    return diffusers.StableDiffusionXLPipeline(
        unet=diffusers.UNet2DConditionModel(
            block_out_channels=(2, 4), layers_per_block=2, time_cond_proj_dim=None, sample_size=32,
            in_channels=4, out_channels=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(2, 4),
            use_linear_projection=True, addition_embed_type="text_time",
            addition_time_embed_dim=8, transformer_layers_per_block=(1, 2),
            projection_class_embeddings_input_dim=80, cross_attention_dim=64, norm_num_groups=1,
        ),
        vae=diffusers.AutoencoderKL(
            block_out_channels=(4, 8), down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4, sample_size=128,
            norm_num_groups=4,
        ),
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
            timestep_spacing="leading", steps_offset=1,
        ),
        text_encoder=clip(),
        text_encoder_2=clip_with_projection(),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
    )  # fmt: skip


def _qwen_parts() -> dict[str, Any]:
    import diffusers

    return {
        "transformer": diffusers.QwenImageTransformer2DModel(
            patch_size=2, in_channels=16, out_channels=4, num_layers=2, attention_head_dim=16,
            num_attention_heads=3, joint_attention_dim=16, guidance_embeds=False,
            axes_dims_rope=(8, 4, 4),
        ),
        "vae": diffusers.AutoencoderKLQwenImage(
            base_dim=24, z_dim=4, dim_mult=[1, 2, 4], num_res_blocks=1,
            temperal_downsample=[False, True], latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
        ),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(),
        "text_encoder": qwen_vl(),
        "tokenizer": byte_tokenizer(*_WRAPPER),
    }  # fmt: skip


def qwen_image() -> Any:
    """A small Qwen-VL as text encoder."""
    import diffusers

    return diffusers.QwenImagePipeline(**_qwen_parts())


def qwen_image_edit() -> Any:
    """The same, which also looks at the pictures. Needs torchvision, or the stand-in for it."""
    import diffusers
    from transformers import Qwen2VLImageProcessor, Qwen2VLProcessor, Qwen2VLVideoProcessor

    parts = _qwen_parts()
    # It looks at every picture in a megapixel, so this one packs it more tightly.
    parts["vae"] = diffusers.AutoencoderKLQwenImage(
        base_dim=4, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
        temperal_downsample=[False, True, True], latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    )  # fmt: skip
    processor = Qwen2VLProcessor(
        Qwen2VLImageProcessor(), parts["tokenizer"], Qwen2VLVideoProcessor(), chat_template=""
    )
    return diffusers.QwenImageEditPlusPipeline(**parts, processor=processor)


_WRAPPER = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")


def z_image() -> Any:
    """A small Qwen3 as text encoder."""
    import diffusers
    from transformers import Qwen3Config, Qwen3Model

    tokenizer = byte_tokenizer()
    return diffusers.ZImagePipeline(
        transformer=diffusers.ZImageTransformer2DModel(
            all_patch_size=(2,), all_f_patch_size=(1,), in_channels=16, dim=32, n_layers=2,
            n_refiner_layers=1, n_heads=2, n_kv_heads=2, norm_eps=1e-5, qk_norm=True,
            cap_feat_dim=16, rope_theta=256.0, t_scale=1000.0, axes_dims=[8, 4, 4],
            axes_lens=[256, 32, 32],
        ),
        vae=diffusers.AutoencoderKL(
            in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 2,
            up_block_types=["UpDecoderBlock2D"] * 2, block_out_channels=[32, 64],
            layers_per_block=1, latent_channels=16, norm_num_groups=32, sample_size=32,
            scaling_factor=0.3611, shift_factor=0.1159,
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        text_encoder=Qwen3Model(
            Qwen3Config(
                hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
                num_key_value_heads=2, vocab_size=len(tokenizer), max_position_embeddings=512,
            )
        ),
        tokenizer=tokenizer,
    )  # fmt: skip


def flux2_klein() -> Any:
    """Several reference pictures, one text encoder."""
    import diffusers
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = byte_tokenizer()
    return diffusers.Flux2KleinPipeline(
        transformer=diffusers.Flux2Transformer2DModel(
            patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=16 * 3, timestep_guidance_channels=256,
            axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
        ),
        vae=diffusers.AutoencoderKLFlux2(
            in_channels=3, out_channels=3, block_out_channels=(4,), layers_per_block=1,
            latent_channels=1, norm_num_groups=1, sample_size=32, use_quant_conv=False,
            use_post_quant_conv=False, down_block_types=("DownEncoderBlock2D",),
            up_block_types=("UpDecoderBlock2D",),
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        text_encoder=Qwen3ForCausalLM(
            Qwen3Config(
                hidden_size=16, intermediate_size=16, num_hidden_layers=28, num_attention_heads=2,
                num_key_value_heads=2, vocab_size=len(tokenizer), max_position_embeddings=1024,
            )
        ),
        tokenizer=tokenizer,
        is_distilled=True,
    )  # fmt: skip
