"""A small Ray cluster for the tests of one process, and executors to be tested alike."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import makers
import pytest
from studios import Executors, Studio, needs_ray

from fvbuild.engine.executor import HERE, Executor

SOON = {
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 2000,
    "health_check_failure_threshold": 3,
}
"""When a machine is taken for lost: sooner than on a network."""

HERE_, NEAR, SENT = "here", "ray, shared folders", "ray, files sent"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """Two machines with processors enough, as Ray is told; one of them has a GPU, it believes.
    Their workers import the makers of these tests."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "RAY_USAGE_STATS_ENABLED")}
    os.environ["PYTHONPATH"] = str(Path(makers.__file__).parent)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    quiet = {"include_dashboard": False, "object_store_memory": 200 << 20}
    # Sockets lie in it, whose names may have 100 characters.
    folder = tempfile.mkdtemp(prefix="fvr-", dir="/tmp")
    head = {"num_cpus": 6, "_system_config": SOON, "temp_dir": folder, **quiet}
    made = Cluster(initialize_head=True, head_node_args=head)
    made.add_node(num_cpus=6, num_gpus=1, object_store_memory=200 << 20)
    try:
        yield made
    finally:
        made.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture(scope="session")
def lasting(
    cluster: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Executor]]:
    """The executors that most tests share: to start a worker takes longer than most of them."""
    executors = Executors(cluster.address, tmp_path_factory.mktemp("lasting"))
    yield {way: executors.open(share=way == NEAR) for way in (NEAR, SENT)}
    executors.close()


@pytest.fixture
def executors(cluster: Any, tmp_path: Path) -> Iterator[Executors]:
    """Makes executors of a test's own, and closes them."""
    made = Executors(cluster.address, tmp_path)
    yield made
    made.close()


@pytest.fixture(params=[HERE_, pytest.param(NEAR, marks=needs_ray),
                        pytest.param(SENT, marks=needs_ray)])  # fmt: skip
def studio(request: pytest.FixtureRequest, tmp_path: Path) -> Studio:
    """A studio of each executor that there is."""
    if request.param == HERE_:
        return Studio(tmp_path, HERE)
    return Studio(tmp_path, request.getfixturevalue("lasting")[request.param])
