"""Finds targets: built-in ones by a table, hosted models by description, plug-ins by entry point.

Built-ins and plug-ins register in the same entry-point group. Reading installed metadata costs
30 ms, more than the rest of a short command, so what ships with the program is found without it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from fvbuild.engine.digest import Json
from fvbuild.engine.target import Target
from fvbuild.errors import SettingError, TargetError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from fvbuild.targets.api.place import Place

GROUP = "fvbuild.targets"
"""The entry-point group; a factory is called with the target's name and its settings."""

BUILT_IN: Mapping[str, str] = {
    "template": "fvbuild.targets.template:create",
    "sketch": "fvbuild.targets.sketch:create",
    "placeholder": "fvbuild.targets.placeholder:create",
}
"""Provider -> factory, equal to the program's own entry points. Each is also a target's name which
a film may use without declaring it."""

LOCAL_MODELS = "diffusers"
"""The provider whose models run on this machine; its targets are told of the place as well."""

_API = "fvbuild.targets.api"
_API_NEEDS = ("httpx", "jmespath")

Factory = Callable[[str, Mapping[str, Json]], Target]


class ProviderAbsentError(TargetError):
    """The film names a provider that is known and not installed: its nodes are blocked."""


def create_target(
    name: str,
    settings: Mapping[str, Json] | None = None,
    place: Callable[[], Place] | None = None,
    kinds: Collection[str] = (),
) -> Target:
    """The target called ``name`` in a film, configured by ``settings`` (``provider`` and its own).

    A target without settings is the built-in of that name. ``place`` tells hosted models where the
    film is built; it is asked for by no others. ``kinds`` are those that the film has it make.
    Raises ProviderAbsentError when the provider is known and not installed, SettingError when
    nothing is known of it or its settings are wrong, ManifestError when a provider's description
    is.
    """
    given = dict(settings or {})
    provider = given.pop("provider", name)
    if not isinstance(provider, str):
        message = f"target '{name}': the provider is a name, not {provider!r}"
        raise SettingError(message, "provider")
    if provider not in BUILT_IN and is_described(provider):
        return _hosted(provider, name, given, place, kinds)
    if provider == LOCAL_MODELS:
        factory = import_module("fvbuild.targets.diffusers").create
        made: Target = factory(name, given, place() if place is not None else None)
        return made
    return _factory(provider, name)(name, given)


def is_described(provider: str) -> bool:
    """Whether a provider is a description: a shipped one by its name, or a file of the film's."""
    return provider.endswith((".yaml", ".yml")) or provider in hosted()


@cache
def hosted() -> tuple[str, ...]:
    """The providers whose descriptions are shipped, sorted; one look at a folder."""
    folder = Path(__file__).parent / "api" / "providers"
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def _hosted(
    provider: str,
    name: str,
    settings: Mapping[str, Json],
    place: Callable[[], Place] | None,
    kinds: Collection[str],
) -> Target:
    missing = [package for package in _API_NEEDS if find_spec(package) is None]
    if missing:
        raise ProviderAbsentError(
            f"target '{name}' needs {' and '.join(missing)}, which is not installed: "
            "pip install 'fvbuild[api]'",
            hint="until then use another target, as in a profile with "
            "`use: {anchor: sketch, segment: sketch}`",
        )
    factory = import_module(f"{_API}.target").create
    here = place() if place is not None else None
    made: Target = factory(name, settings, here, provider, kinds)
    return made


def providers() -> list[str]:
    """Every provider whose name alone is a target, built in or plugged in, sorted."""
    return sorted({*BUILT_IN, *(point.name for point in _entry_points())})


def _factory(provider: str, target: str) -> Factory:
    if provider in BUILT_IN:
        module, _, attribute = BUILT_IN[provider].partition(":")
        return cast(Factory, getattr(import_module(module), attribute))
    for point in _entry_points():
        if point.name == provider:
            try:
                return cast(Factory, point.load())
            except (ImportError, AttributeError) as error:
                raise ProviderAbsentError(
                    f"target '{target}': the provider '{provider}' cannot be loaded: {error}",
                    hint="install the package that brings it again, with all it needs",
                ) from error
    raise _missing(provider, target)


def _entry_points() -> list[EntryPoint]:
    from importlib.metadata import entry_points

    return sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))


def _missing(provider: str, target: str) -> TargetError | SettingError:
    from difflib import get_close_matches

    if provider == target:
        what = f"there is no target '{target}'"
        hint = f"declare it under `targets:`, or use one of {', '.join(sorted(BUILT_IN))}"
    else:
        what = f"target '{target}': unknown provider '{provider}'"
        hint = f"installed here: {', '.join([*providers(), *hosted()])}; a file: ./{provider}.yaml"
    near = get_close_matches(provider, [*providers(), *hosted(), LOCAL_MODELS], n=1)
    return SettingError(what, "provider", hint=f"did you mean '{near[0]}'?" if near else hint)
