"""One worker process as the build sees it: started when needed, asked, stopped, and outlived."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import IO, Any

from fvbuild.errors import Interrupted, TargetError, UnavailableError
from fvbuild.targets.diffusers.devices import SILENCE_S
from fvbuild.targets.diffusers.worker import messages
from fvbuild.targets.diffusers.worker.messages import ModelSpec, Work

_STOP_WAIT_S = 5.0
_TAIL_BYTES = 4000
_LISTEN_S = 0.1
_LAST_WORDS_S = 2.0


class WorkerError(TargetError):
    """A worker could not do what it was asked; ``word`` is one of :mod:`worker.messages`."""

    def __init__(self, word: str, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.word = word


class WorkerProcess:
    """A child process that holds models on some devices. One request at a time.

    ``ranks`` above 1: it is the first of a group of processes, one a device, that compute together.
    """

    def __init__(
        self,
        devices: tuple[int | str, ...],
        environment: Mapping[str, str],
        silence_s: float = SILENCE_S,
        ranks: int = 1,
    ) -> None:
        self.devices = devices
        self.ranks = ranks
        self._silence_s = silence_s
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self.described: Mapping[str, Any] = {}
        self.loaded: dict[str, None] = {}
        """Models it worked with, as :attr:`ModelSpec.read_as` has them, the last one last. It may
        have had to give up some of them."""

    @property
    def holds(self) -> str | None:
        """The model it worked with last, or None."""
        return next(reversed(self.loaded), None)

    def ask(
        self,
        work: Work,
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
        ahead: Sequence[Work] = (),
    ) -> Mapping[str, Any]:
        """Have a take made; what is told of it. Starts the process where there is none.

        ``ahead`` will be asked for next, by the same model.

        Raises WorkerError, Interrupted when cancelled, and UnavailableError when the process died
        or said nothing for too long.
        """
        self.start()
        self.loaded.pop(work.model.read_as, None)
        self.loaded[work.model.read_as] = None
        request = {"do": "make", "work": asdict(work), "ahead": [asdict(a) for a in ahead]}
        return dict(self._asked(request, progress, cancelled)["made"])

    def load(self, model: ModelSpec) -> Mapping[str, Any]:
        """Have a model read into main memory, for later; what is told of it. Raises as ``ask``."""
        self._running()
        request = {"do": "load", "model": asdict(model)}
        return dict(self._asked(request, lambda _done, _note: None, lambda: False)["loaded"])

    def describe(self) -> Mapping[str, Any]:
        """The device and its free memory, as it is now. Raises as ``ask``."""
        self._running()
        request = {"do": "describe"}
        told = self._asked(request, lambda _done, _note: None, lambda: False)
        return dict(told["described"])

    def _asked(
        self,
        request: dict[str, Any],
        progress: Callable[[float, str], None],
        cancelled: Callable[[], bool],
    ) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        try:
            messages.send(process.stdin, request)
        except OSError:
            raise self._died() from None
        watch = _Watch(process, cancelled, self._silence_s)

        def heard(done: float, note: str) -> None:
            watch.heard()
            progress(done, note)

        try:
            answer = self._answer(process, heard)
        finally:
            watch.end()
        if answer is None:
            died = self._died()
            if watch.stopped:
                raise Interrupted("stopped")
            raise self._silent() if watch.weary else died
        if "error" not in answer:
            return answer
        if answer["error"] == messages.OUT_OF_MEMORY or answer.get("ended"):
            self.stop()
        if answer["error"] == messages.CANCELLED:
            raise Interrupted("stopped")
        raise WorkerError(answer["error"], str(answer["message"]), answer.get("hint"))

    def start(self) -> None:
        """Have the process there, so that ``described`` tells of its device."""
        self._running()
        if not self.described:
            self.described = self.describe()

    def stop(self) -> None:
        """End the process, which is the only sure way to have all its memory back."""
        process, self._process = self._process, None
        self.loaded.clear()
        if process is None:
            return
        assert process.stdin is not None
        try:
            process.stdin.close()
            process.wait(_STOP_WAIT_S)
        except (OSError, subprocess.TimeoutExpired):
            _kill(process)
            process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        numbers = [str(device) for device in self.devices if device != "cpu"]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", **self._environment}
        if numbers:
            environment["CUDA_VISIBLE_DEVICES"] = ",".join(numbers)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fvbuild.targets.diffusers.worker",
             "--device", "cuda:0" if numbers else "cpu", "--ranks", str(self.ranks)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            # Ctrl-C is for the build, which then tells its workers.
            start_new_session=True,
        )  # fmt: skip
        told = self._answer(self._process, lambda _done, _note: None)
        if told is None or "ready" not in told:
            raise self._died()
        self.described = {}
        return self._process

    def _answer(
        self, process: subprocess.Popen[bytes], progress: Callable[[float, str], None]
    ) -> dict[str, Any] | None:
        """The next message that is no progress; None when the process is gone."""
        assert process.stdout is not None
        for message in messages.received(process.stdout):
            if "progress" not in message:
                return message
            progress(float(message["progress"]), str(message.get("note", "")))
        return None

    def _died(self) -> UnavailableError:
        process, self._process = self._process, None
        self.loaded.clear()
        code = 0
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LAST_WORDS_S)
            _kill(process)  # of a group, others may be there still
            code = process.wait()
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        last = self._last_words()
        return UnavailableError(
            f"the worker on {self._named()} {how}" + (f": {last}" if last else ""),
            hint="the rest of the film is not affected; SIGKILL is mostly a lack of memory",
        )

    def _silent(self) -> UnavailableError:
        return UnavailableError(
            f"the worker on {self._named()} said nothing for {self._silence_s:.0f} s and was ended",
            hint="a device that hangs shows in nvidia-smi; the rest of the film is not affected",
        )

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _TAIL_BYTES))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""

    def _named(self) -> str:
        numbers = ", ".join(str(device) for device in self.devices)
        return "the CPU" if self.devices == ("cpu",) else f"GPU {numbers}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a worker and, of a group, all of its processes: it leads a session of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class _Watch:
    """Tells a worker to stop between two steps once the build is being stopped, and ends it where
    it does not, or where it says nothing for too long."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        cancelled: Callable[[], bool],
        silence_s: float,
    ) -> None:
        self._process = process
        self._cancelled = cancelled
        self._silence_s = silence_s
        self._heard_s = time.monotonic()
        self._done = threading.Event()
        self.stopped = self.weary = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def heard(self) -> None:
        """It said something."""
        self._heard_s = time.monotonic()

    def _run(self) -> None:
        while not self._done.wait(_LISTEN_S):
            if self._cancelled():
                self._stop()
                return
            if time.monotonic() - self._heard_s > self._silence_s:
                self.weary = True
                _kill(self._process)
                return

    def _stop(self) -> None:
        """A step or a load that takes long is not waited for: nothing of it is kept anyway."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            messages.send(self._process.stdin, {"do": "cancel"})
        if not self._done.wait(_STOP_WAIT_S):
            self.stopped = True
            _kill(self._process)

    def end(self) -> None:
        """The answer is there."""
        self._done.set()
        self._thread.join()
