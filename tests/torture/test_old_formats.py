"""Films that every released version left behind: an upgrade makes nothing again, and forgets
nothing."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from fvbuild import __version__
from fvbuild.engine.events import Act, Did
from fvbuild.project import Project

FORMATS = Path(__file__).parent / "formats"
VERSIONS = sorted(path.parent.name for path in FORMATS.glob("*/film.tar.gz"))
PROFILES = (None, "draft")


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest, folder: Path) -> tuple[Path, Any]:
    """A film as a version left it, and what that version made of it."""
    name = request.param
    with tarfile.open(FORMATS / name / "film.tar.gz") as tar:
        tar.extractall(folder / name, filter="data")
    return folder / name, json.loads((FORMATS / name / "expected.json").read_text())


def test_this_version_is_among_them() -> None:
    assert __version__ in VERSIONS, "run tests/torture/formats/write_format.py"


@pytest.mark.parametrize("profile", PROFILES)
def test_an_upgrade_plans_what_the_version_planned(
    version: tuple[Path, Any], profile: str | None
) -> None:
    from write_format import UNKNOWN, seen

    film, expected = version
    found = seen(film, profile)
    assert found == expected[str(profile)]
    actions = set(found["plan"].values())
    assert actions <= {Act.REUSE.value, Act.HELD.value}, "zero rebuilds"
    if profile is None:
        assert Act.HELD.value in actions
        statuses = {status for _, status, _ in found["decisions"].values()}
        assert statuses >= {"made", "chosen", "approved", "adopted"}
        assert found["unresolved"] == [UNKNOWN]


@pytest.mark.parametrize("profile", PROFILES)
def test_an_upgrade_builds_nothing_and_leaves_the_lock_alone(
    version: tuple[Path, Any], profile: str | None
) -> None:
    film, _ = version
    lock = film / (f"film.{profile}.lock" if profile else "film.lock")
    before = lock.read_bytes()
    shown = {path: path.read_bytes() for path in (film / "out").rglob("*.*") if path.is_file()}
    project = Project.open(film, profile)
    report = project.build()
    project.state.close()
    assert {result.action for result in report.results} <= {Did.REUSED, Did.HELD}
    assert lock.read_bytes() == before
    assert all(path.read_bytes() == data for path, data in shown.items())


def test_a_clone_of_it_generates_nothing(version: tuple[Path, Any]) -> None:
    """Lock and artifacts alone; the state is gone, what was bought and not made is known still."""
    film, expected = version
    for state in (film / "cache").glob("state.sqlite3*"):
        state.unlink()
    shutil.rmtree(film / "out")
    project = Project.open(film)
    kinds = {node.id: node for node in project.graph}
    report = project.build()
    unresolved = [purchase.node for purchase in project.unresolved()]
    project.state.close()
    built = [result.node for result in report.results if result.action is Did.BUILT]
    assert built, "what is worked out here is made again"
    assert [node for node in built if kinds[node].target and kinds[node].text is None] == []
    assert unresolved == expected["None"]["unresolved"]
