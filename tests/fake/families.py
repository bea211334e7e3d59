"""What hosts of many models are asked for, guessed from the model's name and its own inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .media import Wanted, clip, picture, short_side_of, size_of, spoken

_CLIPS = (
    "video", "veo", "kling", "seedance", "wan", "hailuo", "minimax", "pika", "ltx", "luma", "ray",
    "sora", "gen4", "hunyuan",
)  # fmt: skip
_SOUNDS = ("tts", "speech", "elevenlabs", "audio", "music", "kokoro", "bark")
_NAMED = {
    "square_hd": "1024x1024", "square": "512x512", "portrait_4_3": "768x1024",
    "portrait_16_9": "576x1024", "landscape_4_3": "1024x768", "landscape_16_9": "1024x576",
}  # fmt: skip


def wanted_of_model(model: str, values: Mapping[str, Any]) -> tuple[Wanted, ...]:
    """What a model of this name makes of these inputs."""
    name = model.lower()
    text = str(values.get("prompt") or values.get("text") or "")
    if any(word in name for word in _SOUNDS) and "text-to-video" not in name:
        return (spoken(text),)
    if (
        any(word in name for word in _CLIPS)
        and "image" not in name.split("/")[-1].split("-to-")[-1]
    ):
        lines = short_side_of(str(values.get("resolution") or "720p"))
        size = size_of(str(values.get("aspect_ratio") or "16:9"), short_side=lines)
        seconds = str(values.get("duration") or values.get("seconds") or "5").removesuffix("s")
        sound = bool(values.get("generate_audio"))
        return (clip(size, float(seconds) if seconds != "auto" else 5.0, sound=sound),)
    count = int(values.get("num_images") or values.get("num_outputs") or 1)
    form = str(values.get("output_format") or "png")
    return (picture(_still_size(values), form),) * count


def _still_size(values: Mapping[str, Any]) -> tuple[int, int]:
    size = values.get("image_size")
    if isinstance(size, Mapping):
        return int(size["width"]), int(size["height"])
    if isinstance(size, str) and size in _NAMED:
        return size_of(_NAMED[size])
    if values.get("width") and values.get("height"):
        return int(values["width"]), int(values["height"])
    return size_of(str(values.get("aspect_ratio") or "1:1"), short_side=1024)
