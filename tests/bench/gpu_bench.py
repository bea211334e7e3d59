"""Local models: what a worker process costs, and, on a GPU, what memory and speed knobs are worth.

    python tests/bench/gpu_bench.py                 the worker's overhead, on any machine
    python tests/bench/gpu_bench.py --gpu           the rest too; it says so where there is no GPU
    python tests/bench/gpu_bench.py --gpu --width 3072     larger random models than by default
    python tests/bench/gpu_bench.py --dry           the rest on a processor, with tiny models: that
                                                    it runs, and no figures

Needs the extra `gpu`. Models are random, of the real classes, saved here and loaded as real ones
are. The overhead is that of asking a worker for a take, beside calling the same pipeline in this
process and writing the same file, in turn, medians of the clock and of processor seconds; both
loaded it before. One node over several devices is measured where there are several.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

sys.path.insert(0, str(Path(__file__).parents[1] / "gpu"))

from fvbuild.errors import FilmBuildError
from fvbuild.targets.diffusers.family import families
from fvbuild.targets.diffusers.memory import RUNGS, next_rung
from fvbuild.targets.diffusers.spreading import CONTEXT
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work
from fvbuild.targets.diffusers.worker_process import WorkerProcess

_GB = 1e9
Device: TypeAlias = int | str


def still(folder: Path, out: Path, **more: Any) -> Work:
    """A picture by the tiny model of FLUX.1."""
    spec = ModelSpec(str(folder), families()["flux"].pipeline, "flux", "float32")
    work = Work(spec, "anchor", str(out), prompt="a boat on the sea", canvas=(64, 64), steps=2)
    return replace(work, **more)


def clip(folder: Path, out: Path) -> Work:
    """Five seconds by the tiny model of LTX-Video, small enough for a processor."""
    family = families()["ltx"]
    spec = ModelSpec(str(folder), family.pipeline, "ltx", "float32")
    return Work(
        spec, "segment", str(out), prompt="a boat on the sea", canvas=(128, 64), frames=121,
        fps=24, steps=2,
    )  # fmt: skip


def overhead(turns: int) -> None:
    """Print what a worker costs a node, beside the same in one process."""
    import torch
    from tiny_models import save

    from fvbuild.targets.diffusers.worker.calling import pictures_of
    from fvbuild.targets.diffusers.worker.loading import load
    from fvbuild.targets.diffusers.worker.results import kept
    from fvbuild.targets.diffusers.worker.steps import Steps

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        worker = WorkerProcess(("cpu",), {})
        for work in (
            still(save("flux", root), root / "picture.png"),
            clip(save("ltx", root), root / "clip.mp4"),
        ):
            loaded = load(work.model, torch.device("cpu"))

            def directly(work: Work = work, loaded: Any = loaded) -> None:
                steps = Steps(lambda _told: None, threading.Event(), work.steps)
                kept(work, pictures_of(work, loaded, steps))

            def by_worker(work: Work = work) -> None:
                worker.ask(work, lambda _done, _note: None, lambda: False)

            calls = (directly, by_worker)
            counted = in_turn(calls, turns if work.kind == "anchor" else 5)
            for what, (here, there) in zip(("clock", "processor"), counted, strict=True):
                costs = (there - here) * 1000
                print(
                    f"{work.kind:<8} {what:<10} in one process {here * 1000:8.1f} ms   by a worker "
                    f"{there * 1000:8.1f} ms   costs {costs:+7.1f} ms, {costs / here / 10:+.1f} %"
                )
        worker.stop()


def in_turn(calls: tuple[Callable[[], None], ...], turns: int) -> list[list[float]]:
    """The median seconds of each call, made in turn, by the clock and of the processor (this
    process and its children); the first turn is not counted."""
    seconds: list[list[float]] = [[] for _ in calls]
    processor: list[list[float]] = [[] for _ in calls]
    for turn in range(turns + 1):
        for at, call in enumerate(calls):
            began_s, worked_s = time.perf_counter(), _processor_s()
            call()
            if turn:
                seconds[at].append(time.perf_counter() - began_s)
                processor[at].append(_processor_s() - worked_s)
    return [[statistics.median(each) for each in kind] for kind in (seconds, processor)]


def _processor_s() -> float:
    """Seconds that this process and its children have had of the processor."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()
    ticks = 0
    for pid in children:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def large(folder: Path, width: int, layers: int) -> Path:
    """A random FLUX.1 of many more weights, with the tiny encoders: made here, never fetched."""
    import diffusers
    import torch
    from tiny_models import save

    place = folder / f"flux-{width}"
    pipe = diffusers.FluxPipeline.from_pretrained(save("flux", folder))
    heads = width // 128
    with torch.device("cuda"):
        pipe.transformer = diffusers.FluxTransformer2DModel(
            patch_size=1, in_channels=4, num_layers=layers, num_single_layers=2 * layers,
            attention_head_dim=128, num_attention_heads=heads, joint_attention_dim=32,
            pooled_projection_dim=32, axes_dims_rope=(16, 56, 56), guidance_embeds=True,
        ).to(torch.bfloat16)  # fmt: skip
    pipe.save_pretrained(place, safe_serialization=True)
    return place


