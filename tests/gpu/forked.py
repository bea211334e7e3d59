"""Workers that are forked from the process of the tests, which has PyTorch in it already.

To start one anew takes ten seconds of a processor, and most tests are about what comes after.
Films that are built by the command line, and some tests here, start theirs as users do.
"""

from __future__ import annotations

import gc
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

_WORKER = "fvbuild.targets.diffusers.worker"
_LISTED = "FVBUILD_TEST_WORKERS"
_LAST_DESCRIPTOR = 4096
_LOOK_S = 0.01


class Forked:
    """As much of :class:`subprocess.Popen` as workers are started with."""

    def __init__(
        self,
        args: Sequence[str],
        *,
        stdin: int,
        stdout: int,
        stderr: Any = None,
        env: Mapping[str, str] | None = None,
        start_new_session: bool = False,
    ) -> None:
        assert list(args[1:4]) == ["-P", "-m", _WORKER] and stdin == stdout == subprocess.PIPE
        for name in ("torch.distributed", "diffusers", "transformers"):
            import_module(name)
        hears, ours = os.pipe()
        answers, tells = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            if start_new_session:
                os.setsid()
            errors = 2 if stderr is None else stderr.fileno()
            _become(args[4:], env, (hears, tells, errors))
        os.close(hears)
        os.close(tells)
        self.stdin, self.stdout = open(ours, "wb", 0), open(answers, "rb")  # noqa: SIM115, PTH123
        self.returncode: int | None = None
        self._waiting = threading.Lock()

    def poll(self) -> int | None:
        """How it ended; None while it is there."""
        with self._waiting:
            if self.returncode is None:
                found, status = os.waitpid(self.pid, os.WNOHANG)
                if found:
                    self.returncode = os.waitstatus_to_exitcode(status)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Until it ended; raises TimeoutExpired."""
        began_s = time.monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() - began_s > timeout:
                raise subprocess.TimeoutExpired(_WORKER, timeout)
            time.sleep(_LOOK_S)
        return code

    def kill(self) -> None:
        """End it, where it is there."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Subprocess:
    """The module, whose workers are forked."""

    Popen = Forked

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)


def _become(
    words: Sequence[str], environment: Mapping[str, str] | None, streams: tuple[int, int, int]
) -> NoReturn:
    """Be the worker, with nothing of the tests that would show."""
    # What the tests left lying about must not be cleared away here: the numbers of its files are
    # those of others by then.
    gc.freeze()
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for stream, given in enumerate(streams):
            os.dup2(given, stream)
        os.closerange(3, _LAST_DESCRIPTOR)
        # A worker forks others in turn: their own files must not be closed with those before.
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        if environment is not None:
            os.environ.clear()
            os.environ.update(environment)
        import_module("huggingface_hub.constants").__dict__["HF_HUB_OFFLINE"] = True
        if listed := os.environ.get(_LISTED):
            (Path(listed) / str(os.getpid())).write_text(os.environ.get("FVBUILD_TEST_FAULT", ""))
        sys.argv = [_WORKER, *words]
        _be_fresh()
        runpy.run_module(_WORKER, run_name="__main__")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _be_fresh() -> None:
    """The worker's own modules are read anew, and what is to go wrong in them is seen to."""
    for name in [name for name in sys.modules if name.startswith(_WORKER)]:
        del sys.modules[name]
    import_module(f"{_WORKER}.group").__dict__["subprocess"] = Subprocess()
    for folder in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
        fault = Path(folder) / "sitecustomize.py"
        if fault.is_file():
            runpy.run_path(str(fault))


def listed(folder: Path, tag: str) -> list[int]:
    """The forked workers that are there, whose fault holds a tag."""
    found = []
    for entry in folder.iterdir():
        try:
            state = Path(f"/proc/{entry.name}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX" and tag in entry.read_text():
            found.append(int(entry.name))
    return found
