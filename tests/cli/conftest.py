"""A film that builds in about a second, and the program run on it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from telling import Tell, Told

from fvbuild.cli.main import entry

FILM = """\
film: {title: Tiny, size: 320x180}
use: {anchor: placeholder, segment: placeholder, speech: placeholder}
characters:
  ann: {look: tall woman, wardrobe: {red: red coat}}
scenes:
  - id: pier
    wardrobe: {ann: red}
    shots:
      - {id: one, action: a boat, camera: pan left, duration: 1s, takes: {anchor: 2}}
      - {id: two, first_frame: a rock, action: a gull, duration: 1s, characters: [ann]}
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """The folder of a film of two shots."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "film.yaml").write_text(FILM)
    return folder


@pytest.fixture
def run(film: Path) -> Run:
    """Run the program in the film's folder, as a process of its own."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fvbuild.cli.main", *words],
            cwd=film,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def tell(film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Run a command in the film's folder within this process, which is quicker than ``run``."""
    monkeypatch.chdir(film)

    def tell(*words: str) -> Told:
        capsys.readouterr()
        code = entry([*words])
        return Told(code, *capsys.readouterr())

    return tell


@pytest.fixture
def edit(film: Path) -> Callable[[str, str], None]:
    """Change one place of the film."""

    def edit(old: str, new: str) -> None:
        path = film / "film.yaml"
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    return edit
