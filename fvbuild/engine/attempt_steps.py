"""One take being attempted: what was tried for it, in words and in money."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from fvbuild.engine.action import Action, Money, Outcome
from fvbuild.engine.digest import Json
from fvbuild.engine.entry import Entry
from fvbuild.engine.graph import Node
from fvbuild.engine.purchase import Stage
from fvbuild.errors import (
    JobFailedError,
    QuotaError,
    RefusedError,
    TargetError,
    UnavailableError,
)
from fvbuild.values import dataclass

ELSEWHERE = (RefusedError, QuotaError, UnavailableError, JobFailedError)
"""What may be made by another target."""

_DID = {
    RefusedError: "refused",
    QuotaError: "out of quota",
    UnavailableError: "unavailable",
    JobFailedError: "failed",
}


@dataclass(slots=True)
class Work:
    """One take being attempted. ``past`` are purchases of earlier builds for it; ``open``: one that
    failed to give its result may give it yet."""

    node: Node
    key: str
    action: Action
    past: list[Entry]
    steps: list[dict[str, Json]] = field(default_factory=list)
    open: bool = False

    def noted(self, target: str, error: TargetError, wording: int = 0) -> TargetError:
        """The error, after it was made a step."""
        did = next((word for kind, word in _DID.items() if isinstance(error, kind)), "failed")
        self.steps.append(
            {"target": target, "did": did, "wording": wording, "message": error.message}
        )
        self.action.progress(0.0, f"{target}: {did}")
        return error

    def told(self) -> list[dict[str, Json]]:
        """All steps, those of earlier builds first, as the ledger has them."""
        before: list[dict[str, Json]] = [
            {"target": e.target, "did": e.stage.value, "wording": e.wording, "message": e.message}
            for e in self.past
            if e.stage in (Stage.REFUSED, Stage.FAILED, Stage.RETRIED)
        ]
        return [*before, *self.steps]

    def in_words(self, last: TargetError) -> TargetError:
        """The last error, with all that was tried before it."""
        steps = self.told()
        if len(steps) < 2:
            return last
        tried = "; ".join(f"{step['target']} {_phrase(step)}" for step in steps)
        return type(last)(f"{last.message} (tried: {tried})", place=last.place, hint=last.hint)


def _phrase(step: Mapping[str, Json]) -> str:
    return f"{step['did']}{' in other words' if step.get('wording') else ''}"


def cost_of(entries: list[Entry], outcome: Outcome) -> Money | None:
    """What a take cost with all that was billed on the way to it, in the currency of its result."""
    sums = sums_of(entries)
    last = next((entry.currency for entry in reversed(entries) if entry.open), None)
    return next((money for money in sums if money.currency == last), outcome.cost)


def sums_of(entries: list[Entry]) -> tuple[Money, ...]:
    """What purchases cost, one amount a currency."""
    sums: dict[str, float] = {}
    for entry in entries:
        if entry.paid is not None:
            sums[entry.currency] = round(sums.get(entry.currency, 0.0) + entry.paid.amount, 6)
    return tuple(Money(amount, currency) for currency, amount in sums.items())


def copied_out(root: Path, outcome: Outcome, folder: Path) -> Outcome:
    """What lies with a purchase, below ``root``, is copied into ``folder``: it must stay there
    until the take is committed."""
    outputs = []
    for at, made in enumerate(outcome.outputs):
        if made.path is not None and made.path.is_relative_to(root):
            copy = folder / f"bought-{at}{made.path.suffix}"
            shutil.copyfile(made.path, copy)
            made = replace(made, path=copy)
        outputs.append(made)
    return replace(outcome, outputs=tuple(outputs))
