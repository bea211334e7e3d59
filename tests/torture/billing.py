"""The placeholder, at a price: every take of it is ordered at a shop, which bills at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

from shops import Shop

from fvbuild.engine.action import Action, Money, Outcome
from fvbuild.engine.target import Price
from fvbuild.targets.base import recipe_digest
from fvbuild.targets.placeholder import Placeholder

PRICE = Price(1.0, 1.0, 1.0)


@contextlib.contextmanager
def billed(shop: Shop) -> Iterator[None]:
    """Within: what the placeholder makes is bought. A line of the bill names the recipe's digest,
    the same on every machine."""
    make = Placeholder.make

    def buy(target: Placeholder, action: Action) -> Outcome:
        purchase = action.purchases.unfinished()
        if purchase is None:
            purchase = action.purchases.begin("one", PRICE, resubmit_safe=False)
        if purchase.job is None:
            what = f"{action.kind} {recipe_digest(action)}"
            purchase.submitted({"id": shop.order(purchase.id, what, 1.0, idempotent=False)})
        outcome = make(target, action)
        if not purchase.answered:
            purchase.received(Money(1.0))
        return replace(outcome, cost=Money(1.0))

    with (
        patch.object(Placeholder, "make", buy),
        patch.object(Placeholder, "price", lambda *_words: PRICE),
    ):
        yield
