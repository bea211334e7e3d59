"""Pages that are written from data are those that the data gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("script", ["write_provider_pages.py", "write_family_table.py"])
def test_pages_are_current(script: str) -> None:
    if script == "write_provider_pages.py":
        pytest.importorskip("jmespath", reason="the extra 'api' is not installed")
    done = subprocess.run(
        [sys.executable, DOCS / script, "--check"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}python docs/{script}"
