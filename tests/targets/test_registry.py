"""Targets are found by name: built-ins at once, plug-ins by entry point, others with advice."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from fvbuild.engine.digest import Json
from fvbuild.errors import TargetError, UsageError
from fvbuild.targets import registry

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


class Plugged:
    def __init__(self, name: str, settings: Mapping[str, Json]) -> None:
        self.name, self.settings = name, settings


def install(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    points = EntryPoints([EntryPoint("painter", value, registry.GROUP)])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)


def test_built_ins_are_what_the_package_registers() -> None:
    declared = tomllib.loads(PYPROJECT.read_text())["project"]["entry-points"][registry.GROUP]
    assert dict(registry.BUILT_IN) == declared


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_built_ins_need_no_declaration_and_no_installed_metadata(name: str) -> None:
    program = (
        "import sys\n"
        "from fvbuild.targets.registry import create_target\n"
        f"print(sorted(create_target({name!r}).capabilities.kinds)[0])\n"
        "assert 'importlib.metadata' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_a_declared_target_is_made_by_its_provider() -> None:
    made = registry.create_target("scribble", {"provider": "placeholder"})
    assert made.identity == registry.create_target("placeholder").identity


def test_a_plug_in_gets_its_name_and_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, f"{__name__}:Plugged")
    made = registry.create_target("oil", {"provider": "painter", "brush": 3})
    assert isinstance(made, Plugged)
    assert (made.name, made.settings) == ("oil", {"brush": 3})
    assert "painter" in registry.providers()


def test_a_plug_in_that_does_not_load_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "no_such_package_of_ours:create")
    with pytest.raises(registry.ProviderAbsentError, match=r"'oil'.*'painter'.*no_such_package"):
        registry.create_target("oil", {"provider": "painter"})


EXTRAS = {"google": ("jmespath", "api"), "runway": ("httpx", "api"), "diffusers": ("torch", "gpu")}


@pytest.mark.parametrize("provider", EXTRAS)
def test_a_provider_whose_extra_is_missing_says_what_brings_it(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, extra = EXTRAS[provider]
    there = importlib.util.find_spec

    def find_spec(name: str, of: str | None = None) -> ModuleSpec | None:
        return None if name == package else there(name, of)

    monkeypatch.setattr("importlib.util.find_spec", find_spec)
    monkeypatch.setattr(registry, "find_spec", find_spec)
    with pytest.raises(TargetError) as caught:
        registry.create_target("flux", {"provider": provider, "model": "m"})
    assert "'flux'" in caught.value.message and package in caught.value.message
    assert f"pip install 'fvbuild[{extra}]'" in f"{caught.value.message} {caught.value.hint}"


def test_a_misspelt_provider_is_a_usage_error_with_a_suggestion() -> None:
    with pytest.raises(UsageError) as caught:
        registry.create_target("flux", {"provider": "difusers"})
    assert caught.value.hint == "did you mean 'diffusers'?"
    with pytest.raises(UsageError) as caught:
        registry.create_target("scetch")
    assert caught.value.hint == "did you mean 'sketch'?"


def test_an_undeclared_target_is_told_how_to_declare_it() -> None:
    with pytest.raises(UsageError, match="no target 'zzzz'") as caught:
        registry.create_target("zzzz")
    assert "targets:" in (caught.value.hint or "")


def test_a_provider_that_is_no_name_is_refused() -> None:
    with pytest.raises(UsageError, match="provider is a name"):
        registry.create_target("flux", {"provider": 3})


def test_an_unknown_setting_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match="no setting 'speed'"):
        registry.create_target("placeholder", {"speed": 3})
