"""Targets and providers as they are listed: plain values, for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fvbuild.engine.digest import Json
from fvbuild.engine.target import Capabilities


@dataclass(frozen=True, slots=True)
class ListedKey:
    """The environment variables that a provider's key is looked for in, and whether one is set.

    Never the key itself. ``get`` is where one is had; ``optional``: it also works without.
    ``goes_to`` are the hosts that get it and are not known to be the provider's own; ``refused``
    those of them that the user has not allowed, so that nothing is asked there.
    """

    variables: tuple[str, ...]
    is_set: bool
    optional: bool = False
    get: str = ""
    goes_to: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """The same as JSON."""
        return {
            "variables": [*self.variables],
            "set": self.is_set,
            "optional": self.optional,
            "get": self.get or None,
            "goes_to": [*self.goes_to],
            "refused": [*self.refused],
        }


@dataclass(slots=True)
class Listed:
    """A target as it is listed. ``missing`` says why it cannot be used here.

    ``cost`` is in words, "" where it is unknown, None where it costs nothing. ``retired`` says what
    there is to say. ``probe`` is a word and a message: how its provider answered, or a try of it
    went. ``about`` is what it says of itself, by what is spoken of.
    """

    name: str
    provider: str
    makes: dict[str, int] = field(default_factory=dict)
    identity: Mapping[str, Json] = field(default_factory=dict)
    pool: str = ""
    capabilities: Capabilities | None = None
    missing: str = ""
    cost: str | None = None
    keys: tuple[ListedKey, ...] = ()
    retired: str = ""
    probe: tuple[str, str] | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        """The same as JSON."""
        return {
            "target": self.name,
            "provider": self.provider,
            "identity": dict(self.identity),
            "pool": self.pool or None,
            "nodes": {**self.makes},
            "missing": self.missing or None,
            "cost": {"known": self.cost != "", "text": self.cost or None},
            "keys": [key.as_json() for key in self.keys],
            "retired": self.retired or None,
            "probe": {"word": self.probe[0], "message": self.probe[1]} if self.probe else None,
            "about": {**self.about},
            "capabilities": _capabilities(self.capabilities),
        }


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model of a provider: what it makes, what it costs in words ("": unknown), its end."""

    id: str
    title: str
    kinds: tuple[str, ...]
    cost: str
    retired: str = ""

    def as_json(self) -> dict[str, Json]:
        """The same as JSON."""
        return {
            "model": self.id,
            "title": self.title,
            "kinds": [*self.kinds],
            "cost": self.cost or None,
            "retired": self.retired or None,
        }


@dataclass(frozen=True, slots=True)
class ListedProvider:
    """A provider whose description is installed."""

    name: str
    title: str
    keys: tuple[ListedKey, ...]
    models: tuple[ListedModel, ...]

    def as_json(self) -> dict[str, Json]:
        """The same as JSON."""
        return {
            "provider": self.name,
            "title": self.title,
            "keys": [key.as_json() for key in self.keys],
            "models": [model.as_json() for model in self.models],
        }


@dataclass(frozen=True, slots=True)
class Installed:
    """What is there without a film: targets by their name alone, and providers of models."""

    targets: Sequence[Listed]
    providers: Sequence[ListedProvider]


def _capabilities(can: Capabilities | None) -> Json:
    if can is None:
        return None
    return {
        "kinds": [*sorted(can.kinds)],
        "first_frame": can.first_frame,
        "last_frame": can.last_frame,
        "text_to_video": can.text_to_video,
        "references": can.references,
        "edits": can.edits,
        "masks": can.masks,
        "controls": can.controls,
        "hears_dialogue": can.hears_dialogue,
        "rate_fps": can.rate_fps,
        "frames": [*can.frames],
    }
