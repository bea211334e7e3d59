"""Where takes are made: in this process, or on other machines. A build knows one executor.

What spends money is never sent away: the ledger is here, and it alone says what was bought. So
whatever an executor does to make something twice, after a machine was lost, costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.target import Target


def _free() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes an action.

    make: makes it in this process. A kind's own function is found by its module and name elsewhere;
    of a target, an executor that sends work away is told by its ``target`` name in the film.
    pool: the pool whose slot it has. spends: whether this very take may cost something.
    """

    make: Callable[[Action], Outcome]
    pool: str = "cpu"
    target: str | None = None
    spends: Callable[[], bool] = _free


def target_maker(name: str, target: Target, action: Action) -> Maker:
    """The target called ``name`` in the film as the maker of an action."""

    def spends() -> bool:
        return not target.price(action.kind, action.params).free

    return Maker(target.make, target.pool, name, spends)


class Executor(Protocol):
    """Makes takes. Safe from several threads; ``make`` is called on a slot's thread."""

    def slots(self, pool: str) -> int | None:
        """How many takes of a pool are made at once; None: as many as this machine is said to
        have. Asked by the thread that builds. Raises ExecutorError where there is no making at all.
        """
        ...

    def fetches(self, pool: str) -> bool:
        """Whether those who make a pool's takes fetch by themselves what is in the shared store
        and not here; else it is brought here first. Words are, always."""
        ...

    def make(self, maker: Maker, action: Action) -> Outcome:
        """Have a take made. Its files lie in the action's folder, whoever made them.

        Raises what the maker raises, in the same classes; Interrupted when the action is cancelled;
        ExecutorError when it could not be made for reasons that lie in the machines.
        """
        ...

    def close(self) -> None:
        """Give back all that was held. Called once, after the last take."""
        ...


class Here:
    """Makes everything in this process: the maker is called, and that is all."""

    def slots(self, pool: str) -> int | None:
        """As many as this machine is said to have."""
        del pool
        return None

    def fetches(self, pool: str) -> bool:
        """Nobody does: makers read what lies here."""
        del pool
        return False

    def make(self, maker: Maker, action: Action) -> Outcome:
        """Call the maker."""
        return maker.make(action)

    def close(self) -> None:
        """Nothing is held."""


HERE = Here()
"""The executor of a build that is told of no other."""
