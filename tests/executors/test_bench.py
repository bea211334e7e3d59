"""A worker's bench by itself, without a cluster."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import makers
import pytest

from fvbuild.errors import ExecutorError
from fvbuild.executors.bench import Bench
from fvbuild.executors.parcels import Done, Failed, Needs, Request
from fvbuild.executors.place import refused
from fvbuild.executors.ray_executor import _FromModule


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A bench of which a machine far away knows nothing."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    made = Bench("build", None, [])
    yield made
    made.leave()


def _request(opening: bytes, folder: Path, **params: Any) -> Request:
    return Request("id", opening, "s/a/anchor", "anchor", params, {}, {}, 1, 1, folder / "far")


def test_it_makes_in_a_folder_of_its_own(bench: Bench, tmp_path: Path) -> None:
    opening = pickle.dumps(_FromModule(makers.large))
    answer = bench.make(_request(opening, tmp_path, size_bytes=10_000_000), {})
    assert isinstance(answer, Done)
    (output,) = answer.outputs
    assert output.file is not None
    assert output.file.data is None
    pieces, offset = [], 0
    while piece := bench.read(output.file.name, offset):
        pieces.append(piece)
        offset += len(piece)
    assert offset == output.file.size_bytes == 10_000_000
    assert len(pieces) == 2
    assert not (tmp_path / "far").exists()


def test_what_is_not_installed_there_is_said(bench: Bench, tmp_path: Path) -> None:
    opening = pickle.dumps(_FromModule(makers.describe)).replace(b"makers", b"nakers")
    answer = bench.make(_request(opening, tmp_path), {})
    assert isinstance(answer, Failed)
    error = answer.error()
    assert isinstance(error, ExecutorError)
    assert "No module named 'nakers'" in error.message
    assert error.hint == "install there what is installed here, plug-ins as well"


def test_it_asks_for_what_it_lacks_before_it_begins(bench: Bench, tmp_path: Path) -> None:
    from studios import Studio

    from fvbuild.engine.executor import HERE

    action = Studio(tmp_path, HERE).action(text="a source")
    opening = pickle.dumps(_FromModule(makers.describe))
    request = Request(
        "id", opening, action.node, action.kind, action.params, action.inputs, {}, 1, 1, tmp_path
    )
    (given,) = action.inputs["source"]
    assert bench.make(request, {}) == Needs((given.digest,))
    assert not (tmp_path / "log").exists()


def test_a_cluster_that_refuses_is_quoted_whole() -> None:
    message = """Version mismatch: The cluster was started with:
        Ray: 2.50.0
        Python: 3.12.1
    """
    told = refused("head:6379", message)
    assert "started with: Ray: 2.50.0 Python: 3.12.1" in told.message
    assert "docs/clusters.md" in str(told.hint)
