"""How much memory a model needs, and which placement it is tried in first."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

RUNGS = ("resident", "encoders_aside", "model_offload", "group_offload", "sequential_offload")
"""The memory ladder, from the quickest. All rungs keep the arithmetic."""

_RUNGS_ON_CPU = ("resident", "encoders_aside", "group_offload")
"""The others move things between a device and the processor, and refuse without a device."""

_WORKING_ROOM = 1.25
"""Activations and the decoder's room, as a share of the weights; a first guess, then measured."""

WORKING_ROOM = 1.5
"""The same where another model lies beside it, which needs its own."""

READING_ROOM = 1.5
"""What a model takes while it is read into main memory, as a share of its files."""

_MEMORY = Path("/proc/meminfo")


def free_bytes() -> int | None:
    """Main memory that may be used, or None where the system does not tell."""
    try:
        lines = _MEMORY.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next(
        (int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None
    )


@lru_cache(maxsize=256)
def size_on_disk_bytes(folder: str) -> int:
    """The bytes of a model's safetensors."""
    return sum(path.stat().st_size for path in Path(folder).rglob("*.safetensors"))


@lru_cache(maxsize=256)
def encoders_bytes(folder: str) -> int:
    """The bytes of its text encoders."""
    return sum(
        path.stat().st_size
        for path in Path(folder).rglob("*.safetensors")
        if path.parent.name.startswith("text_encoder")
    )


@lru_cache(maxsize=256)
def largest_part_bytes(folder: str) -> int:
    """The bytes of its largest component: what is on the device at a time under model offload."""
    parts: dict[Path, int] = {}
    for path in Path(folder).rglob("*.safetensors"):
        parts[path.parent] = parts.get(path.parent, 0) + path.stat().st_size
    return max(parts.values(), default=0)


def first_rung(folder: str, free_bytes: int | None) -> str:
    """The quickest placement that should fit; without a measured device memory all is resident."""
    if free_bytes is None:
        return RUNGS[0]
    whole, encoders = size_on_disk_bytes(folder), encoders_bytes(folder)
    if whole * _WORKING_ROOM < free_bytes:
        return "resident"
    if encoders and max(whole - encoders, encoders) * _WORKING_ROOM < free_bytes:
        return "encoders_aside"
    if largest_part_bytes(folder) * _WORKING_ROOM < free_bytes:
        return "model_offload"
    return "group_offload"


def next_rung(rung: str, device: str) -> str | None:
    """The next placement that needs less, or None at the foot of the device's ladder."""
    rungs = _RUNGS_ON_CPU if device == "cpu" else RUNGS
    at = rungs.index(rung) + 1
    return rungs[at] if at < len(rungs) else None
