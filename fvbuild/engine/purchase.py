"""What a maker of paid work writes down, so that a take is bought once whatever is killed when.

The order is the whole idea: the intent is durable before the request, the job's id before the
first look at it, the whole answer before it is used. An engine gives every :class:`Action` its
:class:`Purchases`; :class:`MemoryPurchases` serves tests and makers that run without an engine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol

from fvbuild.errors import UnresolvedError

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from fvbuild.engine.action import Money
    from fvbuild.engine.digest import Json
    from fvbuild.engine.target import Price


class Stage(StrEnum):
    """How far a purchase is. Those of :data:`OPEN` wait for a build, or for a person."""

    INTENDED = "intended"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    UNKNOWN = "unknown"
    COMMITTED = "committed"
    NOT_ACCEPTED = "not_accepted"
    REFUSED = "refused"
    FAILED = "failed"
    FORGOTTEN = "forgotten"
    RETRIED = "retried"


OPEN = (Stage.INTENDED, Stage.SUBMITTED, Stage.RECEIVED, Stage.UNKNOWN)
NOTHING: Mapping[str, Json] = MappingProxyType({})


def new_id() -> str:
    """An id that no other purchase or build has: 32 hexadecimal digits."""
    return os.urandom(16).hex()


class Purchase(Protocol):
    """One request that may cost money. Every method is durable when it returns."""

    @property
    def id(self) -> str:
        """32 hexadecimal digits, the same after a restart: a job id or idempotency key to send."""
        ...

    @property
    def folder(self) -> Path:
        """A private folder; what was written and flushed here stays until the take is committed.

        Outputs must be copied out of it, never moved.
        """
        ...

    @property
    def job(self) -> Mapping[str, Json] | None:
        """What :meth:`submitted` recorded, also by an earlier build; None before."""
        ...

    @property
    def note(self) -> Mapping[str, Json]:
        """What the maker noted when it began."""
        ...

    @property
    def answered(self) -> bool:
        """True once the whole answer lies in ``folder``."""
        ...

    def submitted(self, job: Mapping[str, Json]) -> None:
        """The request was accepted; ``job`` is all that is needed to ask for its result."""
        ...

    def received(self, cost: Money | None) -> None:
        """The answer is whole in ``folder``, flushed. ``cost`` is by a receipt; None: there is
        none."""
        ...

    def not_accepted(self, message: str) -> None:
        """Nothing was bought: no connection, or an error before the request was accepted."""
        ...

    def ended(
        self,
        how: Literal["refused", "failed"],
        message: str,
        cost: Money | None = None,
        *,
        flagged_input: bool = False,
        estimated: bool = False,
    ) -> None:
        """It gave no result. ``cost`` is what it cost nevertheless; None: nothing.

        ``estimated``: no receipt says so but the rate card, or with None nobody.
        ``flagged_input``: a given picture is what was refused, so it is not asked again.
        """
        ...

    def unknown(self, message: str) -> UnresolvedError:
        """Whether it was bought cannot be known. Returns the error for the maker to raise."""
        ...


class Purchases(Protocol):
    """The purchases of one take by one target."""

    def unfinished(self) -> Purchase | None:
        """A purchase which an earlier build left open: go on with it, and buy nothing.

        Its ``job`` is None only if it is safe to submit it again under its ``id``.
        Raises UnresolvedError when its fate is not known.
        """
        ...

    def begin(
        self,
        model: str,
        price: Price,
        *,
        resubmit_safe: bool,
        note: Mapping[str, Json] = NOTHING,
    ) -> Purchase:
        """Write down the intent, before the request; ``price.max`` is reserved.

        ``resubmit_safe``: sending the same ``id`` again buys nothing twice. Raises BudgetError, and
        UnresolvedError when an earlier purchase of this take is unresolved.
        """
        ...


def unresolved(node: str, message: str) -> UnresolvedError:
    """The error of a purchase whose fate is not known, with the ways out of it."""
    return UnresolvedError(
        f"it is not known whether a take was bought: {message.rstrip('.')}",
        hint=f"look at the provider's list of jobs, then say 'fvbuild resolve {node} --retry' to "
        f"buy it (again), or 'fvbuild resolve {node} --forget' if it was not bought",
    )


class MemoryPurchase:
    """A purchase that is forgotten with the process."""

    def __init__(
        self, folder: Path, price: Price, *, resubmit_safe: bool, note: Mapping[str, Json]
    ) -> None:
        self.id = new_id()
        self.folder = folder / self.id
        self.folder.mkdir()
        self.price = price
        self.resubmit_safe = resubmit_safe
        self.note = note
        self.job: Mapping[str, Json] | None = None
        self.stage = Stage.INTENDED
        self.cost: Money | None = None
        self.estimated = False
        self.message = ""

    @property
    def answered(self) -> bool:
        """True once the whole answer lies in ``folder``."""
        return self.stage is Stage.RECEIVED

    def submitted(self, job: Mapping[str, Json]) -> None:
        """The request was accepted."""
        self.job, self.stage = dict(job), Stage.SUBMITTED

    def received(self, cost: Money | None) -> None:
        """The answer is whole."""
        self.cost, self.stage = cost, Stage.RECEIVED

    def not_accepted(self, message: str) -> None:
        """Nothing was bought."""
        self.message, self.stage = message, Stage.NOT_ACCEPTED

    def ended(
        self,
        how: Literal["refused", "failed"],
        message: str,
        cost: Money | None = None,
        *,
        flagged_input: bool = False,
        estimated: bool = False,
    ) -> None:
        """It gave no result."""
        self.estimated = estimated
        self.cost, self.message, self.stage = cost, message, Stage(how)

    def unknown(self, message: str) -> UnresolvedError:
        """Its fate is not known."""
        self.message, self.stage = message, Stage.UNKNOWN
        return unresolved("NODE", message)


class MemoryPurchases:
    """Purchases of one take, kept in memory; ``all`` lists them in the order they began."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder`` holds their folders; None: a temporary one, made when it is needed."""
        self.all: list[MemoryPurchase] = []
        self._folder = folder
        self._temporary: TemporaryDirectory[str] | None = None

    def unfinished(self) -> MemoryPurchase | None:
        """The open one, if there is one. Raises UnresolvedError when its fate is not known."""
        for purchase in self.all:
            lost = purchase.stage is Stage.INTENDED and not purchase.resubmit_safe
            if purchase.stage is Stage.UNKNOWN or lost:
                raise unresolved("NODE", purchase.message or "the request was never answered")
            if purchase.stage in OPEN:
                return purchase
        return None

    def begin(
        self,
        model: str,
        price: Price,
        *,
        resubmit_safe: bool,
        note: Mapping[str, Json] = NOTHING,
    ) -> MemoryPurchase:
        """A new one. Raises UnresolvedError, and RuntimeError when one is open that should be
        gone on with."""
        if self.unfinished() is not None:
            raise RuntimeError(f"a purchase of {model} is open: ask unfinished() first")
        purchase = MemoryPurchase(
            self._place(), price, resubmit_safe=resubmit_safe, note=dict(note)
        )
        self.all.append(purchase)
        return purchase

    def _place(self) -> Path:
        if self._folder is None:
            from tempfile import TemporaryDirectory

            self._temporary = TemporaryDirectory(prefix="fvbuild-purchases-")
            self._folder = Path(self._temporary.name)
        return self._folder
