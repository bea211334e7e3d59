"""Amounts, times, places and lists of names as a person says them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fvbuild.engine.target import Price


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 shot``, ``1,200 shots``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def seconds(value: float) -> str:
    """A time as a person says it: ``0.4 s``, ``12 s``, ``3 min 05 s``, ``1 h 04 min``."""
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def exact_seconds(value: float) -> str:
    """A length to the hundredth of a second, for telling two of them apart: ``20.92 s``."""
    digits = 2 if round(value * 100) % 10 else 1
    return f"{value:.{digits}f} s"


def timecode(moment_s: float) -> str:
    """A moment of a film: ``00:08.0``, ``00:16.75``, ``1:02:08.0``; exact to the hundredth."""
    hundredths = round(abs(moment_s) * 100)
    whole, rest = divmod(hundredths, 100)
    hours = f"{whole // 3600}:" if whole >= 3600 else ""
    sign = "-" if moment_s < 0 else ""
    part = f"{rest:02}" if rest % 10 else f"{rest // 10}"
    return f"{sign}{hours}{whole // 60 % 60:02}:{whole % 60:02}.{part}"


def size(size_bytes: int) -> str:
    """``512 B``, ``1.4 MB``."""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def money(amount: float, currency: str) -> str:
    """``1.20 USD``; cents are cut only when there are none to lose (``0.0035 USD``)."""
    digits = 2 if round(amount, 2) == round(amount, 6) else 4
    return f"{amount:.{digits}f} {currency}"


def price(cost: Price) -> str:
    """A range of money: ``nothing``, ``1.20 USD``, ``about 1.20 USD, at most 2.40 USD``.

    Amounts in other currencies follow it, and last what has no known price.
    """
    parts = [_range(part) for part in (cost, *cost.others) if part.max]
    if not cost.known:
        parts.append("what has no known price" if parts else "at an unknown price")
    return " and ".join(parts) or "nothing"


def _range(cost: Price) -> str:
    if cost.min == cost.max:
        return money(cost.max, cost.currency)
    return f"about {money(cost.likely, cost.currency)}, at most {money(cost.max, cost.currency)}"


def moment(at: str) -> str:
    """A stored moment (ISO 8601) as a person reads it, in local time: ``2026-11-20 23:59:01``."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return at


def place(loc: str | None) -> str:
    """``film.yaml:52`` of ``film.yaml:52:9``: what an editor jumps to, without the column."""
    if not loc:
        return ""
    match = re.fullmatch(r"(.*?:\d+):\d+", loc)
    return match[1] if match else loc


def some(names: Sequence[str], shown: int = 3) -> str:
    """``a, b and 4 more``."""
    if len(names) <= shown + 1:
        return ", ".join(names)
    return f"{', '.join(names[:shown])} and {len(names) - shown:,} more"


def either(names: Sequence[str], shown: int = 3) -> str:
    """``a``, ``a or b``, ``a, b, c or 4 more``."""
    if len(names) < 2:
        return "".join(names)
    if len(names) <= shown + 1:
        return f"{', '.join(names[:-1])} or {names[-1]}"
    return f"{', '.join(names[:shown])} or {len(names) - shown:,} more"
