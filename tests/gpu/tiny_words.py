"""Tokenizers of a few hundred entries, made in memory: nothing is fetched."""

from __future__ import annotations

from typing import Any


def clip_tokenizer(length: int = 77) -> Any:
    """Bytes, each also as the end of a word, and CLIP's two marks."""
    from transformers import CLIPTokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    entries = [
        *letters,
        *(f"{letter}</w>" for letter in letters),
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    vocab = {entry: at for at, entry in enumerate(entries)}
    return CLIPTokenizer(vocab=vocab, merges=[], model_max_length=length)


def t5_tokenizer(length: int = 64) -> Any:
    """Printable ASCII as unigrams."""
    from transformers import T5Tokenizer

    letters = [chr(code) for code in range(33, 127)]
    vocab = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -20.0), ("▁", -2.0)]
    vocab += [(letter, -5.0) for letter in letters]
    return T5Tokenizer(vocab=vocab, extra_ids=0, model_max_length=length)


def byte_tokenizer(*marks: str) -> Any:
    """Qwen's kind: bytes, and special tokens of its own; ``marks`` are further ones."""
    from transformers import Qwen2Tokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *marks]
    entries = [*bytes_to_unicode().values(), *special]
    vocab = {entry: at for at, entry in enumerate(entries)}
    tokenizer = Qwen2Tokenizer(
        vocab=vocab, merges=[], pad_token="<|endoftext|>", eos_token="<|im_end|>",
        additional_special_tokens=special[1:],
    )  # fmt: skip
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    return tokenizer


def llama_tokenizer() -> Any:
    """Bytes as LLaMA has them, with the marks of its prompt template."""
    from transformers import LlamaTokenizer

    letters = [chr(code) for code in range(33, 127)]
    pieces = [
        "<unk>",
        "<s>",
        "</s>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        "\u2581",
        *letters,
    ]
    marks = ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    vocab = {piece: at for at, piece in enumerate([*pieces, *marks])}
    tokenizer = LlamaTokenizer(
        vocab=vocab, merges=[], unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        additional_special_tokens=marks,
    )  # fmt: skip
    tokenizer.pad_token = "<unk>"
    return tokenizer


def gemma_tokenizer() -> Any:
    """Bytes and printable ASCII, as Gemma has them."""
    from transformers import GemmaTokenizer

    letters = [chr(code) for code in range(33, 127)]
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{byte:02X}>" for byte in range(256))]
    vocab = {piece: at for at, piece in enumerate([*pieces, "\u2581", *letters])}
    return GemmaTokenizer(vocab=vocab, merges=[], model_max_length=1024)
