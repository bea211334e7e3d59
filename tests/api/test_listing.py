"""`fvbuild targets`: what each can do, what it costs, and whether its key is set; never the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fvbuild.cli.main import entry
from fvbuild.targets.registry import hosted

KEY = "key_canary_0123456789"
FILM = """\
film: Harbour
targets:
  pic: {provider: openai, model: gpt-image-1}
  clip: {provider: runway, model: veo3.1_fast, audio: true}
use: {anchor: pic, segment: clip}
shots: [a ferry leaves the quay]
"""


@pytest.fixture(autouse=True)
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "film.yaml").write_text(FILM)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    for name in ("OPENAI_API_KEY", "RUNWAYML_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_films_targets(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (film / ".env").write_text(f"RUNWAYML_API_SECRET={KEY}\n")
    assert entry(["targets"]) == 0
    told = capsys.readouterr().out
    assert KEY not in told
    for line in (
        "costs         0.15 USD a second",
        "key           RUNWAYML_API_SECRET is set",
        "key           OPENAI_API_KEY is not set; keys are had at https://",
        "retired       retired on 2026-10-23; use gpt-image-2",
        "clips         from a first frame, a last frame, text alone; 96 to 192 frames at 24 fps",
    ):
        assert line in told


def test_the_same_as_json(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (film / ".env").write_text(f"RUNWAYML_API_SECRET={KEY}\n")
    assert entry(["targets", "--json"]) == 0
    told = capsys.readouterr().out
    assert KEY not in told
    found = {one["target"]: one for one in json.loads(told)["targets"]}
    assert found["clip"]["cost"] == {"known": True, "text": "0.15 USD a second"}
    assert found["clip"]["keys"][0]["variables"] == ["RUNWAYML_API_SECRET"]
    assert [found[name]["keys"][0]["set"] for name in ("clip", "pic")] == [True, False]
    assert found["pic"]["retired"] == "retired on 2026-10-23; use gpt-image-2"
    assert found["clip"]["probe"] is None
    assert found["clip"]["nodes"] == {"segment": 1}


def test_everything_that_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["targets", "--installed"]) == 0
    told = capsys.readouterr().out
    assert "gen4_turbo" in told
    assert "clips; 0.05 USD a second" in told
    assert entry(["targets", "--installed", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["provider"] for one in found["providers"]} == set(hosted())
    assert "sketch" in {one["target"] for one in found["targets"]}
    assert all(one["models"] for one in found["providers"])


def test_probing_without_a_film(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["targets", "--installed", "--probe"]) == 2
    assert "--probe asks the providers of a film" in capsys.readouterr().err


def test_without_a_key_nobody_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["targets", "--probe"]) == 0
    told = capsys.readouterr().out
    assert told.count("answers       not asked: no key for") == 2
    assert "RUNWAYML_API_SECRET is not set" in told


def test_plans_and_checks_tell_of_keys_and_retired_models(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert entry(["check"]) == 0
    told = capsys.readouterr()
    warning = "target 'pic': gpt-image-1 of openai was retired on 2026-10-23 [retired]"
    assert warning in told.out + told.err
    assert "use gpt-image-2" in told.out + told.err
    assert entry(["plan"]) == 0
    told = capsys.readouterr()
    assert "OPENAI_API_KEY is not set" in told.out
    assert "was retired on 2026-10-23 (use gpt-image-2)" in told.out


def test_targets_that_are_fallbacks_are_listed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "film.yaml").write_text(
        "film: {title: Two}\n"
        "targets:\n"
        "  first: {provider: runway, model: gen4_turbo}\n"
        "  second: {provider: kling, model: kling-v2-1}\n"
        "use: {segment: [first, second]}\n"
        "shots: [a keeper climbs]\n"
    )
    monkeypatch.delenv("KLING_ACCESS_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    assert entry(["targets", "--json"]) == 0
    found = {one["target"]: one for one in json.loads(capsys.readouterr().out)["targets"]}
    assert found["second"]["nodes"] == {}
    assert {"variables": ["KLING_ACCESS_KEY"], "set": False} in [
        {name: key[name] for name in ("variables", "set")} for key in found["second"]["keys"]
    ]
    assert entry(["targets"]) == 0
    assert "second  kling\n  in this film  where another does not make it" in (
        capsys.readouterr().out
    )
