"""Films that are expanded where nothing is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from naive_build import Painter, graph_of
from small_films import HEAD, Expanded, made_by

from fvbuild.engine.graph import Graph


@pytest.fixture
def expanded(tmp_path: Path) -> Expanded:
    """Expands a film in a folder of its own."""

    def expanded(text: str, **more: Painter) -> Graph:
        whole = text if text.startswith("film:") else HEAD + text
        return graph_of(whole, tmp_path, made_by(**more))

    return expanded
