"""The few things that no description can say, each a small function which a description names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fvbuild.targets.api.hooks.comfyui import comfyui_file, comfyui_graph
from fvbuild.targets.api.hooks.kling import kling_token

FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "comfyui_graph": comfyui_graph,
    "comfyui_file": comfyui_file,
}
"""Filters of the description language, by name."""

AUTH: Final[Mapping[str, Callable[[Mapping[str, str]], Mapping[str, str]]]] = {
    "kling_token": kling_token,
}
"""``auth.hook``: the secrets in clear, by their names in the description -> headers."""
