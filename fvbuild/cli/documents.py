"""The JSON that the smaller commands print: one object, its version first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fvbuild.engine.action import Money
    from fvbuild.engine.digest import Json

VERSION = 1


def document(name: str, items: Sequence[Mapping[str, Json]], **others: Json) -> Iterator[str]:
    """``{"version": 1, OTHERS, NAME: [...]}``, one item a line."""
    head = {"version": VERSION, **others}
    start = json.dumps(head, ensure_ascii=False, allow_nan=False)[:-1]
    if not items:
        yield f'{start}, "{name}": []}}'
        return
    yield f'{start}, "{name}": ['
    for at, item in enumerate(items):
        comma = "," if at < len(items) - 1 else "]}"
        yield f" {json.dumps(item, ensure_ascii=False, allow_nan=False)}{comma}"


def money_json(money: Money | None) -> dict[str, Json] | None:
    """An amount of money; null where there is none to tell."""
    return {"currency": money.currency, "amount": money.amount} if money else None
