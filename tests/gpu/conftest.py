from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

# So small models gain nothing by threads, and lose much where other work wants the processor.
os.environ.setdefault("OMP_NUM_THREADS", "1")

if find_spec("torch") is None or find_spec("diffusers") is None:
    # What is tested here comes with the extra `gpu`; CI installs it.
    collect_ignore_glob = ["*"]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tiny models of this run are saved, each when it is first needed."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def forked_workers(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Within: workers are the test's own, forked from this process; the folder in which each lists
    itself."""
    import forked

    from fvbuild.targets.diffusers import fleet, worker_process

    folder = tmp_path_factory.mktemp("workers")
    fleets: dict[tuple[object, ...], fleet.Fleet] = {}
    monkeypatch.setattr(worker_process, "subprocess", forked.Subprocess())
    monkeypatch.setattr(fleet, "_fleets", fleets)
    monkeypatch.setenv("FVBUILD_TEST_WORKERS", str(folder))
    yield folder
    for each in fleets.values():
        each.stop()
