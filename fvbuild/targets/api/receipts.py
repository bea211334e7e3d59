"""What a take did cost, by the provider's own answer: never an estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Money
from fvbuild.targets.api.lookup import look
from fvbuild.targets.api.prices import Bill, UnknownAmountError, amount_of, card_of, worth_of
from fvbuild.targets.api.reply import MISSING

if TYPE_CHECKING:
    from fvbuild.targets.api.description_result import Receipt, TokensUsed
    from fvbuild.targets.api.facts import ModelFacts, ProviderFacts
    from fvbuild.targets.api.prices import Card
    from fvbuild.targets.api.reply import Reply

_MILLION = 1_000_000


def receipt(
    said: Receipt | None,
    reply: Reply,
    provider: ProviderFacts,
    model: ModelFacts,
    context: Mapping[str, Any],
    today: str,
) -> Money | None:
    """What an answer says that the take cost; None where it says nothing."""
    if said is None:
        return None
    number = _numbers(reply)
    if said.credits is not None and (credits := number(said.credits)) is not None:
        worth, currency = worth_of(provider, "credits")
        return _money(credits * said.unit * worth, currency)
    if said.usd is not None and (dollars := number(said.usd)) is not None:
        return _money(dollars * said.unit, "USD")
    card = card_of(model, today)
    size = context.get("size") or {}
    bill = Bill(
        str(context.get("kind", "")), {}, context.get("settings") or {}, str(size.get("name", ""))
    )
    try:
        if said.header is not None:
            return _by_header(said, reply, provider, card, bill)
        if said.tokens is not None and card is not None and "per_million_tokens" in card:
            return _by_count(said.tokens, number, provider, card, bill)
    except UnknownAmountError:
        return None
    return None


def _numbers(reply: Reply) -> Callable[[str], float | None]:
    body = None if reply.json is MISSING else reply.json
    return lambda path: _as_number(look(path, body))


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _by_header(
    said: Receipt, reply: Reply, provider: ProviderFacts, card: Card | None, bill: Bill
) -> Money | None:
    count = _as_number(reply.headers.get((said.header or "").lower()))
    if count is None:
        return None
    count *= said.unit
    if said.header_unit == "usd":
        return _money(count, "USD")
    if said.header_unit == "credits":
        worth, currency = worth_of(provider, "credits")
        return _money(count * worth, currency)
    if card is None or "per_1k_chars" not in card:
        return None
    worth, currency = worth_of(provider, card.get("currency", "USD"))
    return _money(count / 1000 * amount_of(card["per_1k_chars"], bill).likely * worth, currency)


def _by_count(
    said: TokensUsed,
    number: Callable[[str], float | None],
    provider: ProviderFacts,
    card: Card,
    bill: Bill,
) -> Money | None:
    counts = {
        name: number(path)
        for name, path in {"input": said.input, "output": said.output, **said.other}.items()
    }
    if counts["input"] is None and counts["output"] is None:
        return None
    amounts = card["per_million_tokens"]
    worth, currency = worth_of(provider, card.get("currency", "USD"))
    total = sum(
        (counts.get(name) or 0.0) * amount_of(amount, bill).likely
        for name, amount in amounts.items()
    )
    return _money(total / _MILLION * worth, currency)


def _money(amount: float, currency: str) -> Money:
    return Money(round(amount, 9), currency)
