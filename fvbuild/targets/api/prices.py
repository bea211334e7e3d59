"""What a take may cost, by its model's rate card: never what it did cost.

What no card says is unknown, which is not the same as nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from fvbuild.engine.target import Price
from fvbuild.targets.api.facts import GROUPS
from fvbuild.targets.api.price_words import key_of
from fvbuild.targets.api.ways import offered_s

if TYPE_CHECKING:
    from fvbuild.targets.api.facts import ModelFacts, ProviderFacts

Card = Mapping[str, Any]
"""A rate card as JSON: what a description's ``PriceCard`` holds."""

UNKNOWN = Price(known=False)

_MILLION = 1_000_000
_CHARS_A_SECOND = 15
_STILLS = frozenset(GROUPS["still"])
_TEXTS = frozenset(GROUPS["text"])
_USUAL_SOUND_S = 5.0


class UnknownAmountError(Exception):
    """A card says of these settings that it knows no amount."""


class Range(NamedTuple):
    """At least, likely and at most."""

    low: float
    likely: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> Range:
        """No doubt about it."""
        return cls(value, value, value)

    def times(self, other: Range) -> Range:
        """The product; all are at least zero."""
        return Range(self.low * other.low, self.likely * other.likely, self.high * other.high)

    def plus(self, other: Range) -> Range:
        """The sum."""
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def by(self, factor: float) -> Range:
        """Every amount times a number."""
        return self.times(Range.exactly(factor))


@dataclass(frozen=True, slots=True)
class Bill:
    """What a price depends on: the kind and params of a node, the settings, and the size's name.

    ``tokens`` are (sent, likely received, most received), where a language model is asked.
    """

    kind: str
    params: Mapping[str, Any]
    settings: Mapping[str, Any]
    size: str = ""
    tokens: tuple[int, int, int] | None = None


def estimate(provider: ProviderFacts, model: ModelFacts, bill: Bill, today: str) -> Price:
    """What one take may cost by the card of a day (ISO); unknown where no card says it."""
    card = card_of(model, today)
    if card is None:
        return UNKNOWN
    try:
        parts = [part for part in _parts(card, model, bill) if part is not None]
    except UnknownAmountError:
        return UNKNOWN
    if not parts:
        return UNKNOWN
    total = Range.exactly(0.0)
    for part in parts:
        total = total.plus(part)
    worth, currency = worth_of(provider, card.get("currency", "USD"))
    low, likely, high = (round(amount * worth, 6) for amount in total)
    refusal = high if bill.kind in model.billed else 0.0
    return Price(low, likely, high, currency, refusal=refusal)


def card_of(model: ModelFacts, today: str) -> Card | None:
    """The newest card that is not of the future."""
    past = [card for card in model.cards if card["as_of"] <= today]
    return max(past, key=lambda card: str(card["as_of"])) if past else None


# --- what is charged for ----------------------------------------------------------------------


def _parts(card: Card, model: ModelFacts, bill: Bill) -> Iterable[Range | None]:
    """Each amount of the card that concerns the kind; None where its quantity is not known."""
    if "per_take" in card:
        yield amount_of(card["per_take"], bill)
    if "per_image" in card and bill.kind in _STILLS:
        yield amount_of(card["per_image"], bill)
    if "per_megapixel" in card and bill.kind in _STILLS:
        width, height = bill.params.get("canvas", (1280, 720))
        yield amount_of(card["per_megapixel"], bill).by(width * height / _MILLION)
    if "per_second" in card and bill.kind not in (*_STILLS, *_TEXTS):
        seconds = seconds_of(model, bill.kind, bill.params)
        yield amount_of(card["per_second"], bill).times(seconds)
    if "per_1k_chars" in card and "text" in bill.params:
        yield amount_of(card["per_1k_chars"], bill).by(len(str(bill.params["text"])) / 1000)
    if "per_million_tokens" in card:
        yield _by_tokens(card, bill)


def _by_tokens(card: Card, bill: Bill) -> Range | None:
    if (about := card.get("tokens")) is not None:
        # Of one size and quality, answers differ by less than two to one.
        doubt = Range(0.5, 1.0, 2.0)
        counts = {name: amount_of(amount, bill).times(doubt) for name, amount in about.items()}
    elif bill.tokens is not None:
        sent, received, most = bill.tokens
        counts = {
            "input": Range(sent * 0.7, sent, sent * 1.5),
            "output": Range(received * 0.3, received, max(most, received)),
        }
    else:
        return None
    total = Range.exactly(0.0)
    for name, amount in card["per_million_tokens"].items():
        count = counts.get(name)
        if count is not None:
            total = total.plus(amount_of(amount, bill).times(count).by(1 / _MILLION))
    return total


def seconds_of(model: ModelFacts, kind: str, params: Mapping[str, Any]) -> Range:
    """How long what is made will be; for speech, by how long people speak."""
    frames, asked = params.get("frames"), params.get("seconds")
    if isinstance(frames, int):
        return Range.exactly(offered_s(model, frames / model.fps))
    if isinstance(asked, int | float):
        return Range.exactly(offered_s(model, float(asked)))
    if kind == "speech":
        likely = max(0.5, len(str(params.get("text", ""))) / _CHARS_A_SECOND)
        return Range(likely / 2, likely, likely * 2)
    lengths = model.lengths
    if lengths:
        return Range(lengths[0], min(max(_USUAL_SOUND_S, lengths[0]), lengths[-1]), lengths[-1])
    return Range(0.5, _USUAL_SOUND_S, 60.0)


def amount_of(amount: float | str | Mapping[str, Any], bill: Bill) -> Range:
    """A number, or the one for the settings as they are; what is not set may be any of them.

    Raises UnknownAmountError.
    """
    if amount == "unknown":
        raise UnknownAmountError
    if not isinstance(amount, Mapping):
        return Range.exactly(float(amount))
    others = {"kind": bill.kind, "size": bill.size}
    by = amount["by"]
    key = key_of(bill.settings[by] if by in bill.settings else others.get(by))
    inner = amount.get(key, amount.get("else")) if key != "by" else None
    if inner is not None:
        return amount_of(inner, bill)
    all_of_them = [amount_of(each, bill) for name, each in amount.items() if name != "by"]
    if not all_of_them:
        return Range.exactly(0.0)
    return Range(
        min(each.low for each in all_of_them),
        all_of_them[0].likely,
        max(each.high for each in all_of_them),
    )


def worth_of(provider: ProviderFacts, currency: str) -> tuple[float, str]:
    """What one unit of a card is, in a currency; credits of unknown worth stay credits."""
    if currency != "credits":
        return 1.0, currency
    return provider.credit or (1.0, f"{provider.name} credits")
