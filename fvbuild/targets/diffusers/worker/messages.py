"""What a build and its worker say to each other: one JSON object a line, over the worker's pipes.

To the worker: ``make`` (a :class:`Work`), ``load`` (a :class:`ModelSpec`, into main memory, for
later), ``describe`` (its device), ``cancel``, ``stop``. From it: ``ready`` once, ``progress`` now
and then, and exactly one of ``made``, ``loaded``, ``described`` and ``error`` for each request. An
error that is ``ended`` was the worker's last word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import IO, Any

OUT_OF_MEMORY = "out_of_memory"
NOT_FINITE = "not_finite"
MODEL_ABSENT = "model_absent"
CANCELLED = "cancelled"
FAILED = "failed"

OF_ALL = frozenset({"make", "load"})
"""What all processes of a group answer."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What is loaded: everything of a configuration that decides what lies in memory.

    ``folder`` holds the model's files. ``placement`` is a rung of the memory ladder. ``spread`` is
    how it shares several devices; "" on one. ``controlnet`` is the ``folder`` of a net for control
    pictures, and its ``scale``.
    """

    folder: str
    pipeline: str
    family: str
    dtype: str
    dtypes: dict[str, str] = field(default_factory=dict)
    variant: str | None = None
    quantization: str | None = None
    scheduler: dict[str, Any] = field(default_factory=dict)
    loras: list[dict[str, Any]] = field(default_factory=list)
    vae_tiling: bool = False
    attention: str | None = None
    compile: bool = False
    step_cache: float | None = None
    trust_remote_code: bool = False
    base_folder: str | None = None
    placement: str = "resident"
    spread: str = ""
    controlnet: dict[str, Any] | None = None

    @property
    def resident_as(self) -> str:
        """Equal for specs that the same loaded model serves."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def read_as(self) -> str:
        """Equal for specs that are the same in main memory, wherever they are placed afterwards."""
        return replace(self, placement="").resident_as


@dataclass(frozen=True, slots=True)
class Work:
    """One take: a model, what it is asked, and where the result goes.

    ``pictures`` are files by role (start, end, references, edit, mask, control); ``canvas`` is
    width, height in pixels.
    """

    model: ModelSpec
    kind: str
    out: str
    prompt: str = ""
    system: str = ""
    negative: str | None = None
    canvas: tuple[int, int] = (0, 0)
    frames: int = 0
    fps: int = 0
    steps: int = 0
    guidance: float | None = None
    motion_strength: float | None = None
    seed: int = 1
    fit: str = "crop"
    max_tokens: int = 512
    pictures: dict[str, list[str]] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)


def work_from(message: dict[str, Any]) -> Work:
    """A Work from the JSON it was sent as."""
    fields = {**message}
    fields["model"] = ModelSpec(**fields["model"])
    fields["canvas"] = tuple(fields["canvas"])
    return Work(**fields)


def send(stream: IO[bytes], message: dict[str, Any]) -> None:
    """Write one message. Raises OSError when nobody listens any more."""
    stream.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
    stream.flush()


def received(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Messages until the other side closes; a line that is no message ends them too."""
    for line in stream:
        try:
            message = json.loads(line)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        yield message
