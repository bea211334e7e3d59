"""One request after the other on one device: load what it needs, make, and say how it went."""

from __future__ import annotations

import gc
import os
import resource
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from fvbuild.errors import FilmBuildError
from fvbuild.targets.diffusers.worker import messages
from fvbuild.targets.diffusers.worker.loading import Loaded, load, read, settle
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work, work_from
from fvbuild.targets.diffusers.worker.splitting import join
from fvbuild.targets.diffusers.worker.steps import Cancelled, Steps
from fvbuild.targets.diffusers.worker.variants import for_control, for_masks


class NotFinite(Exception):
    """What came out is not a picture: NaN, infinite, or one colour throughout."""


class Bench:
    """Keeps models on a device while they fit, the one used last the longest."""

    def __init__(
        self,
        device: str,
        say: Callable[[dict[str, Any]], None],
        cancel: threading.Event,
        rank: int = 0,
        ranks: int = 1,
        meeting: Path | None = None,
    ) -> None:
        """``rank`` of ``ranks`` processes that meet by a file and make the same take; the first
        keeps it and says how far it is."""
        self._device = torch.device(device)
        self._say = say if rank == 0 else lambda _message: None
        self._cancel = cancel
        self._rank, self._ranks, self._meeting = rank, ranks, meeting
        self._joined = False
        self._loaded: dict[str, Loaded] = {}
        self._read: tuple[str, Loaded, str] | None = None

    def versions(self) -> dict[str, Any]:
        """What belongs into provenance. Touches no device."""
        import diffusers
        import transformers

        return {
            "device": str(self._device),
            "torch": torch.__version__,
            "diffusers": diffusers.__version__,
            "transformers": transformers.__version__,
            "pid": os.getpid(),
            **({"devices": self._ranks} if self._ranks > 1 else {}),
        }

    def described(self) -> dict[str, Any]:
        """The device, its free memory, and versions."""
        told = self.versions()
        if self._device.type == "cuda":
            free, total = torch.cuda.mem_get_info(self._device)
            told |= {
                "name": torch.cuda.get_device_name(self._device),
                "free_bytes": free,
                "total_bytes": total,
            }
        return told

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carry out a request; whatever goes wrong is told, and the process lives on if it can."""
        began_s = time.perf_counter()
        try:
            if request["do"] == "describe":
                return {"described": self.described()}
            if request["do"] == "load":
                return {"loaded": self._ahead(ModelSpec(**request["model"]), began_s)}
            self._join()
            work = work_from(request["work"])
            ahead = [work_from(each) for each in request.get("ahead", ())]
            loaded = self._model(work.model)
            loading_s = time.perf_counter() - began_s
            facts = self._made(work, loaded, ahead)
            return {"made": {**facts, "loading_s": round(loading_s, 3), **self._memory()}}
        except Cancelled:
            return {"error": messages.CANCELLED, "message": "stopped between two steps"}
        except torch.OutOfMemoryError as error:
            return {"error": messages.OUT_OF_MEMORY, "message": str(error).splitlines()[0]}
        except NotFinite as error:
            return {"error": messages.NOT_FINITE, "message": str(error)}
        except FilmBuildError as error:
            return {"error": messages.FAILED, "message": error.message, "hint": error.hint}
        except Exception as error:  # a library's fault is this node's, not the build's
            return {"error": _word(error), "message": f"{type(error).__name__}: {error}"}

    def _made(self, work: Work, loaded: Loaded, ahead: Sequence[Work]) -> dict[str, Any]:
        steps = Steps(self._say, self._cancel, work.steps)
        if loaded.family.makes == "text":
            from fvbuild.targets.diffusers.worker.chatting import written

            return written(work, loaded, steps)
        if loaded.family.makes == "upscale":
            from fvbuild.targets.diffusers.worker.upscaling import upscaled

            return upscaled(work, loaded, steps)
        from fvbuild.targets.diffusers.worker.calling import pictures_of
        from fvbuild.targets.diffusers.worker.results import check, kept

        if "mask" in work.pictures:
            loaded = for_masks(loaded, work.model, self._device)
        elif "control" in work.pictures:
            loaded = for_control(loaded, work.model, self._device)
        pixels = pictures_of(work, loaded, steps, ahead)
        fault = check(pixels)
        if fault is not None:
            raise NotFinite(fault)
        if self._rank:
            return {}
        return {**kept(work, pixels), "steps_s": steps.seconds_each()}

    def _join(self) -> None:
        if self._meeting is not None and not self._joined:
            join(self._meeting, self._rank, self._ranks, self._device)
            self._joined = True

    def _ahead(self, spec: ModelSpec, began_s: float) -> dict[str, Any]:
        """Read a model into main memory, for later. If memory runs short meanwhile, the system is
        to end this process, and none that works."""
        before = _expendable()
        self._read = (spec.read_as, read(spec), before)
        return {"loading_s": round(time.perf_counter() - began_s, 3), "rss_bytes": _rss_bytes()}

    def _model(self, spec: ModelSpec) -> Loaded:
        key = spec.resident_as
        if key in self._loaded:
            self._loaded[key] = self._loaded.pop(key)
            return self._loaded[key]
        while self._loaded and not self._fits(spec):
            self._unload(next(iter(self._loaded)))
        there, self._read = self._read, None
        if there is not None:
            _expendable(there[2])
        if there is not None and there[0] == spec.read_as:
            self._say({"progress": 0.0, "note": "the model moves to its device"})
            self._loaded[key] = settle(there[1], spec, self._device)
        else:
            self._say({"progress": 0.0, "note": "loading the model"})
            self._loaded[key] = load(spec, self._device)
        return self._loaded[key]

    def _fits(self, spec: ModelSpec) -> bool:
        """Whether a further model goes beside those that are there."""
        from fvbuild.targets.diffusers.memory import size_on_disk_bytes

        if self._device.type != "cuda":
            return len(self._loaded) < _KEPT_ON_CPU
        free, _total = torch.cuda.mem_get_info(self._device)
        return bool(free > size_on_disk_bytes(spec.folder) * _ROOM)

    def _unload(self, key: str) -> None:
        self._loaded.pop(key)
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _memory(self) -> dict[str, Any]:
        if self._device.type != "cuda":
            return {"rss_bytes": _rss_bytes()}
        peak = torch.cuda.max_memory_allocated(self._device)
        torch.cuda.reset_peak_memory_stats(self._device)
        return {"peak_bytes": peak}


def _expendable(score: str = "1000") -> str:
    """Tell Linux how gladly to end this process where memory runs short; what it was before."""
    file = Path("/proc/self/oom_score_adj")
    try:
        before = file.read_text("ascii")
        file.write_text(score, "ascii")
    except OSError:
        return "0"
    return before


def _rss_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


_KEPT_ON_CPU = 4
_ROOM = 1.5
"""Beside its weights a model needs room to work in."""


def _word(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return messages.OUT_OF_MEMORY
    if isinstance(error, FileNotFoundError):
        return messages.MODEL_ABSENT
    return messages.FAILED
