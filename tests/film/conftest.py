from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fvbuild.film.diagnostics import Diagnostic, FilmFaults
from fvbuild.film.load import Loaded, load

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes film.yaml and further files into an empty folder; gives the film's path."""

    def write_files(text: str, **files: str) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
        film = tmp_path / "film.yaml"
        film.write_text(text, "utf-8")
        return film

    return write_files


@pytest.fixture
def loaded(write: Write) -> Callable[..., Loaded]:
    """Loads a film given as text."""

    def load_text(text: str, profile: str | None = None, **files: str) -> Loaded:
        return load(write(text, **files), profile)

    return load_text


@pytest.fixture
def faults(write: Write) -> Callable[..., list[Diagnostic]]:
    """The diagnostics of a film that must not load."""

    def faults_of(text: str, profile: str | None = None, **files: str) -> list[Diagnostic]:
        with pytest.raises(FilmFaults) as caught:
            load(write(text, **files), profile)
        return caught.value.diagnostics

    return faults_of
