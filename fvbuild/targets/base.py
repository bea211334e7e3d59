"""What targets that run on this machine for nothing have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from fractions import Fraction

from fvbuild.engine.action import Action
from fvbuild.engine.digest import Json, of_value
from fvbuild.engine.target import Price
from fvbuild.errors import SettingError


class LocalTarget(ABC):
    """Takes a CPU slot and costs nothing."""

    pool = "cpu"

    @property
    @abstractmethod
    def identity(self) -> Mapping[str, Json]:
        """What of it goes into keys; each target says its own."""

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """The same for every kind."""
        return self.identity

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        """Nothing, whatever is made."""
        return Price()


def check_settings(name: str, settings: Mapping[str, Json], known: Collection[str]) -> None:
    """Raise SettingError for the first setting that the target does not know."""
    from difflib import get_close_matches

    for setting in settings:
        if setting not in known:
            near = get_close_matches(setting, known, n=1)
            raise SettingError(
                f"target '{name}' has no setting '{setting}'",
                setting,
                named=True,
                hint=f"did you mean '{near[0]}'?"
                if near
                else f"its settings: {', '.join(sorted(known)) or 'none'}",
            )


def recipe_digest(action: Action) -> str:
    """32 hex digits of all that may change what is made: kind, params, inputs by role, seed.

    Node and take are no part of it, so equal recipes give equal digests.
    """
    inputs = {role: [given.digest for given in found] for role, found in action.inputs.items()}
    return of_value([action.kind, dict(action.params), inputs, action.seed])


def seconds_spoken(text: str) -> Fraction:
    """How long a calm speaker takes for a line, in tenths of a second; at least half a second.

    Fifteen characters a second is the reading speed that subtitle guidelines assume for adults.
    """
    return max(Fraction(1, 2), Fraction(round(len(text) * 10 / 15), 10))
