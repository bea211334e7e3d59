"""Estimates come from dated rate cards, money from receipts; what no card says is unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fvbuild.engine.action import Money
from fvbuild.targets.api.description import Description
from fvbuild.targets.api.description_result import Receipt
from fvbuild.targets.api.extract import facts_of
from fvbuild.targets.api.facts import ProviderFacts
from fvbuild.targets.api.prices import Bill, estimate
from fvbuild.targets.api.receipts import receipt
from fvbuild.targets.api.reply import Reply

TODAY = "2026-11-21"
MAKES = ("still", "segment", "speech", "sound", "text")


def provider(*cards: dict[str, Any], **more: Any) -> ProviderFacts:
    """A provider with one model of these rate cards."""
    call = {"submit": {"path": "/"}, "result": {"body": True}}
    model = {
        "makes": dict.fromkeys(MAKES, "make"),
        "prices": [{"as_of": "2026-01-01", **card} for card in cards],
        "seconds": more.pop("seconds", {"min": 2, "max": 10}),
        "settings": {
            "quality": {"values": ["low", "high"]},
            "audio": {"values": [True, False], "default": False},
        },
    }
    told = {
        "provider": "acme",
        "base_url": "https://acme.example",
        "calls": {"make": call},
        "models": {"m": model},
        **more,
    }
    return facts_of(Description.model_validate(told), Path(), own=True)


def price(
    found: ProviderFacts,
    kind: str = "segment",
    tokens: tuple[int, int, int] | None = None,
    **of: Any,
) -> tuple[float, float, float]:
    settings = {"quality": None, "audio": False, **of.pop("settings", {})}
    bill = Bill(kind, of, settings, of.pop("size", ""), tokens)
    told = estimate(found, found.models["m"], bill, TODAY)
    assert told.known
    return told.min, told.likely, told.max


@pytest.mark.parametrize(
    ("card", "kind", "of", "expected"),
    [
        ({"per_take": 0.5}, "segment", {}, 0.5),
        ({"per_image": 0.04}, "anchor", {}, 0.04),
        ({"per_second": 0.1}, "segment", {"frames": 96}, 0.4),
        # Three seconds and a bit are made, and paid for, as four.
        ({"per_second": 0.1}, "segment", {"frames": 73}, 0.4),
        ({"per_second": 0.1}, "segment", {"frames": 24}, 0.2),
        ({"per_second": 0.1}, "ambience", {"text": "gulls", "seconds": 5}, 0.5),
        ({"per_second": 0.1, "per_take": 1}, "segment", {"frames": 96}, 1.4),
        ({"per_1k_chars": 0.1}, "speech", {"text": "x" * 500}, 0.05),
        ({"per_megapixel": 0.1}, "anchor", {"canvas": [2000, 1000]}, 0.2),
    ],
)
def test_what_is_counted(
    card: dict[str, Any], kind: str, of: dict[str, Any], expected: float
) -> None:
    assert price(provider(card), kind, **of) == pytest.approx((expected,) * 3)


def test_amounts_by_a_setting() -> None:
    card = {
        "per_second": {"by": "quality", "low": 0.1, "high": {"by": "audio", "true": 1, "else": 0.5}}
    }
    found = provider(card)

    def of(**settings: Any) -> tuple[float, float, float]:
        return price(found, frames=48, settings=settings)

    assert of(quality="low") == pytest.approx((0.2,) * 3)
    assert of(quality="high") == pytest.approx((1.0,) * 3)
    assert of(quality="high", audio=True) == pytest.approx((2.0,) * 3)
    # What is not set may be any of them.
    assert of(quality=None, audio=True) == pytest.approx((0.2, 0.2, 2.0))


def test_amounts_by_kind_and_size() -> None:
    card = {"per_image": {"by": "kind", "plate": 1, "else": {"by": "size", "16:9": 3, "else": 4}}}
    assert price(provider(card), "plate")[1] == 1
    assert price(provider(card), "anchor", size="16:9")[1] == 3
    assert price(provider(card), "anchor", size="1:1")[1] == 4


@pytest.mark.parametrize(
    ("cards", "kind"),
    [
        ([], "segment"),
        ([{"as_of": "2026-11-22", "per_take": 1}], "segment"),
        ([{"per_image": 1}], "segment"),
        ([{"per_1k_chars": 1}], "segment"),
        ([{"per_million_tokens": {"input": 1, "output": 1}}], "segment"),
        ([{"per_second": {"by": "quality", "low": "unknown", "else": 1}}], "segment"),
    ],
)
def test_what_no_card_says_is_unknown(cards: list[dict[str, Any]], kind: str) -> None:
    found = provider(*cards)
    bill = Bill(kind, {"frames": 48}, {"quality": "low"})
    told = estimate(found, found.models["m"], bill, TODAY)
    assert not told.known
    assert not told.free


def test_the_newest_card_that_is_not_of_the_future_counts() -> None:
    days = ("2026-11-21", "2026-03-01", "2026-11-22")
    found = provider(*({"as_of": day, "per_take": at} for at, day in enumerate(days, 1)))
    assert price(found)[1] == 1


def test_a_length_that_is_not_known_is_bounded() -> None:
    assert price(provider({"per_second": 0.1}), "effect", text="a bang") == pytest.approx(
        (0.2, 0.5, 1.0)
    )
    low, likely, high = price(provider({"per_second": 0.1}), "speech", text="x" * 30)
    assert (low, likely, high) == pytest.approx((0.1, 0.2, 0.4))


def test_tokens() -> None:
    amounts = {"input": 2.0, "output": 10.0, "image": 8.0}
    found = provider({"per_million_tokens": amounts})
    low, likely, high = price(found, "caption", tokens=(1000, 200, 2000))
    assert likely == pytest.approx(0.004)
    assert low < likely < high
    assert high == pytest.approx(0.003 + 0.02)
    drawn = provider({"per_million_tokens": amounts, "tokens": {"output": 4000, "image": 500}})
    assert price(drawn, "anchor") == pytest.approx((0.022, 0.044, 0.088))


def test_credits_are_worth_what_the_provider_says() -> None:
    card = {"per_take": 5, "currency": "credits"}
    found = provider(card, credit="0.01 EUR")
    told = estimate(found, found.models["m"], Bill("segment", {}, {}), TODAY)
    assert (told.likely, told.currency) == (0.05, "EUR")
    bare = provider(card)
    told = estimate(bare, bare.models["m"], Bill("segment", {}, {}), TODAY)
    assert (told.likely, told.currency) == (5, "acme credits")


def test_refusals_that_are_billed() -> None:
    rules = [{"when": {"match": "nsfw"}, "then": "refused", "billed": True}]
    found = provider({"per_take": 0.5}, outcomes=rules)
    bill = Bill("segment", {}, {})
    assert estimate(found, found.models["m"], bill, TODAY).refusal == 0.5
    free = provider({"per_take": 0.5})
    assert estimate(free, free.models["m"], bill, TODAY).refusal == 0


# --- receipts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "body", "money"),
    [
        ({"credits": "cost.credits"}, {"cost": {"credits": 12}}, Money(0.12, "USD")),
        ({"credits": "cost.credits"}, {"cost": {}}, None),
        ({"credits": "a", "usd": "b"}, {"b": "0.25"}, Money(0.25, "USD")),
        ({"usd": "ticks", "unit": 1e-10}, {"ticks": 5_000_000_000}, Money(0.5, "USD")),
        ({"usd": "cost"}, {"cost": -1}, None),
        ({"usd": "cost"}, {"cost": "much"}, None),
        ({"usd": "cost"}, {"cost": True}, None),
        ({"header": "X-Cost"}, {}, Money(0.07, "USD")),
        ({"header": "x-cost", "header_unit": "usd"}, {}, Money(7, "USD")),
        ({"header": "x-cost", "header_unit": "characters"}, {}, Money(0.0007, "USD")),
        ({"header": "x-none"}, {}, None),
        (
            {"tokens": {"input": "u.i", "output": "u.o", "other": {"image": "u.p"}}},
            {"u": {"i": 1000, "o": 500, "p": 250}},
            Money(0.009, "USD"),
        ),
        ({"tokens": {"input": "u.i", "output": "u.o"}}, {"u": None}, None),
    ],
)
def test_receipts(said: dict[str, Any], body: Any, money: Money | None) -> None:
    tokens = {"input": 2.0, "output": 10.0, "image": 8.0}
    card = {"per_million_tokens": tokens, "per_1k_chars": 0.1}
    found = provider(card, credit="0.01 USD")
    reply = Reply(200, {"x-cost": "7"}, json.dumps(body).encode())
    context = {"kind": "caption", "settings": {}, "size": {"name": ""}}
    told = receipt(Receipt.model_validate(said), reply, found, found.models["m"], context, TODAY)
    assert told == money


def test_no_receipt_is_said() -> None:
    found = provider({"per_take": 1})
    assert receipt(None, Reply(200), found, found.models["m"], {}, TODAY) is None
