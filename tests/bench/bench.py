"""Measures the program as its users feel it: whole processes, as ratios within one run.

    python tests/bench/bench.py                 # everything, at 10,000 shots
    python tests/bench/bench.py --shots 1000 --only no-op,edit

Run by hand on a quiet machine; prints a Markdown table. ``ninja`` is compared with where it is
installed. Everything is written under ``--folder``. Between the measures a loop is timed, whose
seconds say how quick the machine was just then.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from make_film import edit_one_word, write_film

PROJECTS = Path(__file__).parents[2] / "projects"
FVBUILD = (str(Path(sys.executable).with_name("fvbuild")),)
_REPEATS = 7
_LOOPS = 10**7
# As users have it: a program whose bytecode is never kept is compiled at every start.
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


class Cost(NamedTuple):
    """What one process took: seconds of wall clock and of processor, and its peak memory."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    bound: str


def run(command: Sequence[str], folder: Path | None = None, *, fails: bool = False) -> Cost:
    """Run a command to its end and say what it cost; raise when it fails and should not."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=said, env=_ENVIRONMENT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - start
        if process.returncode and not fails:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)}: {process.returncode}\n{said.read().decode()}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


_SMALL = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def peak_mb(*command: str) -> float:
    """The peak memory of a command that is begun by a small process: Linux counts what the one
    that began it had as the new one's own, and this one has grown."""
    told = subprocess.run(
        [sys.executable, "-S", "-c", _SMALL, *command],
        stdout=subprocess.PIPE, check=True, env=_ENVIRONMENT,
    )  # fmt: skip
    return float(told.stdout)


def in_turn(*measures: Callable[[], Cost], repeats: int = _REPEATS) -> list[Cost]:
    """Medians of measures taken in turn, so that a busy moment of the machine hits all alike."""
    taken: list[list[Cost]] = [[] for _ in measures]
    for _ in range(repeats):
        for costs, measure in zip(taken, measures, strict=True):
            costs.append(measure())
    return [
        Cost(*(statistics.median(column) for column in zip(*costs, strict=True))) for costs in taken
    ]


def loop_s() -> float:
    """How long ten million turns of an empty loop take, as a measure of the machine."""
    start_s = time.perf_counter()
    for _ in range(_LOOPS):
        pass
    return time.perf_counter() - start_s


def fvbuild(folder: Path, *words: str) -> Callable[[], Cost]:
    """A measure of one command on a film."""
    return lambda: run([*FVBUILD, "-f", str(folder), *words])


def start_up(_folder: Path, _shots: int) -> list[Row]:
    """``--version`` beside an empty interpreter."""
    empty, version = in_turn(
        lambda: run([sys.executable, "-c", "pass"]),
        lambda: run([*FVBUILD, "--version"]),
        repeats=21,
    )
    return [
        Row(
            "`fvbuild --version` / `python -c pass`",
            f"{version.wall_s * 1000:.0f} ms / {empty.wall_s * 1000:.0f} ms = "
            f"{version.wall_s / empty.wall_s:.1f}",
            "3",
        )
    ]


def plan(folder: Path, _shots: int) -> list[Row]:
    """The plan of a film of a dozen shots that nothing was made of yet, and again."""
    film = folder / "last-ferry"

    def anew() -> Cost:
        _copy_project("last-ferry", film)
        return run([*FVBUILD, "-f", str(film), "plan"])

    anew()  # the program's bytecode may have to be written still
    first, again = in_turn(anew, fvbuild(film, "plan"))
    return [
        Row(
            "`plan` of last-ferry: first / again",
            f"{first.wall_s:.2f} s / {again.wall_s:.2f} s "
            f"({first.cpu_s:.2f} s / {again.cpu_s:.2f} s processor)",
            "0.4 s",
        )
    ]


def lighthouse(folder: Path, _shots: int) -> list[Row]:
    """The first film of a new user, from nothing."""
    film = folder / "lighthouse"
    _copy_project("lighthouse", film)
    cost = run([*FVBUILD, "-f", str(film), "build"])
    return [Row("`build` of lighthouse from nothing", f"{cost.wall_s:.1f} s", "8 s")]


