"""What a cluster adds: machines that are lost, not there yet, or of another make."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import makers
import pytest
from studios import Executors, Studio, needs_ray

from fvbuild import __version__
from fvbuild.engine.executor import Maker
from fvbuild.errors import ExecutorError, Interrupted, TargetError
from fvbuild.executors import ray_executor
from fvbuild.executors.place import RayPlace, obstacle

pytestmark = needs_ray

RENDER = {"cpu": {"CPU": 0.1, "render": 1.0}}


@pytest.fixture
def studio(executors: Executors, tmp_path: Path) -> Studio:
    """A studio whose workers are found on machines that a test adds."""
    return Studio(tmp_path, executors.open(resources=RENDER))


@pytest.fixture
def machines(cluster: Any) -> Iterator[Any]:
    """Adds machines to the cluster, which are taken away again."""
    added: list[Any] = []

    def add(**what: Any) -> Any:
        added.append(cluster.add_node(num_cpus=1, object_store_memory=100 << 20, resources=what))
        return added[-1]

    yield add
    for machine in added:
        if machine in cluster.list_all_nodes():
            cluster.remove_node(machine)


def _made(studio: Studio, maker: Any, *nodes: str, **params: Any) -> list[Any]:
    with ThreadPoolExecutor(len(nodes)) as threads:
        jobs = [
            threads.submit(studio.executor.make, Maker(maker), studio.action(node, **params))
            for node in nodes
        ]
        return [job.result() for job in jobs]


def _wait(there: Any, seconds: float = 30) -> None:
    deadline_s = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline_s, "it did not come about"
        time.sleep(0.05)


def test_it_waits_for_a_machine_and_says_so(studio: Studio, machines: Any) -> None:
    with ThreadPoolExecutor(1) as threads:
        making = threads.submit(studio.executor.make, Maker(makers.describe), studio.action())
        _wait(lambda: studio.told)
        assert "waits for a machine with" in studio.told[0][1]
        assert "1 render" in studio.told[0][1]
        assert not making.done()
        machines(render=1)
        assert making.result(60).outputs


def test_who_waits_for_a_machine_can_be_stopped(studio: Studio) -> None:
    threading.Timer(1.5, studio.stop.set).start()
    with pytest.raises(Interrupted):
        studio.executor.make(Maker(makers.describe), studio.action())
    assert studio.told


def test_a_lost_machine_costs_what_was_on_it(
    studio: Studio, machines: Any, cluster: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two takes are under way, one on each machine; one machine goes, and its take alone runs
    twice. What was made before is not made again, and nothing is printed among the results."""
    first = machines(render=1)
    _made(studio, makers.steps, "s/before/anchor", steps=1)
    capfd.readouterr()
    machines(render=1)
    with ThreadPoolExecutor(2) as threads:
        jobs = [
            threads.submit(studio.executor.make, Maker(makers.steps), studio.action(node, steps=60))
            for node in ("s/one/anchor", "s/two/anchor")
        ]
        _wait(lambda: sum(word == "began" for _, word, _ in studio.ran()) == 3)
        process = next(number for node, _, number in studio.ran() if node == "s/before/anchor")
        on_first = [node for node, _, number in studio.ran() if number == process][-1]
        cluster.remove_node(first, allow_graceful=False)
        assert all(job.result(90).outputs for job in jobs)
    began = [node for node, word, _ in studio.ran() if word == "began"]
    assert began.count("s/before/anchor") == 1
    assert sorted(began.count(node) for node in ("s/one/anchor", "s/two/anchor")) == [1, 2]
    assert began.count(on_first) == 2
    assert any("lost its machine" in words for _, words in studio.told)
    out, err = capfd.readouterr()
    assert out == ""
    assert "raylet" not in err


def test_a_worker_that_dies_is_replaced(executors: Executors, tmp_path: Path) -> None:
    studio = Studio(tmp_path, executors.open())
    (made,) = _made(studio, makers.die_once, "s/a/anchor", mark=str(tmp_path / "mark"))
    assert made.outputs
    assert [word for _, word, _ in studio.ran()] == ["began", "began", "made"]


def test_what_kills_every_worker_fails_in_words(executors: Executors, tmp_path: Path) -> None:
    studio = Studio(tmp_path, executors.open())
    with pytest.raises(ExecutorError, match="s/a/anchor: its machine was lost 3 times"):
        _made(studio, makers.die, "s/a/anchor")
    assert len(studio.ran()) == 3
    assert _made(studio, makers.describe, "s/b/anchor")


