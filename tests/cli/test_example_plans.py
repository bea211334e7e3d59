"""The plan and graph of the example films, as people see them first."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from fvbuild.cli.main import entry

PROJECTS = Path(__file__).parents[2] / "projects"
FILMS = ("lighthouse", "last-ferry", "commercial")


@pytest.fixture(params=FILMS)
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of an example film, of which nothing is made."""
    source = PROJECTS / request.param
    for path in source.rglob("*"):
        parts = path.relative_to(source).parts
        if path.is_file() and parts[0] not in ("out", "cache") and path.suffix != ".lock":
            target = tmp_path.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize("words", [["plan"], ["graph"], ["graph", "--format", "mermaid"]])
def test_as_told(
    words: list[str], film: Path, snapshot: SnapshotAssertion, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry([*words, "-f", str(film)]) == 0
    assert capsys.readouterr().out == snapshot
