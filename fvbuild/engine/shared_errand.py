"""What is asked of the shared store for one job, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fvbuild.engine.graph import Node
from fvbuild.engine.shared_look import Want
from fvbuild.engine.shared_record import Record


@dataclass(slots=True)
class Errand:
    """What is asked of the shared store for one job, before it is made.

    want: perhaps it was made already. bring: inputs that are not here. claim: it is paid for, so
    that only one machine may make it; node is for messages. record: what was found.
    """

    want: Want | None
    bring: Sequence[str]
    claim: bool = False
    node: str = ""
    record: Record | None = None


def is_paid(node: Node) -> bool:
    """Whether a take of a node may cost something."""
    return node.target is not None and node.price is not None and not node.price.free
