"""What the tests of shared stores share."""

from __future__ import annotations

from pathlib import Path

import pytest
from machines import Studio


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """A shared store in memory with one machine."""
    return Studio(tmp_path, monkeypatch)
