"""Torture: where its parts come from, and how thorough a run is."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Toy films, shops and films of the API tests are used here too.
for _name in ("engine", "project", "api", "shared", "torture/formats"):
    sys.path.insert(0, str(Path(__file__).parents[1] / _name))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of small films are made and thrown away."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        prefix="fvbuild-torture-", dir=memory if memory.is_dir() else None
    ) as name:
        yield Path(name)
        shutil.rmtree(name, ignore_errors=True)


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> bool:
    """True with ``--torture N``: everything, instead of a slice that takes seconds."""
    return bool(request.config.getoption("torture"))
