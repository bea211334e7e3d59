"""What is wanted of a provider: one take, in the words of its description."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json
from fvbuild.engine.target import Price
from fvbuild.targets.api.reply import Reply

if TYPE_CHECKING:
    from fvbuild.engine.purchase import Purchase
    from fvbuild.targets.api.description_call import Call
    from fvbuild.targets.api.description_outcome import Rule
    from fvbuild.targets.api.outcome import Verdict
    from fvbuild.targets.api.secrets import Redactor


def _no_receipt(_reply: Reply) -> Money | None:
    return None


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Wanted:
    """One take.

    ``context`` is what templates see, but for ``purchase``, ``job``, ``saved`` and ``answer``.
    ``seconds`` is how long the result is asked to be, None where it has no length. ``receipt``
    finds in an answer what it cost. ``read`` makes the take of a text that was answered; it raises
    JobFailedError for one that is of no use. ``note`` is written down with the intent.
    """

    kind: str
    call: Call
    rules: Sequence[Rule]
    context: Mapping[str, Any]
    model: str
    price: Price = field(default_factory=Price)
    resubmit_safe: bool = False
    seconds: float | None = None
    receipt: Callable[[Reply], Money | None] = _no_receipt
    read: Callable[[str], str] = _as_it_is
    note: Mapping[str, Json] = field(default_factory=dict)


def likely(price: Price) -> Money | None:
    """What something probably cost that gave no receipt; None where no rate card says it."""
    return Money(price.likely, price.currency) if price.known else None


def end_purchase(
    wanted: Wanted, redactor: Redactor, purchase: Purchase, verdict: Verdict, reply: Reply
) -> None:
    """Write down that a purchase gave no result, and what it cost if it did."""
    receipt = wanted.receipt(reply) if verdict.billed else None
    estimated = verdict.billed and receipt is None
    cost = likely(wanted.price) if estimated else receipt
    refused = verdict.then == "refused"
    purchase.ended(
        "refused" if refused else "failed",
        redactor.text(verdict.message),
        cost,
        flagged_input=verdict.flagged_input,
        estimated=estimated,
    )
