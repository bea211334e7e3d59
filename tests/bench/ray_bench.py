"""The executor on Ray beside the local one and beside Ray itself, on a test cluster here.

    python tests/bench/ray_bench.py                  # overhead, then a sketch film of 400 shots
    python tests/bench/ray_bench.py --part overhead
    python tests/bench/ray_bench.py --part film --shots 40

Each test machine is a Ray node with one processor, pinned to one core, so that two of them are two
cores. The build itself and Ray's head have no core of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fvbuild.engine.action import Action, InputFile, Made, Outcome
from fvbuild.engine.digest import content
from fvbuild.engine.executor import Maker
from fvbuild.executors.place import RayPlace
from fvbuild.executors.ray_executor import RayExecutor
from fvbuild.project import BuildOptions, Project

TURNS = 200
SIZE_BYTES = 50_000
SECONDS = 0.25


def nothing(_action: Action) -> Outcome:
    """A maker that does nothing."""
    return Outcome((Made("text/plain", text="x"),))


def small(action: Action) -> Outcome:
    """A maker that reads a file, and writes one of the same size."""
    (given,) = action.inputs["source"]
    assert given.path is not None
    path = action.folder / "made"
    path.write_bytes(given.path.read_bytes()[::-1])
    return Outcome((Made("application/x-small", path),))


def waits(_action: Action) -> Outcome:
    """A maker that takes its time, and no processor."""
    time.sleep(SECONDS)
    return Outcome((Made("text/plain", text="x"),))


@contextmanager
def machines(count: int) -> Iterator[str]:
    """A cluster of so many machines of one core each; its address."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    cores = sorted(os.sched_getaffinity(0))
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
    )
    try:
        for number in range(count):
            os.sched_setaffinity(0, {cores[number % len(cores)]})
            cluster.add_node(num_cpus=1, object_store_memory=256 << 20)
        os.sched_setaffinity(0, set(cores))
        yield cluster.address
    finally:
        os.sched_setaffinity(0, set(cores))
        import ray

        ray.shutdown()
        cluster.shutdown()


def _turn_s() -> float:
    """Seconds of ten million empty turns: how busy the machine is."""
    began_s = time.perf_counter()
    for _ in range(10_000_000):
        pass
    return time.perf_counter() - began_s


def _processor_s() -> float:
    """Seconds of processor that this process and all that it started have had: also on a busy
    machine they say what something costs."""
    ticks, parents = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            # Of itself, and of those it started and waited for.
            ticks[folder.name] = sum(map(int, fields[11:15]))
            parents[folder.name] = fields[1]

    def ours(process: str) -> bool:
        while process not in ("0", "1", str(os.getpid())):
            process = parents.get(process, "0")
        return process == str(os.getpid())

    return sum(spent for name, spent in ticks.items() if ours(name)) / os.sysconf("SC_CLK_TCK")


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}, loop {_turn_s():.2f} s"


def _median_ms(what: Any) -> float:
    what()
    taken = []
    for _ in range(TURNS):
        began_s = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began_s)
    return statistics.median(taken) * 1e3


def overhead(folder: Path) -> None:
    """A node beside Ray's own empty task, one after the other, on one machine."""
    import ray_bench  # by the name that other processes know it by

    data = os.urandom(SIZE_BYTES)
    source = folder / "source"
    source.write_bytes(data)
    given = InputFile("source", content(data), source, "application/x-small")
    with machines(1) as address:
        executors = {}
        for way, share in (("shared folders", True), ("files sent", False)):
            home = folder / way
            home.mkdir()
            place = RayPlace(address, resources={"cpu": {"CPU": 0.3}}, share=share)
            executors[way] = _executor(place, home)
            executors[way].slots("cpu")
        import ray

        empty = ray.remote(_empty).options(num_cpus=0.3)
        print(_load())
        task_ms = _median_ms(lambda: ray.get(empty.remote()))
        print(f"Ray's empty task: {task_ms:.2f} ms")
        work = folder / "work"
        work.mkdir()
        for way, executor in executors.items():
            for name in ("nothing", "small"):
                inputs = {} if name == "nothing" else {"source": (given,)}
                maker = Maker(getattr(ray_bench, name))
                action = Action("s/a/anchor", "anchor", {}, inputs, work)
                ms = _median_ms(lambda e=executor, m=maker, a=action: e.make(m, a))
                print(f"a node that makes {name}, {way}: {ms:.2f} ms, {ms - task_ms:+.2f}")
            executor.close()
        print(_load())


