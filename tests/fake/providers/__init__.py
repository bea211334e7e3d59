"""All fake providers, one module each."""

from __future__ import annotations

from ..provider import Provider
from .alibaba import Alibaba
from .anthropic import Anthropic
from .byteplus import BytePlus
from .comfyui import ComfyUI
from .elevenlabs import ElevenLabs
from .fal import Fal
from .google import Google
from .huggingface import HuggingFace
from .kling import Kling
from .luma import Luma
from .luma_agents import LumaAgents
from .minimax import MiniMax
from .openai import OpenAI
from .replicate import Replicate
from .runway import Runway
from .stability import Stability
from .together import Together
from .vercel import Vercel
from .vertex import Vertex
from .xai import XAI

PROVIDERS: tuple[type[Provider], ...] = (
    Alibaba,
    Anthropic,
    BytePlus,
    ComfyUI,
    ElevenLabs,
    Fal,
    Google,
    HuggingFace,
    Kling,
    Luma,
    LumaAgents,
    MiniMax,
    OpenAI,
    Replicate,
    Runway,
    Stability,
    Together,
    Vercel,
    Vertex,
    XAI,
)
