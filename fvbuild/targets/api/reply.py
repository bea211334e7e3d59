"""An answer over HTTP, whole: what rules look at and values are taken from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from fvbuild.engine.digest import Json


class Missing:
    """No value there; unlike null, which a server may well have meant."""

    def __repr__(self) -> str:
        return "nothing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()


@dataclass(frozen=True)
class Reply:
    """Status, headers (names in lower case) and body. ``url`` is where it came from in the end.

    ``when_s`` is the wall time it came, in seconds since the epoch: a Retry-After may be a date.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""
    when_s: float = 0.0

    @cached_property
    def json(self) -> Json | Missing:
        """The body as JSON; ``MISSING`` when it is empty or none."""
        try:
            value: Json = json.loads(self.body)
        except (ValueError, RecursionError):
            return MISSING
        return value

    @cached_property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", errors="replace")
