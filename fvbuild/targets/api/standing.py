"""How a hosted model stands here and now: what it costs in words, and whether its provider answers.

Nothing of it enters a key or a plan, and no key is ever part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from fvbuild.errors import TargetError, UnauthorisedError
from fvbuild.targets.api.prices import Bill, UnknownAmountError, amount_of, card_of, worth_of
from fvbuild.targets.api.trusting import UntrustedHostError

if TYPE_CHECKING:
    from fvbuild.targets.api.description_outcome import Rule
    from fvbuild.targets.api.facts import ModelFacts, ProviderFacts
    from fvbuild.targets.api.target import ApiTarget

_UNITS = {
    "per_take": "a request",
    "per_image": "a picture",
    "per_megapixel": "a megapixel",
    "per_second": "a second",
    "per_1k_chars": "a thousand characters",
}
_OF_ACCOUNT = ("unauthorised", "quota", "rate_limited")


class Standing(NamedTuple):
    """What a provider says to a request that costs nothing.

    ``none``: its description has no such request. ``keyless``: it was not asked, for there is no
    key. ``odd``: it answers with an error. ``untrusted``: nor was it asked, for its host is not one
    that the key may go to.
    """

    word: Literal["answers", "keyless", "untrusted", "unauthorised", "unreachable", "odd", "none"]
    message: str = ""


def probed(target: ApiTarget) -> Standing:
    """Ask the provider of a target once whether it is there and takes the key."""
    from fvbuild.targets.api.connect import connect

    if not target.provider.probes:
        return Standing("none", "its description names no request that costs nothing")
    description = target.description
    assert description.probe is not None, "the facts say that there is one"
    try:
        connection = connect(description, target.place)
        rules = [rule for rule in description.outcomes if _concerns(rule)]
        verdict = connection.probe(description.probe, {}, rules)
    except UntrustedHostError as error:
        return Standing("untrusted", error.message)
    except UnauthorisedError as error:
        return Standing("keyless", error.message)
    except TargetError as error:
        return Standing("unreachable", error.message)
    if verdict.then in ("done", "accepted", "pending", "rate_limited", "quota"):
        return Standing("answers", verdict.message)
    if verdict.then == "unauthorised":
        return Standing("unauthorised", verdict.message)
    return Standing("unreachable" if verdict.then == "transient" else "odd", verdict.message)


def _concerns(rule: Rule) -> bool:
    """Whether a rule says something of the account, and not of what was to be made."""
    return rule.then in _OF_ACCOUNT or "probe" in (rule.when.at or ())


def cost_in_words(
    provider: ProviderFacts, model: ModelFacts, settings: Mapping[str, Any], today: str
) -> str:
    """``0.05 USD a second``; a range where it depends on what is not set; "" where unknown."""
    card = card_of(model, today)
    if card is None:
        return ""
    worth, currency = worth_of(provider, card.get("currency", "USD"))
    try:
        return ", ".join(_amounts(card, Bill("", {}, settings), worth, currency))
    except UnknownAmountError:
        return ""


def _amounts(card: Mapping[str, Any], bill: Bill, worth: float, currency: str) -> Iterator[str]:
    for name, unit in _UNITS.items():
        if name in card:
            yield f"{_amount(card[name], bill, worth)} {currency} {unit}"
    tokens = card.get("per_million_tokens")
    if tokens is not None:
        each = [f"{_amount(tokens[name], bill, worth)} {name}" for name in tokens]
        yield f"{', '.join(each)} {currency} a million tokens"


def _amount(amount: Any, bill: Bill, worth: float) -> str:
    low, _, high = amount_of(amount, bill).by(worth)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
