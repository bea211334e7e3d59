"""The connection to a Ray cluster: quiet, without a dashboard, and nothing is told to anyone."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.errors import ExecutorError
from fvbuild.executors.place import LOCAL, RayPlace, obstacle, refused, resolved

if TYPE_CHECKING:
    from types import ModuleType

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_SCHEDULER_EVENTS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
"""Set, where the user has not said otherwise, before Ray is imported."""


class _Nothing(list[str]):
    """Folders to import from, as Ray adds them: it stays empty."""

    def extend(self, _folders: Iterable[str]) -> None:
        """Add none."""


_using: list[Cluster] = []
_changing = threading.Lock()


class Cluster:
    """A process's connection. Ray has one for all of a process: the last who uses it ends it, and
    one that was there before stays."""

    def __init__(self, place: RayPlace) -> None:
        """Connect. Raises ExecutorError where that cannot be, with the next step."""
        if (hindered := obstacle(place)) is not None:
            raise hindered
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        import ray

        self.ray: ModuleType = ray
        self._folder: Path | None = None
        self._ours = False
        with _changing:
            if not ray.is_initialized():
                self._connect(place)
                self._ours = True
            elif _using:
                self._ours = _using[-1]._ours
            _using.append(self)
        _hush()

    def _connect(self, place: RayPlace) -> None:
        quiet = {
            "log_to_driver": False,
            "logging_level": logging.CRITICAL,
            "job_config": self._job(),
        }
        address = resolved(place.address) or place.address
        with _signals_kept():
            try:
                if place.address == LOCAL:
                    # Sockets lie in it, whose names may have 100 characters.
                    self._folder = Path(tempfile.mkdtemp(prefix="fvr-", dir="/tmp"))
                    folder = str(self._folder)
                    self.ray.init("local", include_dashboard=False, _temp_dir=folder, **quiet)
                else:
                    self.ray.init(address, **quiet)
            except (RuntimeError, ValueError, OSError, self.ray.exceptions.RayError) as error:
                self._tidy()
                raise refused(place.address, str(error)) from error

    def _job(self) -> Any:
        """A job whose workers import nothing from the folder that the build was called in: that is
        the film's, and its files are no programs."""
        job = self.ray.job_config.JobConfig()
        if not hasattr(job, "_py_driver_sys_path"):
            raise ExecutorError(
                "this Ray cannot be kept from running what lies in a film's folder",
                hint="install the one that fvbuild[ray] names",
            )
        job._py_driver_sys_path = _Nothing()
        return job

    def has(self, resources: Mapping[str, float]) -> int:
        """For how many workers with these resources there is room in all, in use or not."""
        total: Mapping[str, float] = self.ray.cluster_resources()
        counts = [total.get(name, 0) / amount for name, amount in resources.items() if amount]
        return int(min(counts, default=0))

    def hire(self, resources: Mapping[str, float]) -> Any:
        """A worker, which begins once there is room for it. Ray neither restarts it nor repeats
        what it was asked: both are decided here."""
        from fvbuild.executors import door

        # By value: the machine may have no fvbuild, and shall be able to say so.
        self.ray.cloudpickle.register_pickle_by_value(door)
        try:
            actor = self.ray.remote(door.Door)
            others = {name: n for name, n in resources.items() if name not in ("CPU", "GPU")}
            return actor.options(
                num_cpus=resources.get("CPU", 0),
                num_gpus=resources.get("GPU", 0),
                resources=others or None,
                max_restarts=0,
                max_task_retries=0,
                # To be told of a take, and to stop it, must come while it is made.
                max_concurrency=4,
            ).remote()
        finally:
            self.ray.cloudpickle.unregister_pickle_by_value(door)

    def ready(self, references: Sequence[Any], timeout_s: float) -> list[Any]:
        """Those of some answers that are there, or are there in time."""
        if not references:
            return []
        found, _ = self.ray.wait(list(references), num_returns=1, timeout=timeout_s)
        return list(found)

    def dismiss(self, worker: Any) -> None:
        """End a worker, whatever it does."""
        with contextlib.suppress(Exception):  # Ray's errors have no common root; it is gone anyway
            self.ray.kill(worker, no_restart=True)

    def close(self) -> None:
        """Disconnect; a cluster of this machine alone ends."""
        with _changing:
            _using.remove(self)
            if _using:
                # What this one has made for all is the next one's to clear away.
                _using[-1]._folder, self._folder = _using[-1]._folder or self._folder, None
                return
            if self._ours:
                with _signals_kept():
                    self.ray.shutdown()
            self._tidy()

    def _tidy(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _hush() -> None:
    """Ray prints of lost machines to standard output, whatever it was told of logs; what is to be
    known of them is told by progress and errors."""
    from ray._private import worker

    if not hasattr(worker, "_worker_logs_enabled"):
        raise ExecutorError(
            "this Ray cannot be kept from writing among the results",
            hint="install the one that fvbuild[ray] names",
        )
    worker._worker_logs_enabled = False


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray takes over SIGTERM, which is the build's own to hear."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
