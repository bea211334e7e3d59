"""The ``diffusers`` target: pictures, clips and words by models on this machine's own GPUs.

A plan asks for capabilities and identity alone, which come from a table and from the hub's cache;
torch is imported by worker processes only.
"""

from __future__ import annotations

from fvbuild.targets.diffusers.target import DiffusersTarget, create

__all__ = ["DiffusersTarget", "create"]
