"""A record: what the shared store knows of one take, as one canonical text that can be signed.

Records come from other people's machines: nothing in a text is believed unchecked, and whatever is
wrong with one makes it no record, never an error.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from fvbuild.engine.action import Artifact, Money
from fvbuild.engine.digest import canonical
from fvbuild.engine.key import key_of
from fvbuild.engine.shared import MOST_RECORD_BYTES, exact_name, first_name
from fvbuild.engine.takes import Take, Trace

FORMAT = 1
_MOST_TAKES = 1_000_000
_MOST_BYTES = 1 << 50
_MOST_OUTPUTS = 10_000
_MOST_PIECES = 200_000
_MOST_WORDS = 500
_MOST_AMOUNT = 1e9
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"[0-9a-f]{32}")
_MEDIA_TYPE = re.compile(r"[a-z]{1,30}/[a-z0-9][a-z0-9.+-]{0,90}")
# An output's name becomes part of a file's name under out/.
_OUTPUT_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,90})?")
_SIGN = re.compile(r"[A-Za-z0-9+/=_:-]{1,200}")


@dataclass(frozen=True, slots=True)
class Record:
    """One take with its recipe. ``node`` is what it was made for, and serves messages only.

    pieces: the artifacts that its assemblies are put together from. signer: who vouches for it, an
    Ed25519 public key; signature: over :meth:`unsigned`. Both are empty when nobody does.
    """

    trace: Trace
    node: str = ""
    pieces: tuple[str, ...] = ()
    signer: str = ""
    signature: str = ""

    @property
    def take(self) -> Take:
        """The take."""
        return self.trace.take

    @property
    def artifact(self) -> str:
        """The digest of its first output, by which locks name the take."""
        return self.take.outputs[0].digest

    @property
    def blobs(self) -> tuple[str, ...]:
        """All that must be there for the take to be whole."""
        return tuple(dict.fromkeys([*(o.digest for o in self.take.outputs), *self.pieces]))

    @property
    def names(self) -> tuple[str, str]:
        """Under which it lies: its exact name, and that of the first take of its recipe."""
        key, n = self.trace.key, self.take.n
        return exact_name(key, n, self.artifact), first_name(key, n)

    def unsigned(self) -> bytes:
        """What a signature is over: everything but the signature itself."""
        return canonical(self._plain()).encode()

    def text(self) -> bytes:
        """The record as it is sent."""
        return canonical({**self._plain(), "signature": self.signature}).encode()

    def signed(self, signature: str) -> Record:
        """The record with the signature that its ``signer`` gave."""
        return replace(self, signature=signature)

    def _plain(self) -> dict[str, object]:
        take = self.take
        return {
            "format": FORMAT,
            "key": self.trace.key,
            "n": take.n,
            "outputs": [
                [o.digest, o.size_bytes, o.media_type, o.name, dict(o.facts)] for o in take.outputs
            ],
            "pieces": list(self.pieces),
            "origin": take.origin,
            "cost": None if take.cost is None else [take.cost.amount, take.cost.currency],
            "seconds": take.seconds,
            "made_at": take.made_at,
            "provenance": dict(take.provenance),
            "recipe": self.trace.recipe,
            "node": self.node,
            "signer": self.signer,
        }


class _Wrong(Exception):
    """A text is no record."""


def parse(text: bytes) -> Record | None:
    """The record that a text is; None when it is none, or of a later format."""
    if len(text) > MOST_RECORD_BYTES:
        return None
    try:
        data = json.loads(text, parse_constant=_not_json)
        return _record(data)
    except (_Wrong, ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError):
        return None


def _not_json(name: str) -> None:
    raise _Wrong(name)


def _record(data: Any) -> Record:
    _need(isinstance(data, dict) and data["format"] == FORMAT and not isinstance(data, bool))
    canonical(data).encode()  # deep nesting and half surrogate pairs end here
    recipe = _text(data["recipe"], MOST_RECORD_BYTES)
    key = data["key"]
    # Adopted before its recipe was known: such a take fits any.
    _need(key == recipe == "" or (_matches(_KEY, key) and key_of(recipe) == key))
    take = Take(
        n=_whole(data["n"], 1, _MOST_TAKES),
        outputs=tuple(_outputs(data["outputs"])),
        origin=_text(data["origin"]),
        cost=_cost(data["cost"]),
        seconds=_number(data["seconds"]),
        made_at=_text(data["made_at"]),
        provenance=_mapping(data["provenance"]),
    )
    pieces = data["pieces"]
    _need(isinstance(pieces, list) and len(pieces) <= _MOST_PIECES)
    _need(all(_matches(_DIGEST, piece) for piece in pieces))
    return Record(
        Trace(key, recipe, take),
        node=_text(data["node"]),
        pieces=tuple(pieces),
        signer=_sign(data["signer"]),
        signature=_sign(data["signature"]),
    )


def _outputs(rows: Any) -> Iterable[Artifact]:
    _need(isinstance(rows, list) and 1 <= len(rows) <= _MOST_OUTPUTS)
    for digest, size_bytes, media_type, name, facts in rows:
        _need(_matches(_DIGEST, digest) and _matches(_MEDIA_TYPE, media_type))
        _need(_matches(_OUTPUT_NAME, name))
        _whole(size_bytes, 0, _MOST_BYTES)
        yield Artifact(digest, size_bytes, media_type, name, _mapping(facts))


def _cost(value: Any) -> Money | None:
    if value is None:
        return None
    amount, currency = value
    return Money(_number(amount), _text(currency, 20))


def _number(value: Any) -> float:
    _need(isinstance(value, int | float) and not isinstance(value, bool))
    number = float(value)
    _need(math.isfinite(number) and 0 <= number <= _MOST_AMOUNT)
    return number


def _whole(value: Any, least: int, most: int) -> int:
    _need(isinstance(value, int) and not isinstance(value, bool) and least <= value <= most)
    return int(value)


def _text(value: Any, most: int = _MOST_WORDS) -> str:
    _need(isinstance(value, str) and len(value) <= most)
    return str(value)


def _sign(value: Any) -> str:
    _need(value == "" or _matches(_SIGN, value))
    return str(value)


def _mapping(value: Any) -> dict[str, Any]:
    _need(isinstance(value, dict))
    return dict(value)


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _need(condition: bool) -> None:
    if not condition:
        raise _Wrong
