"""What goes wrong on request: faults are scripted, each is used up by the requests it matches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

BEFORE = ("rate_limit", "server_error", "auth", "quota", "hang_up_before", "answer", "slow")
"""Instead of serving the request; nothing is accepted, nothing billed (`slow` only waits)."""

AFTER = ("hang_up_after", "malformed", "missing_id", "html")
"""The request is served and billed; then its answer is lost or spoilt."""

JOB = ("refusal", "failure", "empty", "pending", "lost")
"""What becomes of an accepted job: decided when it is submitted."""

ANY_MEDIA = ("truncated", "wrong_media")
"""What becomes of the next answer that carries media (a download, or a synchronous answer)."""

MEDIA = (*ANY_MEDIA, "expired_url")
"""What becomes of the next download."""

KINDS = (*BEFORE, *AFTER, *JOB, *MEDIA)


@dataclass
class Fault:
    """One scripted fault; see the README for the options of each kind."""

    provider: str
    kind: str
    operation: str | None = None
    times: int = 1
    skip: int = 0
    match: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}; there are {', '.join(KINDS)}")

    def fits(self, provider: str, operation: str, stage: str, content: str) -> bool:
        """Whether this fault is meant for a request of this operation and stage."""
        if self.provider != provider or self.times < 1:
            return False
        if self.match is not None and self.match not in content:
            return False
        if self.operation is not None:
            wider = operation.startswith(self.operation + "_")
            return wider or self.operation in (operation, stage)
        return stage == "submit" or self.kind in MEDIA


class Script:
    """All faults that are still to come, in the order in which they were scripted."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a fault happen to the next requests that fit it."""
        self.faults.append(fault)

    def take(
        self,
        kinds: tuple[str, ...],
        provider: str,
        operation: str,
        stage: str,
        content: str,
        possible: Callable[[Fault], bool] = lambda _: True,
    ) -> Fault | None:
        """The fault for this request, if there is one; it has been counted when this returns."""
        taken = None
        for fault in self.faults:
            fits = fault.kind in kinds and fault.fits(provider, operation, stage, content)
            if not fits or not possible(fault):
                continue
            if fault.skip:
                fault.skip -= 1
            elif taken is None:
                fault.times -= 1
                taken = fault
        return taken
