"""Tiny random models of newer clip families; see :mod:`tiny_models`."""

from __future__ import annotations

from typing import Any

from tiny_words import byte_tokenizer, gemma_tokenizer


def ltx2() -> Any:
    """Clips with sound, of which the pictures are kept."""
    import diffusers
    from diffusers.pipelines.ltx2 import LTX2TextConnectors
    from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder

    words = gemma_tokenizer()
    encoder = _gemma(len(words))
    hidden = encoder.config.text_config.hidden_size
    sound = diffusers.AutoencoderKLLTX2Audio(
        base_channels=4, output_channels=2, ch_mult=(1,), num_res_blocks=1, in_channels=2,
        resolution=32, latent_channels=2, norm_type="pixel", causality_axis="height",
        sample_rate=16000, mel_hop_length=160, mel_bins=8,
    )  # fmt: skip
    connector = {"num_attention_heads": 4, "attention_head_dim": 4, "num_layers": 1}
    return diffusers.LTX2ConditionPipeline(
        transformer=diffusers.LTX2VideoTransformer3DModel(
            in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=8,
            cross_attention_dim=16, audio_in_channels=4, audio_out_channels=4,
            audio_num_attention_heads=2, audio_attention_head_dim=4, audio_cross_attention_dim=8,
            num_layers=2, caption_channels=hidden, rope_double_precision=False, rope_type="split",
            vae_scale_factors=(8, 8, 8),
        ),
        vae=diffusers.AutoencoderKLLTX2Video(
            latent_channels=4, block_out_channels=(8, 8, 8), decoder_block_out_channels=(8, 8, 8),
            down_block_types=("LTX2VideoDownBlock3D",) * 3,
            layers_per_block=(1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1),
            spatio_temporal_scaling=(True, True, True),
            decoder_spatio_temporal_scaling=(True, True, True),
            decoder_inject_noise=(False, False, False, False),
            downsample_type=("spatiotemporal",) * 3, upsample_type=("spatiotemporal",) * 3,
            upsample_residual=(False, False, False), upsample_factor=(1, 1, 1), patch_size=1,
            encoder_causal=True, decoder_causal=False,
        ),
        audio_vae=sound,
        text_encoder=encoder,
        tokenizer=words,
        connectors=LTX2TextConnectors(
            caption_channels=hidden, text_proj_in_factor=3,
            video_connector_num_learnable_registers=None,
            audio_connector_num_learnable_registers=None, connector_rope_base_seq_len=32,
            rope_double_precision=False, rope_type="split",
            **{f"{side}_connector_{name}": n for side in ("video", "audio")
               for name, n in connector.items()},
        ),
        vocoder=LTX2Vocoder(
            in_channels=sound.config.output_channels * sound.config.mel_bins, hidden_channels=32,
            upsample_kernel_sizes=[4, 4], upsample_factors=[2, 2], resnet_kernel_sizes=[3],
            resnet_dilations=[[1, 3, 5]], output_sampling_rate=16000,
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )  # fmt: skip


def _gemma(words: int) -> Any:
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration

    return Gemma3ForConditionalGeneration(
        Gemma3Config(
            text_config={
                "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
                "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
                "vocab_size": words, "max_position_embeddings": 2048,
            },
            vision_config={
                "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
                "num_attention_heads": 2, "image_size": 32, "patch_size": 16,
            },
            mm_tokens_per_image=4, image_token_index=words - 1, boi_token_index=words - 2,
            eoi_token_index=words - 3,
        )
    )  # fmt: skip


def _hunyuan_parts() -> dict[str, Any]:
    import diffusers
    from transformers import (
        ByT5Tokenizer,
        Qwen2_5_VLTextConfig,
        Qwen2_5_VLTextModel,
        T5Config,
        T5EncoderModel,
    )

    words = byte_tokenizer()
    glyphs = ByT5Tokenizer()
    return {
        "transformer": diffusers.HunyuanVideo15Transformer3DModel(
            in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=8,
            num_layers=2, num_refiner_layers=1, mlp_ratio=2.0, text_embed_dim=16,
            text_embed_2_dim=16, image_embed_dim=8, rope_axes_dim=(2, 2, 4), target_size=64,
            task_type="t2v",
        ),
        "vae": diffusers.AutoencoderKLHunyuanVideo15(
            latent_channels=4, block_out_channels=(16, 16, 16, 16, 16), layers_per_block=1,
            spatial_compression_ratio=16, temporal_compression_ratio=4,
        ),
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0),
        "text_encoder": Qwen2_5_VLTextModel(
            Qwen2_5_VLTextConfig(
                hidden_size=16, intermediate_size=16, num_hidden_layers=3, num_attention_heads=2,
                num_key_value_heads=2, vocab_size=len(words), max_position_embeddings=2048,
                rope_parameters={"mrope_section": [1, 1, 2], "rope_type": "default",
                                 "rope_theta": 1000000.0},
            )
        ),
        "tokenizer": words,
        "text_encoder_2": T5EncoderModel(
            T5Config(vocab_size=len(glyphs), d_model=16, d_ff=16, d_kv=8, num_layers=1,
                     num_heads=2, feed_forward_proj="gated-gelu")
        ),
        "tokenizer_2": glyphs,
        "guider": diffusers.ClassifierFreeGuidance(guidance_scale=6.0),
    }  # fmt: skip


def hunyuan_video_15() -> Any:
    """From text."""
    import diffusers

    return diffusers.HunyuanVideo15Pipeline(**_hunyuan_parts())


def hunyuan_video_15_i2v() -> Any:
    """From a first frame."""
    import diffusers
    from transformers import SiglipImageProcessorPil, SiglipVisionConfig, SiglipVisionModel

    return diffusers.HunyuanVideo15ImageToVideoPipeline(
        **_hunyuan_parts(),
        image_encoder=SiglipVisionModel(
            SiglipVisionConfig(
                hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
                image_size=16, patch_size=8,
            )
        ),
        feature_extractor=SiglipImageProcessorPil(size={"height": 16, "width": 16}),
    )  # fmt: skip
