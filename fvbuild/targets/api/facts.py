"""What a plan needs to know of a provider: plain values, without the words of its requests.

A description is validated by pydantic, which takes a fifth of a second to import; so what plans
need of it is drawn out once, and kept (:mod:`fvbuild.targets.api.known`). These are the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("caption", "motion"),
    "still": ("reference", "plate", "prop", "anchor", "boundary"),
    "sound": ("ambience", "effect"),
}
"""Words that stand for several kinds in ``makes``; a kind's own entry goes before its group's."""


@dataclass(frozen=True, slots=True)
class FreeSize:
    """Any size within limits: in pixels, ``max_ratio`` long to short side."""

    multiple: int
    pixels: int
    max_side: int | None
    max_ratio: float | None


@dataclass(frozen=True, slots=True)
class SettingFacts:
    """What a film may set; see the description's ``Setting``."""

    values: tuple[str | bool | int | float, ...] | None = None
    type: str | None = None
    min: float | None = None
    max: float | None = None
    default: Any = None
    required: bool = False
    key: bool = True
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Retirement:
    """The last day of a model (None: unknown), and what to use instead."""

    on: str | None = None
    successor: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model. ``lengths`` are all it makes, in order, in seconds; none: any will do.

    ``billed`` are the kinds whose refusals may be charged for. ``cards`` are rate cards as JSON.
    ``takes`` are its capabilities by name; ``needs_url``: it takes pictures by public address.
    """

    title: str
    wire: str | None
    kinds: frozenset[str]
    billed: frozenset[str]
    takes: Mapping[str, Any]
    lengths: tuple[float, ...]
    fps: float
    sizes: tuple[str, ...]
    free_size: FreeSize | None
    pixels: int
    max_chars: int | None
    max_tokens: int | None
    needs_url: bool
    settings: Mapping[str, SettingFacts]
    dialect: str
    cards: tuple[Mapping[str, Any], ...]
    retired: Retirement | None


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """A provider. ``credit`` is what one is worth: amount and currency.

    ``secrets`` is name -> environment variables; ``key_optional``: it also works without.
    ``local_url`` is where it is, if it says that it is a server of one's own. ``urls`` and
    ``regions`` are where it is; see :class:`fvbuild.targets.api.trusting.Homes`.
    """

    name: str
    title: str
    secrets: Mapping[str, tuple[str, ...]]
    key_optional: bool
    get_key: str | None
    local_url: str | None
    concurrency: int
    credit: tuple[float, str] | None
    probes: bool
    urls: tuple[str, ...]
    regions: tuple[str, ...]
    models: Mapping[str, ModelFacts]
    path: Path = field(default=Path(), compare=False)
    own: bool = False


def as_json(facts: ProviderFacts) -> dict[str, Any]:
    """The facts as JSON, but for where they are from."""
    told = {key: value for key, value in _told(facts).items() if key not in ("path", "own")}
    told["models"] = {id_: _of_model(model) for id_, model in facts.models.items()}
    return told


def from_json(told: Mapping[str, Any], path: Path, *, own: bool) -> ProviderFacts:
    """The facts that :func:`as_json` wrote. Raises KeyError, TypeError and ValueError."""
    credit = told["credit"]
    return ProviderFacts(
        **{
            **told,
            "secrets": {name: tuple(names) for name, names in told["secrets"].items()},
            "urls": tuple(told["urls"]),
            "regions": tuple(told["regions"]),
            "credit": (float(credit[0]), str(credit[1])) if credit is not None else None,
            "models": {id_: _model(model) for id_, model in told["models"].items()},
        },
        path=path,
        own=own,
    )


def _told(part: Any) -> dict[str, Any]:
    return {each.name: getattr(part, each.name) for each in fields(part)}


def _of_model(model: ModelFacts) -> dict[str, Any]:
    return {
        **_told(model),
        "kinds": sorted(model.kinds),
        "billed": sorted(model.billed),
        "free_size": asdict(model.free_size) if model.free_size is not None else None,
        "settings": {name: asdict(setting) for name, setting in model.settings.items()},
        "retired": asdict(model.retired) if model.retired is not None else None,
    }


def _model(told: Mapping[str, Any]) -> ModelFacts:
    free, retired = told["free_size"], told["retired"]
    return ModelFacts(
        **{
            **told,
            "kinds": frozenset(told["kinds"]),
            "billed": frozenset(told["billed"]),
            "lengths": tuple(told["lengths"]),
            "sizes": tuple(told["sizes"]),
            "free_size": FreeSize(**free) if free is not None else None,
            "settings": {name: _setting(each) for name, each in told["settings"].items()},
            "cards": tuple(told["cards"]),
            "retired": Retirement(**retired) if retired is not None else None,
        }
    )


def _setting(told: Mapping[str, Any]) -> SettingFacts:
    values = told["values"]
    return SettingFacts(**{**told, "values": tuple(values) if values is not None else None})
