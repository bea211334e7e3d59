"""Where this film is built: what of the workspace the API targets need, and no key ever sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.targets.api.secrets import Secrets

if TYPE_CHECKING:
    from fvbuild.targets.api.publishing import Publishing
    from fvbuild.targets.diffusers.devices import GpuPlace


@dataclass(frozen=True, slots=True)
class ProviderPlace:
    """What ``fvbuild.yaml`` says of one provider; None and empty: as its description has it.

    ``secrets`` is the description's name of a secret -> the environment variable that holds it.
    ``publish`` is where pictures are shown to providers that fetch them.
    """

    base_url: str | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    concurrency: int | None = None
    requests_per_minute: int | None = None
    timeout_s: float | None = None
    poll_every_s: float | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    publish: Publishing | None = None


def _as_estimated(_provider: str, _model: str, _kind: str) -> float:
    return 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """The surroundings of a film's API targets.

    ``limits_folder`` is shared by all builds of a user (None: each process keeps its own limits).
    ``receipts`` gives, for provider, model and kind, what things cost over what was estimated.
    ``trusted`` are the hosts that the user has allowed keys to go to. ``asks`` is False where
    nobody may be asked, and no file outside of the film's folder be read.
    """

    film_folder: Path
    providers: Mapping[str, ProviderPlace] = field(default_factory=dict)
    limits_folder: Path | None = None
    secrets: Secrets = field(default_factory=Secrets)
    receipts: Callable[[str, str, str], float] = _as_estimated
    gpu: GpuPlace | None = None
    trusted: frozenset[str] = frozenset()
    asks: bool = True

    def provider(self, name: str) -> ProviderPlace:
        """What the workspace says of a provider; nothing, if nothing."""
        return self.providers.get(name, ProviderPlace())