def knobs(model: Path, out: Path, device: Device) -> Iterator[tuple[str, Work]]:
    """What is measured of one model on a device, by name."""
    side = 64 if device == "cpu" else 256
    work = still(model, out, canvas=(side, side), steps=8)
    bf16 = replace(work.model, dtype="bfloat16")
    rung: str | None = RUNGS[0]
    while rung is not None:
        yield rung, replace(work, model=replace(bf16, placement=rung))
        rung = next_rung(rung, "cpu" if device == "cpu" else "cuda:0")
    yield "float32", work
    yield "fp8", replace(work, model=replace(bf16, quantization="fp8"))
    yield "int8", replace(work, model=replace(bf16, quantization="int8"))
    if device != "cpu" and find_spec("bitsandbytes") is not None:
        yield "nf4", replace(work, model=replace(bf16, quantization="nf4"))
    yield "compile", replace(work, model=replace(bf16, compile=True))
    yield "step cache", replace(work, model=replace(bf16, step_cache=0.1))


def on_device(device: Device, width: int, layers: int) -> None:
    """Print a line a knob: seconds a step and peak memory; whether rungs draw the same."""
    from tiny_models import save

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        model = save("flux", root) if device == "cpu" else large(root, width, layers)
        pictures: dict[str, bytes] = {}
        for knob, work in knobs(model, root / "out.png", device):
            told = twice(WorkerProcess((device,), {}), work, knob)
            if told is None:
                continue
            pictures[knob] = Path(work.out).read_bytes()
            alike = "same" if pictures[knob] == pictures.get(RUNGS[0]) else "other"
            print(f"{knob:<20} {figures(told)}   {alike} pixels", flush=True)
        two_at_once(root, model, device)
        read_beside(root, model, device)
        together(root, model, device)


def twice(worker: WorkerProcess, work: Work, knob: str) -> Mapping[str, Any] | None:
    """A take after another that loads and warms up; what is told of it, or None if it fails."""
    try:
        asked(worker, work)
        return asked(worker, work)
    except FilmBuildError as error:
        print(f"{knob:<20} {error.message[:100]}", flush=True)
        return None
    finally:
        worker.stop()


def figures(told: Mapping[str, Any]) -> str:
    """Seconds a step and the most memory that was used, in words."""
    memory = told.get("peak_bytes", told.get("rss_bytes", 0)) / _GB
    where = "on the device" if "peak_bytes" in told else "of main memory"
    return f"{told['steps_s'] * 1000:8.1f} ms a step   peak {memory:6.2f} GB {where}"


def two_at_once(root: Path, model: Path, device: Device) -> None:
    """Two models by turns in one worker: both stay, so that only the first turn loads."""
    worker = WorkerProcess((device,), {})
    works = [still(model, root / "a.png"), still(second(root), root / "b.png")]
    loads = [asked(worker, work)["loading_s"] for work in (*works, *works)]
    worker.stop()
    print("two models by turns, seconds of loading: " + ", ".join(f"{s:.2f}" for s in loads))


def second(root: Path) -> Path:
    """Another model, which is as tiny as they come."""
    from tiny_models import save

    folder: Path = save("flux", root / "second")
    return folder


def read_beside(root: Path, model: Path, device: Device) -> None:
    """A model that was read into main memory before its turn, beside one that was not."""
    work = still(model, root / "c.png", steps=2)
    for ahead in (False, True):
        worker = WorkerProcess((device,), {})
        worker.start()
        if ahead:
            worker.load(work.model)
        seconds = asked(worker, work)["loading_s"]
        worker.stop()
        print(f"{'read before its turn' if ahead else 'read in its turn':<20} {seconds:8.2f} s")


def together(root: Path, model: Path, device: Device) -> None:
    """One node over two devices (context parallel) beside one device."""
    import torch

    devices: tuple[Device, ...] = ("cpu", "cpu") if device == "cpu" else (0, 1)
    if device != "cpu" and torch.cuda.device_count() < len(devices):
        print("one device here: a node over several is skipped")
        return
    side = 64 if device == "cpu" else 1024
    work = still(model, root / "d.png", canvas=(side, side), steps=8)
    work = replace(work, model=replace(work.model, dtype="bfloat16"))
    split = replace(work, model=replace(work.model, spread=CONTEXT))
    for knob, asks, on in (
        ("one device", work, devices[:1]), ("two devices", split, devices),
    ):  # fmt: skip
        told = twice(WorkerProcess(on, {}, ranks=len(on)), asks, knob)
        if told is not None:
            print(f"{knob:<20} {figures(told)}", flush=True)


def asked(worker: WorkerProcess, work: Work) -> Mapping[str, Any]:
    """One take."""
    return worker.ask(work, lambda _done, _note: None, lambda: False)


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--width", type=int, default=2048, help="of the large model")
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--turns", type=int, default=21)
    given = parser.parse_args()
    import torch

    if given.dry:
        on_device("cpu", given.width, given.layers)
        return 0
    overhead(given.turns)
    if not given.gpu:
        return 0
    if not torch.cuda.is_available():
        print("no GPU here: the ladder, two models, compile, bf16 and fp8 are skipped")
        return 0
    print(torch.cuda.get_device_name(0))
    on_device(0, given.width, given.layers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
