"""What a command said, and how tests have one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias


class Told(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


Tell: TypeAlias = Callable[..., Told]
Edit: TypeAlias = Callable[[str, str], None]
