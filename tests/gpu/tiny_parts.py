"""Encoders that several tiny models share."""

from __future__ import annotations

from typing import Any


def _clip_config(**more: Any) -> Any:
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=514, hidden_size=32, intermediate_size=37, num_hidden_layers=5,
        num_attention_heads=4, max_position_embeddings=77, projection_dim=32, hidden_act="gelu",
        bos_token_id=512, eos_token_id=513, pad_token_id=1, **more,
    )  # fmt: skip


def clip() -> Any:
    """A text encoder of CLIP."""
    from transformers import CLIPTextModel

    return CLIPTextModel(_clip_config())


def clip_with_projection() -> Any:
    """The same with its projection."""
    from transformers import CLIPTextModelWithProjection

    return CLIPTextModelWithProjection(_clip_config())


def t5(kind: str = "T5") -> Any:
    """An encoder of T5, or of UMT5."""
    import transformers

    config = getattr(transformers, f"{kind}Config")(
        vocab_size=128, d_model=32, d_ff=37, d_kv=8, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu",
    )  # fmt: skip
    return getattr(transformers, f"{kind}EncoderModel")(config)


def clip_vision(hidden: int = 4, projection: int = 4, side: int = 32, patch: int = 1) -> Any:
    """A picture encoder of CLIP with its projection."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=hidden, projection_dim=projection, num_hidden_layers=2,
            num_attention_heads=2, image_size=side, intermediate_size=16, patch_size=patch,
        )
    )  # fmt: skip


def clip_processor() -> Any:
    """What prepares pictures for it."""
    from transformers import CLIPImageProcessorPil

    return CLIPImageProcessorPil(crop_size=32, size=32)


def qwen_vl() -> Any:
    """A Qwen2.5-VL of 16 channels."""
    from tiny_words import byte_tokenizer
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    words = len(
        byte_tokenizer("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    )
    return Qwen2_5_VLForConditionalGeneration(
        Qwen2_5_VLConfig(
            text_config={
                "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
                "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": words,
                "rope_parameters": {"mrope_section": [1, 1, 2], "rope_type": "default",
                                    "rope_theta": 1000000.0},
                "max_position_embeddings": 2048,
            },
            vision_config={
                "depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2,
                "out_hidden_size": 16,
            },
            hidden_size=16, vocab_size=words, vision_start_token_id=259, vision_end_token_id=260,
            image_token_id=261, video_token_id=262,
        )
    )  # fmt: skip
