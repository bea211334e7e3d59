"""What this machine has for local models: devices and what may run on them. In no key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SILENCE_S = 1800.0
"""How long a worker may say nothing: more than loading, compiling and decoding ever take."""

IDLE_S = 120.0
"""How long models stay where nothing asks for them: under ``watch``, from one save to the next."""


@dataclass(frozen=True, slots=True)
class GpuPlace:
    """What ``fvbuild.yaml`` says of the pool ``gpu``.

    devices: numbers of CUDA devices, or ``cpu`` (for trying things out). per_node: how many of them
    one node uses at once; by_target: the same for targets by their names in the film. placement: a
    rung of the memory ladder, instead of finding one out. trusted: repositories whose own code may
    run. silence_s: how long a worker may say nothing. idle_s: how long models and devices are kept
    where nothing asks for them. memory_file: where it is kept what worked here.
    elsewhere: nodes are made on other machines, of which nothing is known here.
    """

    devices: tuple[int | str, ...] = (0,)
    per_node: int = 1
    by_target: Mapping[str, int] = field(default_factory=dict)
    placement: str | None = None
    trusted: frozenset[str] = frozenset()
    silence_s: float = SILENCE_S
    idle_s: float = IDLE_S
    memory_file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    elsewhere: bool = False

    @property
    def slots(self) -> int:
        """A slot each device; a node takes as many as it computes on."""
        return len(self.devices)

    def on(self, slots: tuple[int, ...]) -> tuple[int | str, ...]:
        """The devices that stand behind slots, which count from 1."""
        return tuple(self.devices[slot - 1] for slot in slots)

    def in_words(self) -> str:
        """The devices."""
        if self.elsewhere:
            return "the cluster"
        if self.devices == ("cpu",):
            return "the CPU"
        numbers = ", ".join(str(device) for device in self.devices)
        if "cpu" in self.devices:
            return f"devices {numbers}"
        return f"GPU {numbers}" if len(self.devices) == 1 else f"GPUs {numbers}"
