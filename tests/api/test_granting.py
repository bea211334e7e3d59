"""A film of somebody else brings a provider of its own: it gets no key meant for others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from acme import png
from odd_server import Got, Say, serving

from fvbuild.cli.main import entry
from fvbuild.targets.api import granting
from fvbuild.targets.api.load import faults_of, load, shipped
from fvbuild.targets.api.place import Place, ProviderPlace

KEY = "sk-canary-of-the-user-0123456789"

FILM = """\
film: {title: Fork, size: 320x180}
targets: {hosted: {provider: ./evil.yaml, model: m}}
use: {anchor: hosted}
shots: [a keeper climbs]
"""
EVIL: dict[str, Any] = {
    "provider": "evil",
    "base_url": "https://api.evil.example/v1",
    "auth": {
        "secrets": {"key": ["OPENAI_API_KEY"]},
        "headers": {"Authorization": "Bearer {{ secrets.key }}"},
    },
    "calls": {
        "draw": {"submit": {"path": "/draw", "json": {}, "read": "bytes"}, "result": {"body": True}}
    },
    "models": {"m": {"makes": {"still": "draw"}}},
}


def picture(_got: Got) -> Say:
    return Say(body=png((320, 180)), headers={"content-type": "image/png"})


@pytest.fixture
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "film.yaml").write_text(FILM)
    (tmp_path / "evil.yaml").write_text(json.dumps(EVIL))
    for name in ("OPENAI_API_KEY", "EVIL_KEY", "GITHUB_TOKEN", "STUDIO_KEY"):
        monkeypatch.setenv(name, f"{KEY}-{name}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_film_that_sends_another_providers_key_home_gets_none(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(picture) as server:
        granted = {"base_url": server.url}
        (fork / "fvbuild.yaml").write_text(json.dumps({"providers": {"evil": granted}}))
        assert entry(["plan"]) == 0
        assert "OPENAI_API_KEY is not given to evil" in capsys.readouterr().out
        assert entry(["build"]) == 1
        told = capsys.readouterr()
        assert "OPENAI_API_KEY is not given to evil" in told.out + told.err
        assert "secrets: {key: secret://OPENAI_API_KEY}" in told.out + told.err
        capsys.readouterr()
        assert entry(["targets", "--probe"]) == 0
        assert "OPENAI_API_KEY (not granted) is not set" in capsys.readouterr().out
        assert server.got == []
        granted["secrets"] = {"key": "secret://OPENAI_API_KEY"}  # type: ignore[assignment]  # the user says so
        (fork / "fvbuild.yaml").write_text(json.dumps({"providers": {"evil": granted}}))
        assert entry(["build"]) == 0
        assert [got.headers["authorization"] for got in server.got] == [
            f"Bearer {KEY}-OPENAI_API_KEY"
        ]


OTHERS = {"studio": ProviderPlace(secrets={"key": "STUDIO_KEY"})}


@pytest.mark.parametrize(
    ("provider", "variable", "providers", "may"),
    [
        ("evil", "EVIL_KEY", {}, True),
        ("my-lab.2", "MY_LAB_2_TOKEN", {}, True),
        ("evil", "OPENAI_API_KEY", {}, False),
        ("evil", "EVILER_KEY", {}, False),
        ("evil", "PATH", {}, False),
        ("evil", "OPENAI_API_KEY", {"evil": ProviderPlace(secrets={"key": "OTHER"})}, False),
        # A name chosen for the variables that begin with it.
        ("hf", "HF_TOKEN", {}, False),
        ("runwayml", "RUNWAYML_API_SECRET", {}, False),
        ("ai", "AI_GATEWAY_API_KEY", {}, False),
        ("OpenAI", "OPENAI_API_KEY", {}, False),
        ("github", "GITHUB_TOKEN", {}, False),
        ("aws", "AWS_SECRET_ACCESS_KEY", {}, False),
        ("fvbuild", "FVBUILD_SIGNING_KEY", {}, False),
        ("studio", "STUDIO_KEY", {"openai": OTHERS["studio"]}, False),
        ("studio", "STUDIO_KEY", OTHERS, True),
        ("openai", "OPENAI_API_KEY", {}, True),
    ],
)
def test_a_variable_is_its_own_or_granted(
    provider: str, variable: str, providers: Mapping[str, ProviderPlace], may: bool
) -> None:
    place = Place(Path(), providers=providers)
    found = granting.variables(provider, {"key": [variable]}, place)
    assert (variable in found.of["key"]) is may


def test_of_several_variables_those_of_others_are_left_out() -> None:
    found = granting.variables("evil", {"key": ["OPENAI_API_KEY", "EVIL_KEY"]}, Place(Path()))
    assert (found.of["key"], found.problem) == (("EVIL_KEY",), "")


def test_every_variable_of_a_shipped_provider_is_known_as_such() -> None:
    used = {
        variable
        for name in shipped()
        for names in load(name).description.auth.secrets.values()
        for variable in names
    }
    assert len(used) > 20
    assert used <= granting.of_shipped()


def test_no_file_of_a_film_is_called_as_a_shipped_provider(fork: Path) -> None:
    """What fvbuild.yaml says of ``openai`` is said of the one that is known."""
    for name in ("openai", "google"):
        path = fork / f"{name}.yaml"
        path.write_text(json.dumps({**EVIL, "provider": name}))
        (fault,) = faults_of(path, path.name)
        assert f"'{name}' comes with fvbuild" in fault.message


def test_what_is_on_this_network_is_not_for_a_film_to_say(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    auth = {**EVIL["auth"], "secrets": {"key": ["EVIL_KEY"]}}
    with serving(picture) as server:
        local = {**EVIL, "auth": auth, "local": True, "base_url": server.url}
        (fork / "evil.yaml").write_text(json.dumps(local))
        assert entry(["plan"]) == 0
        told = re.sub(r"\s+", " ", capsys.readouterr().out)
        assert f"evil is a server of your own network at {server.url}" in told
        assert f"providers: {{evil: {{base_url: {server.url}}}}}" in told
        assert entry(["build"]) == 1
        assert "is not fetched" in capsys.readouterr().err
        assert server.got == []
        place = {"providers": {"evil": {"base_url": server.url}}}
        (fork / "fvbuild.yaml").write_text(json.dumps(place))
        assert entry(["plan"]) == 0
        assert "of your own network" not in capsys.readouterr().out
        assert entry(["build"]) == 0
        assert len(server.got) == 1


def test_without_a_key_a_local_server_of_a_film_is_not_asked_either(fork: Path) -> None:
    with serving(picture) as server:
        plain = {key: value for key, value in EVIL.items() if key != "auth"}
        local = {**plain, "local": True, "base_url": server.url}
        (fork / "evil.yaml").write_text(json.dumps(local))
        assert entry(["build"]) == 1
        assert server.got == []
