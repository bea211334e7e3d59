"""All fake providers, one module each."""

from __future__ import annotations

from ..provider import Provider
from .anthropic import Anthropic
from .elevenlabs import ElevenLabs
from .fal import Fal
from .google import Google
from .openai import OpenAI
from .replicate import Replicate
from .runway import Runway

PROVIDERS: tuple[type[Provider], ...] = (
    Anthropic,
    ElevenLabs,
    Fal,
    Google,
    OpenAI,
    Replicate,
    Runway,
)
