"""Looks at what a fake provider made, as a client that downloads it would."""

from __future__ import annotations

import io
import urllib.request

import av
from fake.media import made, picture
from PIL import Image

PICTURE = made(picture((320, 320)))
"""A PNG to be sent to providers."""


def download(url: str) -> bytes:
    """What lies at a URL that needs no key."""
    with urllib.request.urlopen(url, timeout=10) as response:
        content: bytes = response.read()
    return content


def clip_of(content: bytes) -> tuple[int, int, float]:
    """(width, height, seconds) of a clip that decodes to its end."""
    with av.open(io.BytesIO(content), "r") as container:
        frames = list(container.decode(video=0))
        rate = container.streams.video[0].average_rate
    assert rate is not None
    return frames[0].width, frames[0].height, len(frames) / float(rate)


def picture_of(content: bytes) -> tuple[int, int]:
    """(width, height) of a picture that decodes."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image.size


def sound_of(content: bytes) -> float:
    """Seconds of a sound that decodes to its end."""
    with av.open(io.BytesIO(content), "r") as container:
        rate = container.streams.audio[0].rate
        samples = [frame.samples for frame in container.decode(audio=0)]
    return sum(samples) / rate