def test_who_does_not_listen_is_ended(
    executors: Executors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fvbuild.executors.asking._STOP_WAIT_S", 0.5)
    studio = Studio(tmp_path, executors.open())
    threading.Timer(1.0, studio.stop.set).start()
    with pytest.raises(Interrupted):
        _made(studio, makers.deaf, "s/a/anchor")


def test_another_fvbuild_is_refused(
    executors: Executors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_executor, "__version__", "99.1")
    studio = Studio(tmp_path, executors.open())
    with pytest.raises(ExecutorError) as caught:
        _made(studio, makers.describe, "s/a/anchor")
    assert f"has fvbuild {__version__}; this one has fvbuild 99.1" in caught.value.message
    assert caught.value.hint is not None
    assert "pip install 'fvbuild[ray]==99.1'" in caught.value.hint


def test_a_machine_without_fvbuild_is_told_of() -> None:
    """The worker begins as code that needs nothing installed but Ray."""
    import ray

    from fvbuild.executors import door

    ray.cloudpickle.register_pickle_by_value(door)
    try:
        sent = ray.cloudpickle.dumps(door.Door)
    finally:
        ray.cloudpickle.unregister_pickle_by_value(door)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_FVBUILD], input=sent, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == "has no fvbuild"


WITHOUT_FVBUILD = """
import pickle, sys, types
sys.modules["fvbuild"] = None
import ray
ray.get_runtime_context = lambda: types.SimpleNamespace(get_node_id=lambda: "a node")
door = pickle.load(sys.stdin.buffer)()
print(door.enter("1.0", "build", None, None)["unfit"])
"""


def test_gpu_workers_keep_their_models(executors: Executors, tmp_path: Path) -> None:
    """One GPU, two targets: the worker of a GPU makes what it holds the model for."""
    studio = Studio(tmp_path, executors.open())
    for name in ("flux", "flux", "wan", "wan", "flux"):
        target = makers.ToyTarget(name)
        studio.executor.make(Maker(target.make, "gpu", name), studio.action())
    loads = [word for _, word, _ in studio.ran() if word.startswith("loads")]
    assert loads == ["loads-flux", "loads-wan"]
    assert len({process for _, _, process in studio.ran()}) == 1


def test_pools_ask_for_what_they_need() -> None:
    place = RayPlace(resources={"cpu": {"CPU": 2}}, per_gpu_slot=2)
    assert place.asked_for("cpu") == {"CPU": 2}
    assert place.asked_for("gpu") == place.asked_for("gpu-large") == {"GPU": 2}
    assert not place.takes("runway")


def test_slots_are_what_the_cluster_has_room_for(executors: Executors, machines: Any) -> None:
    said = executors.open(slots={"cpu": 3})
    assert said.slots("cpu") == 3
    found = executors.open(slots={}, resources=RENDER)
    assert found.slots("cpu") == 1
    machines(render=4)
    _wait(lambda: executors.open(slots={}, resources=RENDER).slots("cpu") == 4)
    _wait(lambda: found.slots("cpu") == 4)  # also for who asked before it grew


def test_spending_on_a_machine_is_refused(executors: Executors, tmp_path: Path) -> None:
    """A target that does not say that it costs something, and buys all the same."""
    studio = Studio(tmp_path, executors.open())
    target = makers.Buyer("veo")
    with pytest.raises(TargetError, match="nothing is bought on a machine of the cluster"):
        studio.executor.make(Maker(target.make, "cpu", "veo"), studio.action())


def test_nothing_is_left_behind(executors: Executors, tmp_path: Path) -> None:
    from fvbuild.executors.shelf import _root

    others = set(_root().iterdir()) if _root().exists() else set()
    studio = Studio(tmp_path, executors.open(share=False))
    _made(studio, makers.describe, "s/a/anchor", text="some text")
    assert set(_root().iterdir()) - others
    studio.executor.close()
    assert not set(_root().iterdir()) - others
    assert not list(tmp_path.glob("home-*"))


def test_nothing_is_told_to_anyone(executors: Executors) -> None:
    executors.open().slots("cpu")
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_who_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    executor = ray_executor.RayExecutor(
        RayPlace("127.0.0.1:1"), lambda _name, _kind: None, lambda: tmp_path
    )
    began_s = time.monotonic()
    with pytest.raises(ExecutorError, match=r"the Ray cluster at 127\.0\.0\.1:1 cannot be reached"):
        executor.slots("cpu")
    assert time.monotonic() - began_s < 5
    executor.close()
    assert obstacle(RayPlace("127.0.0.1:1")) is not None
