"""What this machine has for local models: devices and what may run on them. In no key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SILENCE_S = 1800.0
"""How long a worker may say nothing: more than loading, compiling and decoding ever take."""


@dataclass(frozen=True, slots=True)
class GpuPlace:
    """What ``fvbuild.yaml`` says of the pool ``gpu``.

    devices: numbers of CUDA devices, or ``cpu`` (for trying things out). per_node: how many of them
    one node uses at once. placement: a rung of the memory ladder, instead of finding one out.
    trusted: repositories whose own code may run. silence_s: how long a worker may say nothing.
    memory_file: where it is kept what worked here.
    """

    devices: tuple[int | str, ...] = (0,)
    per_node: int = 1
    placement: str | None = None
    trusted: frozenset[str] = frozenset()
    silence_s: float = SILENCE_S
    memory_file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[tuple[int | str, ...], ...]:
        """The devices of each slot; what is left over of them serves nobody."""
        count = max(1, len(self.devices) // self.per_node)
        return tuple(
            self.devices[at * self.per_node : (at + 1) * self.per_node] for at in range(count)
        )

    @property
    def slots(self) -> int:
        """How many nodes run at once."""
        return len(self.groups)

    def in_words(self) -> str:
        """Where nodes run, and how many at once."""
        if self.devices == ("cpu",):
            return "the CPU, one node at once"
        numbers = ", ".join(str(device) for device in self.devices)
        if len(self.devices) == 1:
            return f"GPU {numbers}, one node at once"
        if self.per_node == 1:
            return f"GPUs {numbers}; one node on each"
        return f"GPUs {numbers}; {self.per_node} to a node, which computes on the first of them"
