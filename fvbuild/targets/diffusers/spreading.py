"""How the nodes of a target share devices: the policy, and how it is told. In no key.

Throughput comes first: a node takes one device, so that as many as possible are made at once. Where
the workspace gives nodes several, a family that can has each step of denoising computed by all of
them at once (context parallel), which makes one node sooner. A family that cannot still takes one;
but where the workspace names its target, its model lies on the devices by parts, one of which
works at a time: slower than one device that holds it whole, and the way where none does.
"""

from __future__ import annotations

from dataclasses import dataclass

from fvbuild.targets.diffusers.configuration import Configuration
from fvbuild.targets.diffusers.devices import GpuPlace
from fvbuild.targets.diffusers.family import Family

CONTEXT, BY_PARTS = "context", "by_parts"


@dataclass(frozen=True, slots=True)
class Spread:
    """width: devices of a node. way: "" on one, CONTEXT or BY_PARTS. why: what kept it from
    computing on several, where that was asked for."""

    width: int = 1
    way: str = ""
    why: str = ""


def spread_of(configuration: Configuration, family: Family, place: GpuPlace) -> Spread:
    """How a target's nodes are spread over a place's devices."""
    named = place.by_target.get(configuration.name)
    width = min(named or place.per_node, len(place.devices))
    if width == 1 or family.makes == "upscale":
        return Spread()
    why = _obstacle(configuration, family)
    if why and (named is None or family.makes == "upscale"):
        return Spread(why=why)
    return Spread(width, BY_PARTS if why else CONTEXT, why)


def way_of(configuration: Configuration, family: Family, width: int) -> str:
    """The way of a model that has so many devices."""
    if width == 1 or family.makes == "upscale":
        return ""
    return BY_PARTS if _obstacle(configuration, family) else CONTEXT


def _obstacle(configuration: Configuration, family: Family) -> str:
    if not family.context_parallel:
        return f"diffusers cannot split the steps of {family.title}"
    if configuration.controlnet is not None:
        return "a net for control pictures is not split"
    if configuration.step_cache is not None:
        return "with a step cache each device would skip other steps"
    return ""


def in_words(spread: Spread, place: GpuPlace) -> str:
    """Where nodes run, how many at once, and over how many devices each."""
    devices = place.in_words()
    if place.elsewhere:
        return devices
    if len(place.devices) == 1:
        return f"{devices}, one node at once"
    because = f" ({spread.why})" if spread.why else ""
    if spread.width == 1:
        return f"{devices}; one node on each{because}"
    at_once = len(place.devices) // spread.width
    count = f"{at_once} nodes at once" if at_once > 1 else "one node at once"
    how = "a node is computed by" if spread.way == CONTEXT else "the parts of the model lie on"
    return f"{devices}; {how} {spread.width} of them, {count}{because}"