def _copy_project(name: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    made = shutil.ignore_patterns("out", "cache", "*.lock")
    shutil.copytree(PROJECTS / name, folder, ignore=made)


def cold(folder: Path, shots: int) -> list[Row]:
    """Everything of a large film, made from nothing by the target that costs nothing."""
    film = _fresh_film(folder / "single", shots)
    cost = run([*FVBUILD, "-f", str(film), "build"])
    count = len(_nodes(film))
    return [
        Row(
            f"cold build, {count} nodes, a node",
            f"{cost.wall_s / count * 1000:.2f} ms ({cost.cpu_s / count * 1000:.2f} ms processor)",
            "1 ms",
        ),
        Row("cold build, peak memory", f"{cost.peak_mb:.0f} MB", "600 MB"),
    ]


def no_op(folder: Path, shots: int) -> list[Row]:
    """A build of a large film with nothing to do, beside ninja on the same graph."""
    film = _built_film(folder / "single", shots)
    measures = [fvbuild(film, "build")]
    ninja = shutil.which("ninja")
    if ninja:
        graph = _as_ninja(film, folder / "ninja")
        run([ninja, "-C", str(graph)])
        measures.append(lambda: run([ninja, "-C", str(graph)]))
    ours, *theirs = in_turn(*measures)
    text = f"{ours.wall_s * 1000:.0f} ms"
    for peer in theirs:
        text += f" / {peer.wall_s * 1000:.0f} ms = {ours.wall_s / peer.wall_s:.2f}"
    return [
        Row("no-op `build` / `ninja` on the same graph", text, "1, aim 0.5"),
        Row(
            "no-op `build`, peak memory",
            f"{peak_mb(*FVBUILD, '-f', str(film), 'build'):.0f} MB",
            "120 MB",
        ),
    ]


def edit(folder: Path, shots: int) -> list[Row]:
    """One word changed in one shot of a large film, and the film built again."""
    rows = []
    for name, split, bound in (("single", False, "1.5 s, aim 0.5 s"), ("split", True, "0.5 s")):
        film = _built_film(folder / name, shots, split=split)
        whole_s, rest_s, cpu_s = [], [], []
        for _ in range(_REPEATS):
            edit_one_word(film)
            # A file changed within the clock's grain is read again by the next build as well.
            time.sleep(0.1)
            start_s = time.time()
            events = folder / "events.jsonl"
            cost = run([*FVBUILD, "-f", str(film), "build", "--events", str(events)])
            cpu_s.append(cost.cpu_s)
            whole_s.append(time.time() - start_s)
            told = [json.loads(line) for line in events.read_text().splitlines()]
            # The shot's last node; by then all of its nodes are durable.
            rest_s += [each["at"] - start_s for each in told if _ended(each, "conform")]
        files = "files by scene" if split else "one file"
        rest, whole = statistics.median(rest_s), statistics.median(whole_s)
        text = (
            f"{rest:.2f} s; with the cut {whole:.2f} s ({statistics.median(cpu_s):.2f} s processor)"
        )
        rows.append(Row(f"one-word edit, {files}, all but the cut", text, bound))
    return rows


def _ended(event: dict[str, object], kind: str) -> bool:
    return (event["event"], event.get("kind")) == ("node_finished", kind)


def _fresh_film(folder: Path, shots: int, *, split: bool = False) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    write_film(folder, shots, split=split)
    return folder


def _built_film(folder: Path, shots: int, *, split: bool = False) -> Path:
    """A film with all its nodes made; one left by a measure before this is built on."""
    if not (folder / "film.yaml").exists():
        _fresh_film(folder, shots, split=split)
    run([*FVBUILD, "-f", str(folder), "build"])
    return folder


def _nodes(film: Path) -> list[dict[str, object]]:
    told = subprocess.run(
        [*FVBUILD, "-f", str(film), "graph", "--format", "json"], capture_output=True, check=True
    )
    nodes: list[dict[str, object]] = json.loads(told.stdout)["nodes"]
    return nodes


def _as_ninja(film: Path, folder: Path) -> Path:
    """The film's graph as a ``build.ninja`` with a file a node and a command that makes it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "film.yaml").touch()
    lines = ["rule make", "  command = : > $out", "  description = $out"]
    for node in _nodes(film):
        needed = node["inputs"]
        assert isinstance(needed, list)
        inputs = sorted({_file(str(each["node"])) for each in needed}) or ["film.yaml"]
        lines.append(f"build {_file(str(node['node']))}: make {' '.join(inputs)}")
    (folder / "build.ninja").write_text("\n".join(lines) + "\n")
    return folder


def _file(node: str) -> str:
    return "made/" + node.replace("/", "--")


MEASURES: dict[str, Callable[[Path, int], list[Row]]] = {
    "start-up": start_up,
    "plan": plan,
    "lighthouse": lighthouse,
    "cold": cold,
    "no-op": no_op,
    "edit": edit,
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure fvbuild.")
    parser.add_argument("--shots", type=int, default=10_000)
    parser.add_argument("--only", default=",".join(MEASURES), help="some of: %(default)s")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "fvbuild-bench"
    )
    asked = parser.parse_args()
    print("| what | measured | loop before / after | bound |\n|---|---|---|---|")
    for name in asked.only.split(","):
        before_s = loop_s()
        rows = MEASURES[name](asked.folder, asked.shots)
        loop = f"{before_s:.2f} s / {loop_s():.2f} s"
        for row in rows:
            print(f"| {row.what} | {row.measured} | {loop} | {row.bound} |", flush=True)


if __name__ == "__main__":
    main()