def _empty() -> None:
    return None


def _executor(place: RayPlace, home: Path) -> RayExecutor:
    return RayExecutor(place, lambda _name, _kind: None, lambda: home)


def film_of(folder: Path, shots: int, workspace: str) -> Path:
    """A sketch film of shots of a quarter of a second."""
    folder.mkdir(parents=True)
    told = [
        {"id": f"a{n}", "action": f"somebody walks to door {n}", "duration": "6f", "size": "wide"}
        for n in range(shots)
    ]
    film = {"film": {"title": "Bench", "size": "320x180", "fps": 24}, "shots": told}
    (folder / "film.yaml").write_text(json.dumps(film))
    (folder / "fvbuild.yaml").write_text(workspace)
    return folder


def _built(folder: Path, jobs: int) -> tuple[float, float, int]:
    """Seconds, seconds of processor, and the number of nodes."""
    project = Project.open(folder)
    began_s, before_s = time.perf_counter(), _processor_s()
    seen, ended = [before_s], threading.Event()

    def look() -> None:
        # What workers have had is not to be seen once they are ended.
        while not ended.wait(0.2):
            seen.append(_processor_s())

    looking = threading.Thread(target=look)
    looking.start()
    report = project.build((), BuildOptions(jobs=jobs))
    ended.set()
    looking.join()
    taken_s, spent_s = time.perf_counter() - began_s, max(*seen, _processor_s()) - before_s
    assert project.exit_code(report) == 0, [r.message for r in report.results if r.message][:3]
    return taken_s, spent_s, len(report.results)


def films(folder: Path, shots: int) -> None:
    """The film by the local executor, by one test machine, and by two."""
    taken = {}
    for name, jobs in (("local, one slot", 1), ("local, two slots", 2)):
        print(_load())
        place = film_of(folder / name, shots, f"pools: {{cpu: {jobs}}}\n")
        taken[name], spent_s, count = _built(place, jobs)
        print(f"{name}: {taken[name]:.1f} s, {spent_s:.1f} s of processor, {count} nodes")
        shutil.rmtree(place)
    for name, number in (("one machine", 1), ("two machines", 2)):
        print(_load())
        with machines(number) as address:
            said = f"executor: {{ray: {{address: '{address}'}}}}\n"
            place = film_of(folder / name, shots, said)
            taken[name], spent_s, _ = _built(place, 2)
        print(f"Ray, {name}: {taken[name]:.1f} s, {spent_s:.1f} s of processor")
        shutil.rmtree(place)
    print(f"two machines are {taken['one machine'] / taken['two machines']:.2f} times one")
    ratio = taken["two machines"] / taken["local, two slots"]
    print(f"two machines take {ratio:.2f} of what two slots here take")


def scaling(folder: Path) -> None:
    """Two machines beside one where making takes no processor: what spreading itself costs."""
    import ray_bench

    taken = {}
    for number in (1, 2):
        with machines(number) as address:
            home = folder / f"home-{number}"
            work = folder / f"work-{number}"
            home.mkdir()
            work.mkdir()
            executor = _executor(RayPlace(address), home)
            slots = executor.slots("cpu") or 1
            make = partial(
                executor.make,
                Maker(ray_bench.waits),
                Action("s/a/anchor", "anchor", {}, {}, work),
            )
            with ThreadPoolExecutor(slots) as threads:
                for makes in (slots * 2, 80):
                    began_s = time.perf_counter()
                    made = [threads.submit(make) for _ in range(makes)]
                    assert all(each.result().outputs for each in made)
                    taken[number] = time.perf_counter() - began_s
            executor.close()
    print(f"80 takes of {SECONDS} s that need no processor: {taken[1]:.1f} s on one machine, "
          f"{taken[2]:.1f} s on two: {taken[1] / taken[2]:.2f} times")  # fmt: skip


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=("overhead", "scaling", "film", "all"), default="all")
    parser.add_argument("--shots", type=int, default=400)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fvbuild-bench-") as name:
        folder = Path(name)
        if asked.part in ("overhead", "all"):
            overhead(folder)
        if asked.part in ("scaling", "all"):
            scaling(folder)
        if asked.part in ("film", "all"):
            films(folder, asked.shots)


if __name__ == "__main__":
    main()
