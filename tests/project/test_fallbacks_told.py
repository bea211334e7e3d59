"""What is to be known of a model is told before it is needed, also where it is only a fallback."""

from __future__ import annotations

from pathlib import Path

import pytest

from fvbuild.cli.main import entry

FILM = """\
film: {title: Plain, size: 320x180}
targets:
  old: {provider: openai, model: gpt-image-1}
  keyless: {provider: runway, model: gen4_image}
  unused: {provider: stability, model: core}
use: {anchor: [sketch, old, keyless]}
shots: [a keeper climbs]
"""


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "film.yaml").write_text(FILM)
    for name in ("OPENAI_API_KEY", "RUNWAYML_API_SECRET", "STABILITY_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> str:
    both = capsys.readouterr()
    return " ".join((both.out + both.err).split())


def test_a_plan_tells_of_fallbacks(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["plan"]) == 0
    said = told(capsys)
    assert "gpt-image-1 of openai" in said and "retired on" in said
    assert "target 'old': OPENAI_API_KEY is not set" in said
    assert "target 'keyless': RUNWAYML_API_SECRET is not set" in said
    assert "STABILITY_API_KEY" not in said


def test_nothing_is_told_of_what_nobody_will_ask(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(["build"]) == 0
    told(capsys)
    assert entry(["plan"]) == 0
    assert "is not set" not in told(capsys)


def test_a_check_tells_of_fallbacks_that_end(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys are of the machine that builds, and told by its plans."""
    assert entry(["check"]) == 0
    said = told(capsys)
    assert "film.yaml:3:" in said
    assert "gpt-image-1 of openai" in said and "retired on" in said
    assert "is not set" not in said
